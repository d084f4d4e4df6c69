import { useQuery } from "@tanstack/react-query";
import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it } from "vitest";
import { invalidate, q, queryClient } from "@/api/client";
import type { ScheduleDetails, StoredGrant } from "@/api/types";
import { fakeServer } from "@/test/fake-server";
import { grantOf, signIn } from "@/test/me";
import { openPage } from "@/test/open-page";
import { scheduleDetailsOf } from "@/test/schedule";
import { ApprovalCard } from "./approval-card";

afterEach(() => queryClient.clear());

type Reply = { status?: number; body?: unknown };

function open(more: Partial<ScheduleDetails>, grants: StoredGrant[], reply: () => Reply = () => ({ body: {} })) {
  signIn(grants);
  const seen = fakeServer(reply);
  const card = () => <ApprovalCard schedule={scheduleDetailsOf(more)} />;
  openPage({ path: "/schedules", component: card }, "/schedules");
  return () => seen.filter(({ method }) => method === "POST");
}

const deciders = [grantOf(["commands.approve"])];
const agree = () => screen.findByRole("button", { name: "Agree beforehand" });
const machines = () => screen.getByLabelText("Machines in a run, at most");

it("agrees to what was read, on so many machines", async () => {
  const posts = open({}, deciders);
  expect(await screen.findByText(/^Nobody has agreed yet/)).toBeTruthy();
  await userEvent.click(await agree());
  expect(await screen.findByText("Between 1 and 20,000 machines.")).toBeTruthy();
  expect(posts()).toHaveLength(0);
  await userEvent.type(machines(), "40");
  await userEvent.click(await agree());
  await waitFor(() => expect(posts()[0]?.body).toEqual({ digest: "d1", machines_max: 40 }));
  expect(posts()[0]?.path).toBe("/api/schedules/h1/approve");
  expect(await screen.findByText("Agreed to runs on up to 40 machines")).toBeTruthy();
});

it("tells who agreed when to how many", async () => {
  open({ machines_max: 40, approved_by_name: "Dana", approved_at: "2026-01-02T03:04:05Z" }, deciders);
  const words = await screen.findByText(/^Dana agreed/);
  expect(words.textContent).toContain("to runs on up to 40 machines. A change of the schedule ends it.");
  expect((machines() as HTMLInputElement).value).toBe("40");
  expect(screen.getByRole("button", { name: "Agree anew" })).toBeTruthy();
});

it("offers nothing to who has changed it last", async () => {
  open({ changed_by: "me" }, deciders);
  expect(await screen.findByText("You have changed it last: somebody else has to agree.")).toBeTruthy();
  expect(screen.queryByRole("textbox")).toBeNull();
});

it("says which permission it needs, where", async () => {
  open({ client_id: "c1" }, [grantOf(["schedules.edit"]), grantOf(["commands.approve"], { client_id: "c2" })]);
  expect((await screen.findByText(/^Only somebody who may decide about runs here/)).textContent).toContain(
    "“Decide about runs that others ask for” here",
  );
  expect(screen.queryByRole("textbox")).toBeNull();
});

function Read() {
  const { data } = useQuery(q("schedule_get", { path: { id: "h1" } }));
  return (
    data && (
      <>
        <p>{data.sentence}</p>
        <ApprovalCard schedule={data} />
      </>
    )
  );
}

it("agrees to nothing that has changed since it was read, says so, and then agrees to what is read now", async () => {
  signIn(deciders);
  let stored = scheduleDetailsOf();
  const seen = fakeServer(({ method, body }) => {
    if (method === "GET") return { body: stored };
    if ((body as { digest: string }).digest === stored.digest) return { body: stored };
    return { status: 409, body: { code: "schedule_changed", detail: "It has changed." } };
  });
  openPage({ path: "/schedules", component: Read }, "/schedules");
  await userEvent.type(await screen.findByLabelText("Machines in a run, at most"), "5");
  stored = scheduleDetailsOf({ digest: "d2", sentence: "At 04:00 every day" });
  // It comes on the screen by itself: whoever is about to agree may not have seen it.
  await invalidate("schedule_get");
  expect(await screen.findByText("At 04:00 every day")).toBeTruthy();
  await userEvent.click(await agree());
  expect((await screen.findByRole("alert")).textContent).toContain("The schedule has changed.");
  expect((machines() as HTMLInputElement).value).toBe("5");
  await waitFor(async () => expect((await agree()).getAttribute("aria-busy")).not.toBe("true"));
  await userEvent.click(await agree());
  expect(await screen.findByText("Agreed to runs on up to 5 machines")).toBeTruthy();
  const digests = seen.filter(({ method }) => method === "POST").map(({ body }) => (body as { digest: string }).digest);
  expect(digests).toEqual(["d1", "d2"]);
});
