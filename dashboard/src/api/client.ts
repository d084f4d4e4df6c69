/**
 * The one door to the server. `call` does one operation, `q` and `pages` make query options whose key is
 * `[operation id, parameters]`, and `invalidate` marks operations stale by their id.
 */
import { infiniteQueryOptions, keepPreviousData, QueryClient, queryOptions } from "@tanstack/react-query";
import createClient from "openapi-fetch";
import { type Period, periodStart } from "@/lib/period";
import { noteServerDate, serverNow } from "@/lib/server-time";
import { type Answer, type Operation, type Params, type Query, ROUTES } from "./operations";
import { OUR_PAGES } from "./our-pages";
import { ApiError, noAnswer, problemOf } from "./problem";
import type { paths } from "./schema";
import type { Page } from "./types";

const http = createClient<paths>({
  baseUrl: typeof window === "undefined" ? "http://localhost" : window.location.origin,
  credentials: "same-origin",
  headers: OUR_PAGES,
  // Looked up at each call, so that a test can put its own in place.
  fetch: (request) => globalThis.fetch(request),
});

/** Called on every 401 that does not come from the login form itself. */
let onUnauthenticated: () => void = () => {};
export function setUnauthenticatedHandler(handler: () => void): void {
  onUnauthenticated = handler;
}

type Request = (
  method: string,
  path: string,
  init: unknown,
) => Promise<{ data?: unknown; error?: unknown; response: Response }>;

export async function call<Op extends Operation>(
  operation: Op,
  params: Params<Op>,
  signal?: AbortSignal,
): Promise<Answer<Op>> {
  const [method, path] = ROUTES[operation];
  const init = {
    params: { path: params.path, query: params.query },
    signal,
    ...(params.body === undefined ? {} : { body: params.body }),
  };
  let answer: Awaited<ReturnType<Request>>;
  const askedAt = Date.now();
  try {
    // The path and its parameters are checked by `Params`; the client's own overloads cannot follow a variable path.
    answer = await (http.request as unknown as Request)(method, path, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw noAnswer();
  }
  noteServerDate(answer.response.headers.get("date"), askedAt);
  if (answer.response.ok) return answer.data as Answer<Op>;
  const problem = problemOf(answer.response, answer.error);
  if (problem.status === 401 && operation !== "auth_login") onUnauthenticated();
  throw problem;
}

export function q<Op extends Operation>(operation: Op, params: Params<Op>) {
  return queryOptions({
    queryKey: [operation, params] as const,
    queryFn: ({ signal }) => call(operation, params, signal),
  });
}

type ListOperation = {
  [Op in Operation]: Answer<Op> extends { items: unknown[]; next?: string | null } ? Op : never;
}[Operation];
export type ItemOf<Op extends ListOperation> = Answer<Op> extends { items: (infer Item)[] } ? Item : never;

/** The lists whose rows the server counts on demand; elsewhere it refuses to be asked. */
const COUNTED: readonly ListOperation[] = ["agent_list"];

interface PagesOptions {
  limit?: number;
  /** Only what happened in a period that ends now: it moves on at each reading, and at least once a minute. */
  period?: Period | undefined;
}

/** A list page by page, where the server counts with the number of all rows on the first. */
export function pages<Op extends ListOperation>(
  operation: Op,
  query: Query<Op>,
  { limit = 100, period }: PagesOptions = {},
) {
  return infiniteQueryOptions({
    // The period and not its beginning, with which the list would be another one every minute.
    queryKey: [operation, period ? { query, limit, period } : { query, limit }, "pages"] as const,
    queryFn: async ({ pageParam, signal }) => {
      const more = pageParam ? { after: pageParam } : COUNTED.includes(operation) ? { count: true } : {};
      const from = period ? { from: periodStart(period, serverNow()) } : {};
      const params = { query: { ...(query as object), ...from, limit, ...more } } as unknown as Params<Op>;
      return (await call(operation, params, signal)) as unknown as Page<ItemOf<Op>>;
    },
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next ?? null,
    placeholderData: keepPreviousData,
    refetchInterval: period ? 60_000 : false,
  });
}

const mayRetry = (failures: number, error: unknown): boolean =>
  failures < 2 && error instanceof ApiError && (error.status === 0 || error.status >= 502);

export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: { staleTime: 15_000, retry: mayRetry, refetchOnWindowFocus: true, throwOnError: false },
      mutations: { retry: false },
    },
  });
}

export const queryClient = createQueryClient();

export function invalidate(...operations: Operation[]): Promise<void> {
  const wanted = new Set<unknown>(operations);
  return queryClient.invalidateQueries({ predicate: (query) => wanted.has(query.queryKey[0]) });
}
