/** How much of what an organisation may have is taken. */
export type Room = "unlimited" | "free" | "near" | "full";

/** From this share on it is worth a word. */
const NEAR = 0.9;

export function roomOf(used: number, max: number | null | undefined): Room {
  if (max === null || max === undefined) return "unlimited";
  if (used >= max) return "full";
  return used >= max * NEAR ? "near" : "free";
}
