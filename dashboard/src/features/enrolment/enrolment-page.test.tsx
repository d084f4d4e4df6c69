import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { queryClient } from "@/api/client";
import { agentOf, findingOf, reportOf } from "@/test/agent";
import { fakeServer, type Seen } from "@/test/fake-server";
import { signInWith } from "@/test/me";
import { openPage } from "@/test/open-page";
import { EnrolmentPage } from "./enrolment-page";
import { enrolmentSearch } from "./search";

beforeEach(() => {
  // The document of the tests has no layout: the table is as large as on a screen.
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(1200);
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(720);
  signInWith("agents.approve", "site_keys.edit", "audit.view");
});
afterEach(() => queryClient.clear());

const one = agentOf({ id: "a1", state: "waiting", serial: "SN-1", model: "Model One", public_ip: "192.0.2.7" });
const two = agentOf({ id: "a2", hostname: "web-2", state: "waiting" });
const known = findingOf({
  kind: "known_hardware",
  other_agent_id: "a0",
  other_agent_name: "old-web",
  other_agent_status: "offline",
});
const clone = findingOf({
  id: "f2",
  kind: "clone",
  detail: {
    first: { hostname: "web-1", serial: "SN-1", model: "Model One", ip: "192.0.2.7" },
    second: { hostname: "web-1b", serial: "SN-2", model: "Model Two", ip: "192.0.2.8" },
  } as never,
});

type Lists = Record<string, unknown[]>;
type Reply = { status?: number; body?: unknown };

function open(lists: Lists, search = "", change: (seen: Seen) => Reply = () => ({ body: one })): Seen[] {
  const seen = fakeServer((asked) => {
    if (asked.method !== "GET") return change(asked);
    const state = asked.search.get("state");
    const name = `${asked.path.slice("/api/".length)}${state ? `:${state}` : ""}`;
    return { body: { items: lists[name] ?? [], next: null, count: lists[name]?.length ?? 0 } };
  });
  openPage({ path: "/enrolment", component: EnrolmentPage, validateSearch: enrolmentSearch }, `/enrolment${search}`);
  return seen;
}

const changes = (seen: Seen[]) => seen.filter(({ method }) => method !== "GET");

describe("Waiting", () => {
  it("lets a machine in once it was asked", async () => {
    const seen = open({ "agents:waiting": [one], findings: [known] });
    const row = within(await screen.findByRole("row", { name: /web-1/ }));
    expect(row.getByText("Example Florist › Shop")).toBeTruthy();
    expect(row.getByText("SN-1 · Model One")).toBeTruthy();
    expect(row.getByText("192.0.2.7")).toBeTruthy();
    expect(await row.findByText("Known hardware")).toBeTruthy();
    await userEvent.click(row.getByRole("button", { name: "Approve web-1" }));
    const dialog = within(screen.getByRole("dialog", { name: "Approve web-1?" }));
    expect(changes(seen)).toHaveLength(0);
    await userEvent.click(dialog.getByRole("button", { name: "Approve" }));
    expect(await screen.findByText("web-1 let in")).toBeTruthy();
    expect(changes(seen).map(({ path }) => path)).toEqual(["/api/agents/a1/approve"]);
  });

  it("sends all the selected away, and leaves selected what could not be", async () => {
    const seen = open({ "agents:waiting": [one, two] }, "", ({ path }) =>
      path.includes("a2") ? { status: 409, body: { code: "agent_state" } } : { status: 204 },
    );
    await userEvent.click(await screen.findByRole("checkbox", { name: "Select all loaded rows" }));
    const bar = within(screen.getByRole("region", { name: "Selected machines" }));
    await userEvent.click(bar.getByRole("button", { name: "Reject…" }));
    const dialog = within(screen.getByRole("dialog", { name: "Reject 2 machines?" }));
    expect(dialog.getByText("web-1, web-2")).toBeTruthy();
    await userEvent.click(dialog.getByRole("button", { name: "Reject" }));
    expect(await screen.findByText("1 machine of 2: The machine is in another state")).toBeTruthy();
    expect(changes(seen)).toHaveLength(2);
    expect(screen.getByText("1 machine selected")).toBeTruthy();
  });

  it("continues the record that the machine had before", async () => {
    const seen = open({ "agents:waiting": [one], findings: [known] });
    await screen.findByText("Known hardware");
    await userEvent.click(await screen.findByRole("button", { name: "Actions for web-1" }));
    await userEvent.click(await screen.findByRole("menuitem", { name: "Continue old-web…" }));
    const dialog = within(screen.getByRole("dialog", { name: "Continue old-web?" }));
    expect(dialog.getByText(/newer record.*web-1.*is gone/)).toBeTruthy();
    await userEvent.click(dialog.getByRole("button", { name: "Continue old-web" }));
    await waitFor(() => expect(changes(seen)[0]).toMatchObject({ path: "/api/agents/a0/adopt" }));
    expect(changes(seen)[0]?.body).toEqual({ agent_id: "a1" });
  });

  it("names the key that a machine came with, and leads to the others that came with it", async () => {
    const keys = [{ id: "k1", name: "Roll-out" }];
    open({ "agents:waiting": [{ ...one, site_key_id: "k1" }, two], "site-keys": keys });
    const row = within(await screen.findByRole("row", { name: /web-1/ }));
    const link = await row.findByRole("link", { name: "Roll-out" });
    expect(link.getAttribute("href")).toBe("/machines?site_key_id=k1");
    expect(within(screen.getByRole("row", { name: /web-2/ })).queryByRole("link", { name: /key/ })).toBeNull();
  });

  it("tells the next step when nobody waits", async () => {
    open({});
    expect(await screen.findByText("No machine waits to be let in")).toBeTruthy();
    expect(screen.getByRole("button", { name: "Add a machine" })).toBeTruthy();
    expect(screen.getAllByRole("link", { name: "Site keys" })).toHaveLength(2);
  });

  it("says what went wrong", async () => {
    fakeServer(() => ({ status: 400, body: { code: "invalid_request" } }));
    openPage({ path: "/enrolment", component: EnrolmentPage, validateSearch: enrolmentSearch }, "/enrolment");
    expect((await screen.findByRole("alert")).textContent).toContain("The request was not understood");
  });

  it("shows and explains to whoever may only look", async () => {
    signInWith("agents.view");
    open({ "agents:waiting": [one] });
    const approve = await screen.findByRole("button", { name: "Approve web-1" });
    expect(approve.getAttribute("aria-disabled")).toBe("true");
    expect(screen.queryByRole("columnheader", { name: "Site key" })).toBeNull();
    expect(screen.getAllByRole("tab").map((tab) => tab.textContent)).toEqual(["Waiting", "Findings", "Kept away"]);
    expect(screen.queryByRole("link", { name: "Site keys" })).toBeNull();
  });
});

describe("Findings", () => {
  it("says in plain words what was found, and leads to both machines", async () => {
    open({ findings: [known] }, "?tab=findings");
    const row = within(await screen.findByRole("row", { name: /Known hardware/ }));
    expect(row.getByText(/the machine was installed anew/)).toBeTruthy();
    expect(row.getByRole("link", { name: "web-1" }).getAttribute("href")).toBe("/machines/a1");
    expect(row.getByRole("link", { name: "old-web" }).getAttribute("href")).toBe("/machines/a0");
  });

  it("shows both sides of a clone and what to do", async () => {
    open({ findings: [clone] }, "?tab=findings");
    await userEvent.click(await screen.findByRole("button", { name: /^Two machines use this identity/ }));
    const dialog = within(screen.getByRole("dialog", { name: "Identity used twice: web-1" }));
    const serial = within(dialog.getByRole("row", { name: /Serial number/ }));
    expect(serial.getAllByRole("cell").map((cell) => cell.textContent)).toEqual(["SN-1", "SN-2"]);
    expect(dialog.getByText(/enrol it anew/)).toBeTruthy();
    expect(dialog.queryByRole("button", { name: /^Continue/ })).toBeNull();
  });

  it("dismisses one", async () => {
    const seen = open({ findings: [clone] }, "?tab=findings", () => ({ status: 204 }));
    await userEvent.click(await screen.findByRole("button", { name: /^Dismiss: / }));
    expect(await screen.findByText("Finding dismissed")).toBeTruthy();
    expect(changes(seen)[0]).toMatchObject({ method: "DELETE", path: "/api/findings/f2" });
  });

  it("offers to continue no record that is online", async () => {
    open({ findings: [{ ...known, other_agent_status: "online" }] }, "?tab=findings");
    await screen.findByText(/one may be a copy of the other/);
    await userEvent.click(screen.getByRole("button", { name: /^Actions for: / }));
    expect((await screen.findAllByRole("menuitem")).map((item) => item.textContent?.trim())).toEqual([
      "Look at it…",
      "Dismiss",
    ]);
  });

  it("asks for one kind, and says when there is none", async () => {
    const seen = open({}, "?tab=findings&kind=sandbox");
    expect(await screen.findByText("Nothing of this kind was found")).toBeTruthy();
    expect(seen.some(({ search }) => search.get("kind") === "sandbox")).toBe(true);
    await userEvent.click(screen.getByRole("button", { name: "Show every finding" }));
    expect(await screen.findByText("Nothing was found")).toBeTruthy();
  });
});

describe("Kept away", () => {
  const quarantined = agentOf({
    state: "quarantined",
    state_reason: "Behaves oddly",
    state_changed_at: one.created_at,
  });
  const left = agentOf({ id: "a3", hostname: "gone-1", state: "left" });

  it("lists all three states with the reason, and releases", async () => {
    const revoked = agentOf({ id: "a4", hostname: "lost-1", state: "revoked" });
    const seen = open(
      { "agents:quarantined": [quarantined], "agents:revoked": [revoked], "agents:left": [left] },
      "?tab=held",
    );
    const row = within(await screen.findByRole("row", { name: /web-1/ }));
    expect(row.getByText("Quarantined")).toBeTruthy();
    expect(row.getByText("Behaves oddly")).toBeTruthy();
    expect(within(screen.getByRole("row", { name: /lost-1/ })).getByText("Revoked")).toBeTruthy();
    expect(within(screen.getByRole("row", { name: /gone-1/ })).getByText("Left")).toBeTruthy();
    expect(screen.getByText("3 machines")).toBeTruthy();
    await userEvent.click(row.getByRole("button", { name: "Release web-1" }));
    await userEvent.click(
      within(screen.getByRole("dialog", { name: "Release web-1?" })).getByRole("button", { name: "Release" }),
    );
    expect(await screen.findByText("web-1 released")).toBeTruthy();
    expect(changes(seen)[0]?.path).toBe("/api/agents/a1/release");
  });

  it("says that nobody is kept away", async () => {
    open({}, "?tab=held");
    expect(await screen.findByText("No machine is kept away")).toBeTruthy();
  });
});

describe("Failed installations", () => {
  it("opens what an installer told, with its log", async () => {
    open({ "install-reports": [reportOf({})] }, "?tab=failed");
    await userEvent.click(await screen.findByRole("button", { name: "web-9" }));
    const dialog = within(screen.getByRole("dialog", { name: "Failed installation on web-9" }));
    expect(dialog.getByText("The site key has expired.")).toBeTruthy();
    expect(dialog.getByRole("region", { name: "Log" }).textContent).toBe("line one\nline two");
    expect(dialog.getByRole("link", { name: "Roll-out" })).toBeTruthy();
  });

  it("says when none has failed", async () => {
    open({}, "?tab=failed");
    expect(await screen.findByText("No installation has failed")).toBeTruthy();
  });

  it("is all that somebody sees who may see site keys and no machines", async () => {
    signInWith("site_keys.view");
    const seen = open({ "install-reports": [reportOf({ log: null })] });
    expect((await screen.findAllByRole("tab")).map((tab) => tab.textContent)).toContain("Failed installations");
    await userEvent.click(await screen.findByRole("button", { name: "web-9" }));
    expect(screen.getByText("It sent no log.")).toBeTruthy();
    expect(seen.some(({ path }) => path === "/api/agents")).toBe(false);
  });
});

describe("History", () => {
  it("asks for everything about enrolment and nothing else, or for one action", async () => {
    const seen = open({}, "?tab=history");
    expect(await screen.findByText("Nothing of this has happened yet")).toBeTruthy();
    const asked = () => seen.filter(({ path }) => path === "/api/audit-events").at(-1)?.search;
    const actions = asked()?.get("action")?.split(",") ?? [];
    expect(actions).toContain("agent.enrolled");
    expect(actions).toContain("site_key.created");
    expect(actions).not.toContain("agent.updated");
    expect(asked()?.get("search")).toBeNull();
    await userEvent.selectOptions(screen.getByLabelText("Action"), "Agent approved");
    await waitFor(() => expect(asked()?.get("action")).toBe("agent.approved"));
  });
});

it("says to whoever may see none of it that they may not", async () => {
  signInWith("organisation.view");
  open({});
  expect(await screen.findByText("You may not see how machines enrol here")).toBeTruthy();
});
