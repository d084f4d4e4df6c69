import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { queryClient } from "@/api/client";
import type { CommandDetail } from "@/api/types";
import * as download from "@/lib/download";
import { commandDetailOf } from "@/test/command";
import { fakeServer, type Seen } from "@/test/fake-server";
import { signInWith } from "@/test/me";
import { TooltipProvider } from "@/ui/tooltip";
import { CommandLive } from "./command-live";

const KEPT = 1024 * 1024;
const PIECE = 1024;

const large = commandDetailOf({
  status: "completed",
  exit_code: 0,
  stdout: "kept\n\u001b[31mre",
  stdout_bytes: KEPT + 3 * PIECE,
  stdout_kept_bytes: KEPT,
  truncated: true,
});
const problem = (status: number, code: string, detail: string, headers = {}) => ({
  status,
  body: { type: "about:blank", title: "No", status, code, detail },
  headers,
});
type Reply = ReturnType<Parameters<typeof fakeServer>[0]>;

/** The machine has three pieces, unless it is told to answer something else. */
function serve(detail: CommandDetail, answer: (seen: Seen) => Reply | undefined = () => undefined) {
  return fakeServer((seen) => {
    const told = answer(seen);
    if (told) return told;
    if (!seen.path.endsWith("/output")) return { body: detail };
    const offset = Number(seen.search.get("offset"));
    const number = (offset - KEPT) / PIECE;
    const text = ["d\n", "two\n", "three\n"][number];
    return { body: { offset, next_offset: offset + PIECE, end: KEPT + 3 * PIECE, text } };
  });
}

const page = (id: string) => (
  <QueryClientProvider client={queryClient}>
    <TooltipProvider>
      <CommandLive key={id} id={id} />
    </TooltipProvider>
  </QueryClientProvider>
);
const show = () => render(page("k1"));
const press = async (name: string | RegExp) => userEvent.click(await screen.findByRole("button", { name }));
const output = () => screen.getByRole("region", { name: "Standard output" });
const asked = (all: Seen[]) => all.filter((seen) => seen.path.endsWith("/output"));

beforeEach(() => signInWith("commands.view", "agents.view"));
afterEach(() => queryClient.clear());

describe("what the server does not keep", () => {
  it("is shown piece by piece, as one text, until nothing is left", async () => {
    const all = serve(large);
    const { rerender } = show();
    expect(await screen.findByText("3.0 KiB more of the output lie on the machine.")).toBeTruthy();
    await press("Show more of the output");
    expect(await screen.findByText("2.0 KiB more of the output lie on the machine.")).toBeTruthy();
    expect(output().textContent).toBe("kept\nred");
    expect(screen.getByText(/red/).className).toBe("text-ansi-1");
    await press("Show more of the output");
    expect(await screen.findByText("1.0 KiB more of the output lie on the machine.")).toBeTruthy();
    await press("Show more of the output");
    await waitFor(() => expect(screen.queryByText(/lie on the machine/)).toBeNull());
    expect(output().textContent).toBe("kept\nred\ntwo\nthree");
    expect(asked(all).map((seen) => seen.search.toString())).toEqual(
      [0, 1, 2].map((number) => `stream=stdout&offset=${KEPT + number * PIECE}`),
    );
    rerender(page("k2"));
    await screen.findByText("3.0 KiB more of the output lie on the machine.");
    expect(output().textContent).toBe("kept\nre");
  });

  it("is saved whole, also when too much is asked at once", async () => {
    const saved = vi.spyOn(download, "downloadText").mockReturnValue();
    let isBusy = true;
    serve(large, ({ path }) => {
      if (!path.endsWith("/output") || !isBusy) return undefined;
      isBusy = false;
      return problem(429, "rate_limited", "Wait.", { "retry-after": "0.01" });
    });
    show();
    await press("Save all of the output");
    await waitFor(() => expect(screen.getByText("Saved.").getAttribute("role")).toBe("status"));
    expect(saved.mock.lastCall?.[0]).toMatch(/^web-1-.*-output\.txt$/);
    expect(saved.mock.lastCall?.[2]).toBe("kept\nred\ntwo\nthree\n");
    expect(screen.getByText("3.0 KiB more of the output lie on the machine.")).toBeTruthy();
  });

  it("says how far the saving is, stops when told, and begins anew", async () => {
    const saved = vi.spyOn(download, "downloadText").mockReset().mockReturnValue();
    let wait = Promise.resolve();
    let go = () => {};
    const all = serve(large);
    const answer = globalThis.fetch;
    vi.stubGlobal("fetch", async (request: Request) => {
      if (request.url.includes(`offset=${KEPT + PIECE}`)) await wait;
      return answer(request);
    });
    wait = new Promise((resolve) => {
      go = resolve;
    });
    show();
    await press("Save all of the output");
    expect((await screen.findByText("99% of 1.0 MiB read")).getAttribute("role")).toBe("status");
    await press("Stop saving the output");
    go();
    await screen.findByRole("button", { name: "Save all of the output" });
    expect(saved).not.toHaveBeenCalled();
    await press("Save all of the output");
    await waitFor(() => expect(saved).toHaveBeenCalledTimes(1));
    expect(saved.mock.lastCall?.[2]).toBe("kept\nred\ntwo\nthree\n");
    expect(asked(all).filter((seen) => seen.search.get("offset") === String(KEPT))).toHaveLength(2);
  });

  it("waits for a machine that is away, and goes on where it was", async () => {
    const saved = vi.spyOn(download, "downloadText").mockReset().mockReturnValue();
    let isAway = true;
    const all = serve(large, ({ search }) =>
      isAway && search.get("offset") === String(KEPT + PIECE)
        ? problem(409, "agent_offline", "The machine is away.")
        : undefined,
    );
    show();
    await press("Save all of the output");
    expect((await screen.findByRole("alert")).textContent).toBe("The machine is away.");
    isAway = false;
    await press("Save all of the output");
    await waitFor(() => expect(saved).toHaveBeenCalledTimes(1));
    expect(screen.queryByRole("alert")).toBeNull();
    expect(saved.mock.lastCall?.[2]).toBe("kept\nred\ntwo\nthree\n");
    expect(asked(all).filter((seen) => seen.search.get("offset") === String(KEPT))).toHaveLength(1);
  });

  it("may be gone", async () => {
    serve(large, ({ path }) =>
      path.endsWith("/output") ? problem(409, "output_not_kept", "The machine does not keep it any more.") : undefined,
    );
    show();
    await press("Show more of the output");
    expect((await screen.findByRole("alert")).textContent).toBe("The machine does not keep it any more.");
    expect(screen.getByRole("button", { name: "Show more of the output" }).getAttribute("aria-disabled")).toBeNull();
    expect(output().textContent).toBe("kept\nre");
  });

  it("is not all when even the machine has not kept it", async () => {
    serve(commandDetailOf({ ...large, stdout_bytes: 100 * KEPT }));
    show();
    expect(
      await screen.findByText(
        "64.0 MiB more of the output lie on the machine. The last 35.0 MiB of the output are kept nowhere.",
      ),
    ).toBeTruthy();
  });

  it("is asked for while the command runs, and stays open for what is still to come", async () => {
    serve(commandDetailOf({ ...large, status: "running", exit_code: null, truncated: false, stdout_bytes: KEPT }));
    show();
    expect(await screen.findByText("More of the output may lie on the machine.")).toBeTruthy();
    for (let count = 0; count < 3; count += 1) {
      await press("Show more of the output");
      await waitFor(() =>
        expect(screen.getByRole("button", { name: "Show more of the output" }).getAttribute("aria-busy")).toBeNull(),
      );
    }
    expect(await screen.findByText("This is all of the output so far.")).toBeTruthy();
    expect(screen.getByRole("region", { name: "Standard output and standard error" }).textContent).toBe(
      "kept\nred\ntwo\nthree",
    );
    expect(screen.queryByRole("button", { name: /^Encoding/ })).toBeNull();
  });
});

describe("the encoding", () => {
  const choose = async (name: string) => {
    await press(/^Encoding/);
    await userEvent.click(await screen.findByRole("menuitemradio", { name }));
  };

  it("is what the output seems to be, or what the reader says, also of the rest", async () => {
    const garbled = commandDetailOf({ ...large, stdout: "Gr÷sse\n", stdout_encoding: "cp437" });
    const all = serve(garbled, ({ path, search }) =>
      search.get("encoding") === "cp850" && !path.endsWith("/output")
        ? { body: { ...garbled, stdout: "Grösse\n", stdout_encoding: "cp850" } }
        : undefined,
    );
    show();
    expect((await screen.findByRole("button", { name: /^Encoding/ })).textContent).toContain(
      "AutomaticUnited States (437)",
    );
    await press("Show more of the output");
    await waitFor(() => expect(output().textContent).toBe("Gr÷sse\nd"));
    await choose("Western Europe (850)");
    await waitFor(() => expect(output().textContent).toBe("Grösse"));
    expect(screen.getByRole("button", { name: "Encoding: Western Europe (850)" })).toBeTruthy();
    await press("Show more of the output");
    await waitFor(() => expect(output().textContent).toBe("Grösse\nd"));
    expect(asked(all).map((seen) => seen.search.get("encoding"))).toEqual([null, "cp850"]);
    await choose("Automatic");
    await waitFor(() => expect(output().textContent).toBe("Gr÷sse"));
  });

  it("says why the output could not be read anew, and shows what there was", async () => {
    serve(large, ({ search }) => (search.get("encoding") ? problem(409, "conflict", "Not now.") : undefined));
    show();
    await choose("UTF-16 LE");
    expect((await screen.findByRole("alert")).textContent).toBe("Not now.");
    expect(output().textContent).toBe("kept\nre");
  });
});
