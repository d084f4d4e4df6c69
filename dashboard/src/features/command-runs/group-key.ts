import type { CommandRunGroup } from "@/api/types";

/**
 * What tells groups apart while they grow: their command is another one as soon as a machine before it has ended, so it
 * cannot. Groups that are alike but for their output are numbered as they come.
 */
export function withKeys(groups: readonly CommandRunGroup[]): { key: string; group: CommandRunGroup }[] {
  const seen = new Map<string, number>();
  return groups.map((group) => {
    const alike = JSON.stringify([group.status, group.exit_code, group.status_reason, group.output_bytes]);
    const number = seen.get(alike) ?? 0;
    seen.set(alike, number + 1);
    return { key: `${alike}#${number}`, group };
  });
}
