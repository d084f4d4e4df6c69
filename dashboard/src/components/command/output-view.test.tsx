import { render, screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { TooltipProvider } from "@/ui/tooltip";
import { blocksOf, OutputView } from "./output-view";

const lines = (count: number) => Array.from({ length: count }, (_, index) => `line ${index}`).join("\n");

it("cuts long output into blocks that new output leaves alone", () => {
  const before = blocksOf(lines(1_200));
  const after = blocksOf(lines(1_300));
  expect(before).toHaveLength(3);
  expect(after.slice(0, 2)).toEqual(before.slice(0, 2));
  expect(after.join("\n")).toBe(lines(1_300));
  expect(blocksOf("")).toEqual([]);
  expect(blocksOf(`${lines(500)}\n`)).toHaveLength(1);
});

it("shows every line of a hundred thousand", () => {
  render(
    <TooltipProvider>
      <OutputView stdout={lines(100_000)} stderr="" stdoutBytes={1} stderrBytes={0} isRunning isTruncated={false} />
    </TooltipProvider>,
  );
  const text = screen.getByRole("region", { name: "Standard output" }).textContent ?? "";
  expect(text.startsWith("line 0")).toBe(true);
  expect(text.endsWith("line 99999")).toBe(true);
});
