import { afterEach, describe, expect, it, vi } from "vitest";
import { fakeServer } from "@/test/fake-server";
import { call, pages, setUnauthenticatedHandler } from "./client";
import { ApiError, explain } from "./problem";

afterEach(() => setUnauthenticatedHandler(() => {}));

const failure = async (work: Promise<unknown>): Promise<ApiError> => {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ApiError) return error;
  throw new Error(`expected an ApiError, got ${String(error)}`);
};

describe("call", () => {
  it("puts path, query and body where the contract says", async () => {
    const seen = fakeServer(() => ({ status: 202, body: { id: "c" } }));
    await call("command_run", { path: { id: "a b" }, body: { command: "uptime" } });
    await call("agent_list", { query: { status: "offline", limit: 5 } });
    expect(seen[0]).toMatchObject({ method: "POST", path: "/api/agents/a%20b/command", body: { command: "uptime" } });
    expect(seen[1]?.search.toString()).toBe("status=offline&limit=5");
  });

  it("says with every request that it comes from our pages", async () => {
    const seen = fakeServer(() => ({ body: { items: [] } }));
    await call("agent_list", {});
    await call("command_run", { path: { id: "a" }, body: { command: "uptime" } });
    await call("auth_logout", {});
    expect(seen.map(({ method, headers }) => [method, headers.get("x-gururmm")])).toEqual([
      ["GET", "1"],
      ["POST", "1"],
      ["POST", "1"],
    ]);
    expect(seen[1]?.headers.get("content-type")).toBe("application/json");
  });

  it("reads problem+json with its field errors", async () => {
    fakeServer(() => ({
      status: 422,
      body: {
        code: "validation_failed",
        title: "t",
        detail: "d",
        request_id: "r1",
        errors: [{ field: "name", message: "too long" }, { nonsense: 1 }],
      },
    }));
    const error = await failure(call("client_create", { body: { name: "x" } }));
    expect(error).toMatchObject({
      status: 422,
      code: "validation_failed",
      requestId: "r1",
      errors: [{ field: "name", message: "too long" }],
    });
  });

  it("names a code for answers that have none, such as a proxy's page", async () => {
    vi.stubGlobal(
      "fetch",
      async () => new Response("<html>", { status: 502, headers: { "content-type": "text/html" } }),
    );
    expect((await failure(call("auth_me", {}))).code).toBe("unavailable");
    vi.stubGlobal("fetch", async () => Promise.reject(new TypeError("network")));
    expect((await failure(call("auth_me", {}))).code).toBe("no_answer");
  });

  it("sends to the login on 401, but not when the login itself is refused", async () => {
    const toLogin = vi.fn();
    setUnauthenticatedHandler(toLogin);
    fakeServer(() => ({ status: 401, body: { code: "login_failed" } }));
    await failure(call("auth_login", { body: { email: "a", password: "b" } }));
    expect(toLogin).not.toHaveBeenCalled();
    fakeServer(() => ({ status: 401, body: { code: "unauthenticated" } }));
    await failure(call("agent_list", {}));
    expect(toLogin).toHaveBeenCalledOnce();
  });
});

describe("pages", () => {
  it("asks for the count once and follows the cursor", async () => {
    const seen = fakeServer(({ search }) => ({
      body: search.has("after") ? { items: [], next: null } : { items: [], next: "n2", count: 7 },
    }));
    const options = pages("agent_list", { os: "linux" });
    const run = options.queryFn as (context: object) => Promise<{ next?: string | null }>;
    const first = await run({ pageParam: null });
    expect(options.getNextPageParam(first as never, [], null, [])).toBe("n2");
    await run({ pageParam: "n2" });
    expect(seen.map(({ search }) => search.toString())).toEqual([
      "os=linux&limit=100&count=true",
      "os=linux&limit=100&after=n2",
    ]);
    const other = pages("command_list", {}).queryFn as (context: object) => Promise<unknown>;
    await other({ pageParam: null });
    expect(seen[2]?.search.has("count")).toBe(false);
  });
});

describe("pages of a period", () => {
  it("begin at another time at each reading, under the same key", async () => {
    vi.useFakeTimers({ now: Date.parse("2026-01-01T12:00:00Z"), toFake: ["Date"] });
    const seen = fakeServer(() => ({ body: { items: [], next: null } }));
    const read = async () => {
      const options = pages("command_list", {}, { period: "1h" });
      await (options.queryFn as (context: object) => Promise<unknown>)({ pageParam: null });
      return JSON.stringify(options.queryKey);
    };
    const first = await read();
    vi.setSystemTime(Date.parse("2026-01-01T17:00:00Z"));
    expect(await read()).toBe(first);
    expect(seen.map(({ search }) => search.get("from"))).toEqual([
      "2026-01-01T11:00:00.000Z",
      "2026-01-01T16:00:00.000Z",
    ]);
    vi.useRealTimers();
  });
});

describe("explain", () => {
  it("chooses the words by code and never by text", () => {
    const of = (code: string, status: number, retryAfter?: number) =>
      explain(new ApiError({ code, status, detail: "x", ...(retryAfter ? { retryAfter } : {}) }));
    expect(of("site_not_empty", 409).advice).toMatch(/machines and schedules first/);
    expect(of("agent_not_found", 404).title).toBe("Not found");
    expect(of("rate_limited", 429, 12).advice).toContain("12 s");
    expect(of("internal", 500).canRetry).toBe(true);
    expect(of("something_new", 400)).toMatchObject({ advice: "x", canRetry: false });
  });
});
