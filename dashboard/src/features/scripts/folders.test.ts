import { expect, it } from "vitest";
import { scriptOf } from "@/test/script";
import { libraryRows } from "./folders";

const scripts = [
  scriptOf({ id: "1", name: "Uptime", folder: "" }),
  scriptOf({ id: "2", name: "cherry", folder: "Linux" }),
  scriptOf({ id: "3", name: "Deep", folder: "linux/Disks" }),
  scriptOf({ id: "4", name: "Apple", folder: "Linux" }),
  scriptOf({ id: "5", name: "Reset", folder: "Windows/Spooler/Queues" }),
];

const shown = (closed: string[] = []) =>
  libraryRows(scripts, (path) => closed.includes(path)).map((row) =>
    row.kind === "folder"
      ? `${" ".repeat(row.depth)}${row.name} (${row.count})`
      : `${" ".repeat(row.depth)}${row.script.name}`,
  );

it("lays scripts below their folders, without regard to case, folders first", () => {
  expect(shown()).toEqual([
    "Linux (3)",
    " Disks (1)",
    "  Deep",
    " Apple",
    " cherry",
    "Windows (1)",
    " Spooler (1)",
    "  Queues (1)",
    "   Reset",
    "Uptime",
  ]);
});

it("leaves out what lies in a closed folder", () => {
  expect(shown(["/linux", "/windows/spooler"])).toEqual(["Linux (3)", "Windows (1)", " Spooler (1)", "Uptime"]);
});
