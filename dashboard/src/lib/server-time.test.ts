import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { noteServerDate, serverNow } from "./server-time";

const BROWSER = Date.parse("2026-01-01T00:00:00Z");

beforeEach(() => {
  vi.useFakeTimers({ now: BROWSER });
});
afterEach(() => {
  noteServerDate(new Date().toUTCString(), Date.now());
  vi.useRealTimers();
});

describe("server time", () => {
  it("follows the server where the browser's clock is wrong", () => {
    noteServerDate("Thu, 01 Jan 2026 00:16:00 GMT", BROWSER);
    expect(serverNow()).toBe(BROWSER + 16 * 60_000 + 500);
    vi.advanceTimersByTime(1000);
    expect(serverNow()).toBe(BROWSER + 16 * 60_000 + 1500);
  });

  it("stays as it is while answers differ by less than they can tell", () => {
    noteServerDate("Thu, 01 Jan 2026 00:00:01 GMT", BROWSER);
    expect(serverNow()).toBe(BROWSER);
    noteServerDate("Thu, 01 Jan 2026 00:01:00 GMT", BROWSER);
    const first = serverNow();
    noteServerDate("Thu, 01 Jan 2026 00:01:01 GMT", BROWSER);
    expect(serverNow()).toBe(first);
  });

  it("ignores an answer without a date", () => {
    noteServerDate(null, BROWSER);
    noteServerDate("yesterday", BROWSER);
    expect(serverNow()).toBe(BROWSER);
  });
});
