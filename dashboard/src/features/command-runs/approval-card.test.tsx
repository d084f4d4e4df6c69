import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it } from "vitest";
import { queryClient } from "@/api/client";
import type { CommandRunDetail } from "@/api/types";
import { awaitingRun, countsOf, runOf } from "@/test/command-run";
import { fakeServer, type Seen } from "@/test/fake-server";
import { signInWith } from "@/test/me";
import { openPage } from "@/test/open-page";
import { RunPage } from "./run-page";
import { commandRunSearch } from "./search";

afterEach(() => queryClient.clear());

type Reply = { status?: number; body?: unknown };

/** The page of a run that waits; `decide` answers what is asked for it. */
function open(first: CommandRunDetail, decide: (seen: Seen) => Reply = () => ({ body: runOf({}) })) {
  const server = { run: first };
  const seen = fakeServer((asked) => {
    if (asked.method === "POST") return decide(asked);
    if (asked.path === "/api/command-runs/r1") return { body: server.run };
    return { body: { items: [], next: null, total: 0 } };
  });
  openPage({ path: "/command-runs/$id", component: RunPage, validateSearch: commandRunSearch }, "/command-runs/r1");
  return { server, posts: () => seen.filter(({ method }) => method === "POST") };
}

const approve = () => screen.findByRole("button", { name: /^Approve on/ });
/** As the server answers whoever may not decide about it. */
const notMine = (more: Partial<CommandRunDetail> = {}) => awaitingRun({ digest: null, environment: null, ...more });
function expectNoDecision() {
  expect(screen.queryByRole("button", { name: /^(Approve|Reject)/ })).toBeNull();
  expect(screen.queryByRole("textbox", { name: "Reason" })).toBeNull();
}
const refused = (code: string, detail: string, status = 409) => ({ status, body: { code, detail } });

it("shows who asked for what, on how many machines, until when", async () => {
  signInWith("commands.approve");
  const environment = { TOKEN: "s3cret\nsecond line", EMPTY: "", GONE: null };
  open(awaitingRun({ command: "# all of it\nreboot", variables: ["TOKEN", "EMPTY", "GONE"], environment }));
  expect((await approve()).textContent?.trim()).toBe("Approve on 30 machines");
  expect(screen.getByRole("region", { name: "Text of the command" }).textContent).toBe("# all of it\nreboot");
  const card = screen.getByRole("heading", { name: "Waits for a decision" }).closest("section");
  const facts = within(card as HTMLElement);
  expect(facts.getByText("Technician Two")).toBeTruthy();
  expect(facts.getByText("Decide until").nextElementSibling?.querySelector("time")?.dateTime).toBe(
    "2026-01-03T03:04:05.000Z",
  );
  expect(facts.getByText(/you answer for these too/)).toBeTruthy();
  const variables = within(screen.getByRole("list", { name: "Variables" })).getAllByRole("listitem");
  expect(variables.map(({ textContent }) => textContent)).toEqual([
    "TOKENs3cret\nsecond line",
    "EMPTYempty",
    "GONEnot kept",
  ]);
  expect(screen.queryByText(/Their values are not shown/)).toBeNull();
});

it("approves what was read, with a reason", async () => {
  signInWith("commands.approve");
  const { posts } = open(awaitingRun());
  await userEvent.type(await screen.findByRole("textbox", { name: "Reason" }), " Go ahead ");
  await userEvent.click(await approve());
  expect(await screen.findByText("Approved: it begins now")).toBeTruthy();
  expect(posts().map(({ path, body }) => [path, body])).toEqual([
    ["/api/command-runs/r1/approve", { digest: "d1", reason: "Go ahead" }],
  ]);
});

it("rejects without a word too", async () => {
  signInWith("commands.approve");
  const { posts } = open(awaitingRun());
  await userEvent.click(await screen.findByRole("button", { name: "Reject" }));
  expect(await screen.findByText("Rejected: nothing of it runs")).toBeTruthy();
  expect(posts()[0]).toMatchObject({ path: "/api/command-runs/r1/reject", body: { reason: null } });
});

it("lets nobody decide about their own, but take it back", async () => {
  signInWith("commands.approve", "commands.run");
  const { server, posts } = open(awaitingRun({ created_by: "me" }), () => {
    server.run = { ...runOf({ status: "stopped", counts: countsOf({ cancelled: 30 }) }) };
    return { body: server.run };
  });
  expect(await screen.findByRole("heading", { name: "Waits for a second person" })).toBeTruthy();
  for (const button of [await approve(), screen.getByRole("button", { name: "Reject" })]) {
    expect(button.getAttribute("aria-disabled")).toBe("true");
    await userEvent.click(button);
  }
  expect(screen.getAllByText(/^You asked for this yourself/).length).toBeGreaterThan(0);
  expect(posts()).toEqual([]);
  await userEvent.click(screen.getByRole("button", { name: "Take it back…" }));
  await userEvent.click(await screen.findByRole("button", { name: "Take it back" }));
  expect(await screen.findByText("Taken back: nothing of it runs")).toBeTruthy();
  expect(posts()[0]?.path).toBe("/api/command-runs/r1/stop");
  await waitFor(() => expect(screen.queryByRole("button", { name: /^Approve/ })).toBeNull());
});

it("says why somebody without the permission may not decide", async () => {
  signInWith("commands.run");
  open(notMine({ variables: ["TOKEN"] }));
  expect(await screen.findByText(/lacks the permission “Decide about runs that others ask for”/)).toBeTruthy();
  expectNoDecision();
  expect(screen.getByRole("list", { name: "Variables" }).textContent).toBe("TOKEN");
});

it("says it too to whoever may decide at some of its machines only", async () => {
  signInWith("commands.approve");
  open(notMine());
  expect(await screen.findByText("You may not decide about runs at every machine of this one.")).toBeTruthy();
  expect(screen.getByRole("heading", { name: "Waits for a second person" })).toBeTruthy();
  expectNoDecision();
});

it("shows which script is asked for, and what it was given", async () => {
  signInWith("commands.approve", "scripts.view");
  open(awaitingRun({ script_id: "s1", script_name: "Disk space", script_version: 3, parameters: { folder: "/srv" } }));
  await approve();
  expect(screen.getByRole("heading", { level: 1, name: "Script: Disk space (version 3)" })).toBeTruthy();
  expect(screen.getByRole("link", { name: "Disk space" }).getAttribute("href")).toBe("/scripts/s1");
  expect(screen.getByRole("list", { name: "Parameters" }).textContent).toBe("folder/srv");
});

it("approves nothing that has changed since it was read: tells, shows it anew, and takes the next word for that", async () => {
  signInWith("commands.approve");
  const detail = "This run has changed since you read it, perhaps because a machine was removed.";
  const { server, posts } = open(awaitingRun(), ({ body }) => {
    if ((body as { digest: string }).digest === "d2") return { body: runOf({}) };
    server.run = awaitingRun({ digest: "d2", counts: countsOf({ awaiting_approval: 29 }) });
    return refused("command_run_changed", detail);
  });
  await userEvent.click(await approve());
  expect((await screen.findByRole("alert")).textContent).toContain(detail);
  expect((await approve()).textContent?.trim()).toBe("Approve on 29 machines");
  await userEvent.click(await approve());
  expect(await screen.findByText("Approved: it begins now")).toBeTruthy();
  expect(posts().map(({ body }) => (body as { digest: string }).digest)).toEqual(["d1", "d2"]);
});

it("sends the digest of what was read, not of what came meanwhile", async () => {
  signInWith("commands.approve");
  const { server, posts } = open(awaitingRun());
  await approve();
  server.run = awaitingRun({ digest: "d2", counts: countsOf({ awaiting_approval: 29 }) });
  await queryClient.invalidateQueries({ queryKey: ["command_run_get"] });
  await screen.findByRole("button", { name: "Approve on 29 machines" });
  await userEvent.click(await approve());
  await waitFor(() => expect(posts()[0]?.body).toMatchObject({ digest: "d1" }));
});

it.each([
  ["own_request", 403, "You have asked for this yourself; somebody else has to decide about it."],
  ["access_changed", 409, "Whoever asked for this may no longer run commands on all of these machines."],
  ["forbidden", 403, "This run reaches machines where you may not decide."],
])("shows the server's words for %s", async (code, status, detail) => {
  signInWith("commands.approve");
  open(awaitingRun(), () => refused(code, detail, status));
  await userEvent.click(await approve());
  expect((await screen.findByRole("alert")).textContent).toContain(detail);
});

it("lets whoever may run scripts only take back their own", async () => {
  signInWith("scripts.run");
  const { posts } = open(notMine({ created_by: "me", script_id: "s1", script_name: "Disk space" }));
  await userEvent.click(await screen.findByRole("button", { name: "Take it back…" }));
  await userEvent.click(await screen.findByRole("button", { name: "Take it back" }));
  await waitFor(() => expect(posts()[0]?.path).toBe("/api/command-runs/r1/stop"));
});

it("says that somebody else was faster, when the card has gone", async () => {
  signInWith("commands.approve");
  const detail = "Nobody has to decide about this run any more: it is rejected.";
  const { server } = open(awaitingRun(), () => {
    server.run = { ...runOf({ status: "rejected", counts: countsOf({ rejected: 30 }) }) };
    return refused("not_awaiting_approval", detail);
  });
  await userEvent.click(await approve());
  expect(await screen.findByText("This was decided already")).toBeTruthy();
  expect(screen.getByText(new RegExp(detail))).toBeTruthy();
  await waitFor(() => expect(screen.queryByRole("button", { name: /^Approve/ })).toBeNull());
});
