import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { ComponentProps } from "react";
import { describe, expect, it, vi } from "vitest";
import * as clipboard from "@/lib/clipboard";
import * as download from "@/lib/download";
import { TooltipProvider } from "@/ui/tooltip";
import { clockTime } from "./output-text";
import { OutputView } from "./output-view";

const lines = (count: number) => Array.from({ length: count }, (_, index) => `line ${index}`).join("\n");

const view = (more: Partial<ComponentProps<typeof OutputView>>) => (
  <TooltipProvider>
    <OutputView
      stdout=""
      stderr=""
      pieces={[]}
      stdoutBytes={0}
      stderrBytes={0}
      isRunning={false}
      isTruncated={false}
      fileName="web-1.txt"
      {...more}
    />
  </TooltipProvider>
);
const region = (name: string) => screen.getByRole("region", { name });
const press = (name: string | RegExp) => userEvent.click(screen.getByRole("button", { name }));

describe("OutputView", () => {
  it("shows every line of a hundred thousand", () => {
    render(view({ stdout: lines(100_000) }));
    const text = region("Standard output").textContent ?? "";
    expect(text.startsWith("line 0")).toBe(true);
    expect(text.endsWith("line 99999")).toBe(true);
  });

  it("shows both as they come while it runs, and one after the other when it has ended", () => {
    const pieces = [
      { stream: "stdout", text: "one\n" },
      { stream: "stderr", text: "oh\n" },
      { stream: "stdout", text: "two\n" },
    ] as const;
    const { rerender } = render(view({ stdout: "one\ntwo\n", stderr: "oh\n", pieces, isRunning: true }));
    expect(region("Standard output and standard error").textContent).toBe("one\noh\ntwo");
    rerender(view({ stdout: "one\ntwo\n", stderr: "oh\n" }));
    expect(region("Standard output").textContent).toBe("one\ntwo");
    expect(region("Standard error").textContent).toBe("oh");
    expect(screen.getByRole("heading", { name: "Errors" })).toBeTruthy();
  });

  it("shows one of the two alone, in its colours", async () => {
    render(view({ stdout: "\u001b[31mred\u001b[0m", stderr: "<b>bad</b>" }));
    await press(/^Output/);
    expect(screen.queryByRole("region", { name: "Standard error" })).toBeNull();
    expect(screen.getByText("red").className).toBe("text-ansi-1");
    await press(/^Errors/);
    expect(region("Standard error").textContent).toBe("<b>bad</b>");
    expect(screen.queryByRole("region", { name: "Standard output" })).toBeNull();
  });

  it("copies and saves what is shown, without colours", async () => {
    const copied = vi.spyOn(clipboard, "copyText").mockResolvedValue(true);
    const saved = vi.spyOn(download, "downloadText").mockReturnValue();
    render(view({ stdout: "\u001b[31mred\u001b[0m\n", stderr: "bad\n" }));
    await press("Copy");
    expect(copied).toHaveBeenCalledWith("Output:\nred\n\nErrors:\nbad\n");
    await press(/^Output/);
    await press("Download");
    expect(saved).toHaveBeenCalledWith("web-1.txt", expect.stringContaining("text/plain"), "red\n");
  });

  it("keeps long lines whole when told, also the next time", async () => {
    const { unmount } = render(view({ stdout: "x" }));
    const wrap = () => screen.getByRole("button", { name: "Wrap" }).getAttribute("aria-pressed");
    expect(wrap()).toBe("true");
    await press("Wrap");
    unmount();
    render(view({ stdout: "x" }));
    expect(wrap()).toBe("false");
    await press("Wrap");
  });

  it("says that nothing was written, and has nothing to save then", () => {
    render(view({}));
    expect(screen.getByText("Nothing was written.")).toBeTruthy();
    expect(screen.queryByRole("button", { name: "Download" })).toBeNull();
  });

  describe("with times", () => {
    const AT = ["2026-01-02T03:04:05.006Z", "2026-01-02T03:04:07.08Z"] as const;
    const [first, second] = AT.map(clockTime);
    const none = " ".repeat(12);
    const times = () => screen.getByRole("button", { name: "Times" });

    it("shows when each line began, and copies without", async () => {
      const copied = vi.spyOn(clipboard, "copyText").mockResolvedValue(true);
      const stdout = "\u001b[31mone\ntwo\u001b[0m\n\nfour\n";
      const stdoutTimes = [
        { line: 1, at: AT[0] },
        { line: 3, at: AT[1] },
      ];
      render(view({ stdout, stdoutTimes }));
      expect(times().getAttribute("aria-pressed")).toBe("false");
      expect(region("Standard output").textContent).toBe("one\ntwo\n\nfour");
      await press("Times");
      expect(times().getAttribute("aria-pressed")).toBe("true");
      expect(first).toMatch(/^\d\d:\d\d:05\.006$/);
      expect(region("Standard output").textContent).toBe(`${none}  one\n${first}  two\n${first}  \n${second}  four`);
      for (const time of screen.getAllByText(first ?? "")) {
        expect([time.getAttribute("aria-hidden"), time.className]).toEqual([
          "true",
          expect.stringContaining("select-none"),
        ]);
      }
      await press("Copy");
      expect(copied).toHaveBeenLastCalledWith("one\ntwo\n\nfour\n");
      await press("Times");
    });

    it("shows those of the pieces while it runs, in both and in one", async () => {
      const pieces = [
        { stream: "stdout", text: "one\n", at: AT[0] },
        { stream: "stderr", text: "oh\n", at: AT[1] },
        { stream: "stdout", text: "two\n", at: AT[1] },
      ] as const;
      render(view({ stdout: "one\ntwo\n", stderr: "oh\n", pieces, isRunning: true }));
      await press("Times");
      expect(region("Standard output and standard error").textContent).toBe(
        `${first}  one\n${second}  oh\n${second}  two`,
      );
      await press(/^Output/);
      expect(region("Standard output").textContent).toBe(`${first}  one\n${second}  two`);
      await press("Times");
    });
  });
});
