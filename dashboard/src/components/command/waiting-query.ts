/** The commands that wait, all of them as far as they can be looked through, by machine. */
import { queryOptions } from "@tanstack/react-query";
import { call } from "@/api/client";
import type { Query } from "@/api/operations";
import type { Command } from "@/api/types";

const PAGE = 200;
/** Beyond it nobody reads a list; cancelling some shows the next. */
export const MOST_WAITING = 2_000;

export interface Waiting {
  commands: Command[];
  /** There are more than were read. */
  isCut: boolean;
}

/** Read again with every other list of commands when one of them changes. */
export const waitingQuery = (query: Query<"command_list">) =>
  queryOptions({
    queryKey: ["command_list", { query }, "waiting"] as const,
    queryFn: async ({ signal }): Promise<Waiting> => {
      const commands: Command[] = [];
      let after: string | null | undefined;
      do {
        const more = after ? { after } : {};
        const page = await call(
          "command_list",
          { query: { ...query, status: "queued", limit: PAGE, ...more } },
          signal,
        );
        commands.push(...page.items);
        after = page.next;
      } while (after && commands.length < MOST_WAITING);
      return { commands, isCut: Boolean(after) };
    },
  });

export interface WaitingMachine {
  id: string;
  name: string;
  place: string;
  /** The oldest first: the order in which they run. */
  commands: Command[];
  oldest: string;
  /** When the next of them is given up. */
  nextExpiry: string;
}

const inTime = (one: string, other: string): number => Date.parse(one) - Date.parse(other);
const earliest = (times: string[]): string => times.toSorted(inTime)[0] ?? "";

/** The machine with the oldest of them first. */
export function byMachine(commands: readonly Command[]): WaitingMachine[] {
  const groups = new Map<string, Command[]>();
  for (const command of commands) {
    const group = groups.get(command.agent_id);
    if (group) group.push(command);
    else groups.set(command.agent_id, [command]);
  }
  return [...groups.entries()]
    .map(([id, group]) => {
      const sorted = group.toSorted((a, b) => inTime(a.created_at, b.created_at));
      const { agent_name = "", client_name = "", site_name = "" } = sorted[0] ?? {};
      return {
        id,
        name: agent_name,
        place: `${client_name} › ${site_name}`,
        commands: sorted,
        oldest: earliest(sorted.map(({ created_at }) => created_at)),
        nextExpiry: earliest(sorted.map(({ expires_at }) => expires_at)),
      };
    })
    .toSorted((a, b) => inTime(a.oldest, b.oldest));
}
