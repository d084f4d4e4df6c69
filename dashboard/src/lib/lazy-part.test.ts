import { afterEach, describe, expect, it, vi } from "vitest";
import { loadPart } from "./lazy-part";

afterEach(() => sessionStorage.clear());

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

  it("fails where it stands while the server is away: what is shown is worth more than nothing", async () => {
    answer(false);
    const reload = vi.fn();
    await expect(loadPart(gone, reload)).rejects.toThrow("Failed to fetch");
    expect(reload).not.toHaveBeenCalled();
  });
});
