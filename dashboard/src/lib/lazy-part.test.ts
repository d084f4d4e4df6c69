import { afterEach, describe, expect, it, vi } from "vitest";
import { loadPart } from "./lazy-part";

afterEach(() => {
  sessionStorage.clear();
  vi.useRealTimers();
});

const gone = () => Promise.reject(new TypeError("Failed to fetch dynamically imported module"));
const answer = (isOk: boolean) =>
  vi.stubGlobal("fetch", async () => (isOk ? new Response("<html>") : Promise.reject(new TypeError("no network"))));

describe("a part whose file is gone", () => {
  it("has the page loaded anew, and only once", async () => {
    answer(true);
    const reload = vi.fn();
    void loadPart(gone, reload);
    await vi.waitFor(() => expect(reload).toHaveBeenCalledOnce());
    await expect(loadPart(gone, reload)).rejects.toThrow("Failed to fetch");
    expect(reload).toHaveBeenCalledOnce();
  });

  it("is waited for while the server is away, and loaded when it is back", async () => {
    vi.useFakeTimers();
    answer(false);
    const reload = vi.fn();
    const load = vi
      .fn(gone)
      .mockImplementationOnce(gone)
      .mockResolvedValueOnce("part" as never);
    const part = loadPart(load, reload);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(load).toHaveBeenCalledOnce();
    answer(true);
    await vi.advanceTimersByTimeAsync(2_000);
    await expect(part).resolves.toBe("part");
    expect(reload).not.toHaveBeenCalled();
  });
});
