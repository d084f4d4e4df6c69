/** Time zones by their names, as the browser knows them. */

/** Some browsers still say names that were given up long ago, under which nobody looks for them. */
const RENAMED: Record<string, string> = {
  "Africa/Asmera": "Africa/Asmara",
  "America/Buenos_Aires": "America/Argentina/Buenos_Aires",
  "America/Catamarca": "America/Argentina/Catamarca",
  "America/Coral_Harbour": "America/Atikokan",
  "America/Cordoba": "America/Argentina/Cordoba",
  "America/Godthab": "America/Nuuk",
  "America/Indianapolis": "America/Indiana/Indianapolis",
  "America/Jujuy": "America/Argentina/Jujuy",
  "America/Louisville": "America/Kentucky/Louisville",
  "America/Mendoza": "America/Argentina/Mendoza",
  "Asia/Calcutta": "Asia/Kolkata",
  "Asia/Katmandu": "Asia/Kathmandu",
  "Asia/Rangoon": "Asia/Yangon",
  "Asia/Saigon": "Asia/Ho_Chi_Minh",
  "Atlantic/Faeroe": "Atlantic/Faroe",
  "Europe/Kiev": "Europe/Kyiv",
  "Pacific/Enderbury": "Pacific/Kanton",
  "Pacific/Ponape": "Pacific/Pohnpei",
  "Pacific/Truk": "Pacific/Chuuk",
};

const today = (zone: string): string => RENAMED[zone] ?? zone;
const own = new Intl.DateTimeFormat().resolvedOptions().timeZone;

/** All of them; that of the reader comes first. */
export const TIME_ZONES: readonly string[] = [
  ...new Set([today(own), "UTC", ...Intl.supportedValuesOf("timeZone").map(today).sort()]),
];

const plain = (text: string): string => text.toLowerCase().replaceAll(/[_/]/g, " ");

/** Those with all of these words in their names: "new york" finds America/New_York. */
export function findTimeZones(search: string): string[] {
  const words = plain(search).split(/\s+/).filter(Boolean);
  return TIME_ZONES.filter((zone) => words.every((word) => plain(zone).includes(word)));
}

/** "UTC+02:00"; nothing for a zone that this browser does not know. */
export function offsetWords(zone: string, at: number): string | undefined {
  try {
    const parts = new Intl.DateTimeFormat("en-GB", { timeZone: zone, timeZoneName: "longOffset" }).formatToParts(at);
    return parts.find(({ type }) => type === "timeZoneName")?.value.replace("GMT", "UTC");
  } catch {
    return undefined;
  }
}
