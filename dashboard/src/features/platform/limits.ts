/** What an organisation may have, as it is written in a form: nothing means without a limit. */
import type { Operation, Params } from "@/api/operations";
import type { PlatformOrganisation } from "@/api/types";
import { formatCount, plural } from "@/lib/format";

type Limits = NonNullable<Params<Extract<Operation, "platform_organisation_update">>["body"]["limits"]>;
export type LimitName = keyof Limits;

export interface LimitField {
  name: LimitName;
  label: string;
  min: number;
  max: number;
  /** What a limit means for one that has more already, or what is without it. */
  hint: (organisation: PlatformOrganisation | undefined) => string;
}

/** The bounds of each are the server's. */
export const LIMITS: LimitField[] = [
  {
    name: "agents_max",
    label: "Machines",
    min: 0,
    max: 1_000_000,
    hint: (organisation) =>
      `Empty: no limit.${organisation ? ` It has ${formatCount(organisation.agent_count)}; none is taken away.` : ""}`,
  },
  {
    name: "users_max",
    label: "People",
    min: 1,
    max: 100_000,
    hint: (organisation) =>
      `Empty: no limit.${organisation ? ` It has ${formatCount(organisation.user_count)}; nobody is sent away.` : ""}`,
  },
  {
    name: "retention_days_max",
    label: "Days for which measurements are kept",
    min: 2,
    max: 4_000,
    hint: (organisation) =>
      `Empty: as long as this server keeps them.${organisation ? " What is older is deleted within an hour." : ""}`,
  },
];

export type LimitTexts = Record<LimitName, string>;

export function textsOf(organisation?: PlatformOrganisation): LimitTexts {
  const text = (name: LimitName) => organisation?.[name]?.toString() ?? "";
  return {
    agents_max: text("agents_max"),
    users_max: text("users_max"),
    retention_days_max: text("retention_days_max"),
  };
}

const parsed = (text: string): number | null => (text.trim() === "" ? null : Number(text));

/** What is wrong with the text of a limit. */
export function wrongIn({ min, max }: LimitField, text: string): string | undefined {
  const limit = parsed(text);
  if (limit === null || (Number.isInteger(limit) && limit >= min && limit <= max)) return undefined;
  return `Between ${formatCount(min)} and ${formatCount(max)}, or nothing for no limit.`;
}

/** All of them: the server takes one that is absent as none. */
export const limitsOf = (texts: LimitTexts): Limits => ({
  agents_max: parsed(texts.agents_max),
  users_max: parsed(texts.users_max),
  retention_days_max: parsed(texts.retention_days_max),
});

export const daysWords = (days: number | null | undefined): string =>
  days ? `${plural(days, "day")} at most` : "No limit";
