/** Sparklines of the rows on the screen: each row asks for its own, and those that ask in one moment share a request. */
import { queryOptions } from "@tanstack/react-query";
import { call } from "@/api/client";

/** As often as the server rolls up. */
const REFRESH_MS = 300_000;
/** As many as one request may name. */
const AGENTS_MAX = 200;

type Values = (number | null)[];
interface Waiting {
  id: string;
  resolve: (values: Values) => void;
  reject: (error: unknown) => void;
}

let waiting: Waiting[] = [];

async function ask(group: Waiting[]): Promise<void> {
  try {
    const answer = await call("agent_sparklines", { query: { agent_ids: group.map(({ id }) => id).join(",") } });
    const found = new Map(answer.items.map((item) => [item.agent_id, item.cpu_percent as Values]));
    for (const { id, resolve } of group) resolve(found.get(id) ?? []);
  } catch (error) {
    for (const { reject } of group) reject(error);
  }
}

function askForAll(): void {
  const all = waiting;
  waiting = [];
  for (let start = 0; start < all.length; start += AGENTS_MAX) void ask(all.slice(start, start + AGENTS_MAX));
}

/** The values of one machine; none for one that is not there any more. */
export function loadSparkline(id: string): Promise<Values> {
  return new Promise((resolve, reject) => {
    if (waiting.length === 0) setTimeout(askForAll, 0);
    waiting.push({ id, resolve, reject });
  });
}

export const sparklineQuery = (id: string) =>
  queryOptions({
    queryKey: ["agent_sparklines", id] as const,
    queryFn: () => loadSparkline(id),
    staleTime: REFRESH_MS,
    refetchInterval: REFRESH_MS,
  });
