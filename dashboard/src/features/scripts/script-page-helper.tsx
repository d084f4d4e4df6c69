import { act, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, vi } from "vitest";
import type { Permission } from "@/api/can";
import { invalidate } from "@/api/client";
import type { Script, ScriptVersion } from "@/api/types";
import { fakeServer, type Seen } from "@/test/fake-server";
import { signInWith } from "@/test/me";
import { openPage } from "@/test/open-page";
import { scriptOf, scriptVersionOf } from "@/test/script";
import type { CodeFieldProps } from "./code-field";
import type { DiffViewProps } from "./diff-view";
import { ScriptPage } from "./script-page";
import { scriptSearch } from "./search";

// The editor needs a real layout; what it does with its text is a field's.
vi.mock("./code-editor", () => ({
  CodeEditor: ({ label, value, onValue, isReadOnly }: CodeFieldProps) => (
    <textarea
      data-editor
      aria-label={label}
      value={value}
      onChange={(e) => onValue(e.target.value)}
      readOnly={isReadOnly}
    />
  ),
}));
vi.mock("./diff-view", () => ({
  DiffView: ({ old, new: next }: DiffViewProps) => (
    <p data-testid="diff">
      {old.label}: {old.text.trim()} → {next.label}: {next.text.trim()}
    </p>
  ),
}));

const ALL: Permission[] = [
  "scripts.edit",
  "scripts.approve",
  "scripts.run",
  "commands.run",
  "commands.view",
  "audit.view",
];

type Reply = { status?: number; body?: unknown };

interface Opened {
  script?: Partial<Script>;
  versions?: Partial<ScriptVersion>[];
  may?: Permission[];
  change?: (seen: Seen) => Reply | undefined;
  at?: string;
}

export function open({ script, versions = [{}], may = ALL, change, at = "" }: Opened = {}) {
  signInWith(...may);
  const list = versions.map(scriptVersionOf);
  const server = { script: scriptOf({ newest_version: list.length, ...script }), versions: list };
  const read = ({ path, search }: Seen): Reply => {
    const number = Number(search.get("number"));
    if (path === "/api/scripts/s1") return { body: server.script };
    if (path === "/api/scripts/s1/versions") {
      const items = [...server.versions].reverse().filter((one) => !number || one.number === number);
      return { body: { items } };
    }
    return { body: { items: [], next: null } };
  };
  const seen = fakeServer((asked) => change?.(asked) ?? read(asked));
  openPage({ path: "/scripts/$id", component: ScriptPage, validateSearch: scriptSearch }, `/scripts/s1${at}`);
  return { server, posts: () => seen.filter(({ method }) => method === "POST") };
}

/** Somebody saves a version elsewhere. */
export function saveElsewhere(server: ReturnType<typeof open>["server"], more: Partial<ScriptVersion>) {
  const number = server.script.newest_version + 1;
  server.versions.push(scriptVersionOf({ number, ...more }));
  server.script = { ...server.script, newest_version: number };
}
export const hear = () => act(() => invalidate("script_get", "script_version_list"));

/** The editor itself: the plain field that stands there before is gone. */
export async function text(): Promise<HTMLTextAreaElement> {
  const field = await waitFor(() => {
    const found = screen.getByRole("textbox", { name: "Text of the script" });
    expect(found.hasAttribute("data-editor")).toBe(true);
    return found;
  });
  return field as HTMLTextAreaElement;
}
export const press = async (name: string | RegExp) => userEvent.click(await screen.findByRole("button", { name }));
export const openTab = async (name: string) => userEvent.click(await screen.findByRole("tab", { name }));
