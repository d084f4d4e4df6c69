/**
 * The timing of a schedule as people choose it, and as text: what of crates/server/src/features/schedules/timing has fields
 * of its own. Any other text stays a text.
 */

export const RHYTHM_WORD = {
  hourly: "Every hour",
  daily: "Every day",
  weekly: "On certain weekdays",
  nth: "On one weekday of the month",
  monthly: "On one day of the month",
  advanced: "Advanced: as a text",
} as const;
export type Rhythm = keyof typeof RHYTHM_WORD;
export const RHYTHMS = Object.keys(RHYTHM_WORD) as Rhythm[];

export interface Clock {
  rhythm: Rhythm;
  /** Of every hour. */
  minute: string;
  /** "03:00" */
  time: string;
  /** Numbers of the weekdays, 0 is Sunday. */
  weekdays: number[];
  /** "1" to "5", or "last". */
  nth: string;
  weekday: number;
  /** Days after that weekday. */
  plus: number;
  /** "1" to "31", or "L" for the last. */
  day: string;
  text: string;
}

export const WEEKDAY_WORD = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"] as const;
/** As a week is read. */
export const WEEK = [1, 2, 3, 4, 5, 6, 0] as const;
export const NTH_WORD = {
  "1": "First",
  "2": "Second",
  "3": "Third",
  "4": "Fourth",
  "5": "Fifth",
  last: "Last",
} as const;
export const PLUS_MAX = 20;
export const LAST_DAY = "L";

const WEEKDAYS: readonly (string | undefined)[] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const MACROS: Record<string, string> = {
  "@hourly": "0 * * * *",
  "@daily": "0 0 * * *",
  "@weekly": "0 0 * * sun",
  "@monthly": "0 0 1 * *",
};

export const NEW_CLOCK: Clock = {
  rhythm: "daily",
  minute: "0",
  time: "03:00",
  weekdays: [1, 2, 3, 4, 5],
  nth: "2",
  weekday: 2,
  plus: 0,
  day: "1",
  text: "",
};

const numberOf = (text: string | undefined, least: number, most: number): number | undefined => {
  const value = /^\d{1,2}$/.test(text ?? "") ? Number(text) : Number.NaN;
  return value >= least && value <= most ? value : undefined;
};

const pad = (value: number): string => String(value).padStart(2, "0");

interface TimeOfDay {
  hour: number;
  minute: number;
}

/** "03:00" → 3 and 0. */
export function timeOf(text: string): TimeOfDay | undefined {
  const [hours, minutes, ...rest] = text.trim().split(":");
  const hour = numberOf(hours, 0, 23);
  const minute = minutes?.length === 2 ? numberOf(minutes, 0, 59) : undefined;
  return hour === undefined || minute === undefined || rest.length > 0 ? undefined : { hour, minute };
}

/** The timing as a text, or nothing while what was chosen is none. */
export function timingOf(clock: Clock): string | undefined {
  if (clock.rhythm === "advanced") return clock.text.trim() || undefined;
  if (clock.rhythm === "hourly") {
    const minute = numberOf(clock.minute.trim(), 0, 59);
    return minute === undefined ? undefined : `${minute} * * * *`;
  }
  const time = timeOf(clock.time);
  if (!time) return undefined;
  const at = `${time.minute} ${time.hour}`;
  if (clock.rhythm === "daily") return `${at} * * *`;
  if (clock.rhythm === "monthly") return `${at} ${clock.day} * *`;
  if (clock.rhythm === "nth") {
    return `nth ${clock.nth} ${WEEKDAYS[clock.weekday]} ${pad(time.hour)}:${pad(time.minute)} +${clock.plus}`;
  }
  const days = clock.weekdays.toSorted((one, other) => one - other).map((day) => WEEKDAYS[day]);
  return days.length > 0 ? `${at} * * ${days.join(",")}` : undefined;
}

/** What a text says, as far as there are fields for it. */
export function clockOf(text: string): Clock {
  const words = (MACROS[text.trim().toLowerCase()] ?? text).trim().toLowerCase().split(/\s+/);
  const read = words[0] === "nth" ? readNth(words.slice(1)) : readFields(words);
  return { ...NEW_CLOCK, ...(read ?? { rhythm: "advanced" }), text };
}

type Read = Partial<Clock> & Pick<Clock, "rhythm">;

function readNth([nth, name, at, plus = "+0", ...rest]: string[]): Read | undefined {
  const weekday = weekdayOf(name);
  const time = timeOf(at ?? "");
  const days = plus.startsWith("+") ? numberOf(plus.slice(1), 0, PLUS_MAX) : undefined;
  if (!isNth(nth) || weekday === undefined || !time || days === undefined || rest.length > 0) return undefined;
  return { rhythm: "nth", nth, weekday, plus: days, time: textOf(time) };
}

function readFields([minutes, hours, day, month, weekday, ...rest]: string[]): Read | undefined {
  const minute = numberOf(minutes, 0, 59);
  if (minute === undefined || month !== "*" || weekday === undefined || rest.length > 0) return undefined;
  const isAnyDay = day === "*" && weekday === "*";
  if (hours === "*") return isAnyDay ? { rhythm: "hourly", minute: String(minute) } : undefined;
  const hour = numberOf(hours, 0, 23);
  if (hour === undefined) return undefined;
  const time = textOf({ hour, minute });
  if (isAnyDay) return { rhythm: "daily", time };
  if (weekday === "*") {
    const one = day === "l" ? LAST_DAY : numberOf(day, 1, 31);
    return one === undefined ? undefined : { rhythm: "monthly", day: String(one), time };
  }
  return day === "*" ? readWeekdays(weekday, time) : undefined;
}

/** "tue#2" is one of the month, "mon-fri" and "sat,sun" are days of every week. */
function readWeekdays(field: string, time: string): Read | undefined {
  const [name, week, ...rest] = field.split("#");
  if (week !== undefined) {
    const weekday = weekdayOf(name);
    const nth = week === "l" ? "last" : week;
    if (weekday === undefined || !isNth(nth) || rest.length > 0) return undefined;
    return { rhythm: "nth", nth, weekday, plus: 0, time };
  }
  const days = field.split(",").map(daysOf);
  if (days.includes(undefined)) return undefined;
  const weekdays = WEEK.filter((day) => days.some((some) => some?.includes(day)));
  return { rhythm: "weekly", weekdays, time };
}

/** "mon" and "fri-mon", which ends in the next week. */
function daysOf(part: string): number[] | undefined {
  if (part === "0-7") return [...WEEK];
  const [from, to = from, ...rest] = part.split("-");
  const [first, last] = [weekdayOf(from), weekdayOf(to)];
  if (first === undefined || last === undefined || rest.length > 0) return undefined;
  return Array.from({ length: ((last - first + 7) % 7) + 1 }, (_, index) => (first + index) % 7);
}

function weekdayOf(name: string | undefined): number | undefined {
  const index = name ? WEEKDAYS.indexOf(name) : -1;
  const number = index >= 0 ? index : numberOf(name, 0, 7);
  return number === undefined ? undefined : number % 7;
}

const isNth = (text: string | undefined): text is string => text !== undefined && Object.hasOwn(NTH_WORD, text);
const textOf = ({ hour, minute }: TimeOfDay): string => `${pad(hour)}:${pad(minute)}`;
