import { act, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { invalidate, queryClient } from "@/api/client";
import { scheduleDetailsOf } from "@/test/schedule";
import { openEdit, save, saved } from "./schedule-form-helper";

beforeEach(() => {
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(720);
  Element.prototype.scrollIntoView = () => {};
});
afterEach(() => queryClient.clear());

it("changes what a schedule says, on top of what was read, and says that an agreement ends", async () => {
  const seen = openEdit({
    schedule: {
      machines_max: 40,
      approved_by_name: "Dana",
      parameters: { folder: "/srv" },
      targets: { ids: ["a7", "a8"] },
    },
  });
  expect((await screen.findByLabelText<HTMLInputElement>("Folder (required)")).value).toBe("/srv");
  expect(screen.getByText(/^Dana agreed to runs on up to 40 machines\. Saving ends that/)).toBeTruthy();
  expect(screen.getByText(/^It works in the name of Technician Two now, and in yours from then on/)).toBeTruthy();
  expect(screen.getByText("2 machines: web-a7, web-a8")).toBeTruthy();
  await userEvent.type(screen.getByLabelText("Name"), " 2");
  await userEvent.click(save());
  await waitFor(() =>
    expect(saved(seen)).toMatchObject({
      name: "Nightly 2",
      based_on: "d1",
      script_version: 2,
      targets: { ids: ["a7", "a8"] },
      parameters: { folder: "/srv" },
    }),
  );
});

it("begins with the version that it is to run, and keeps what was given", async () => {
  const seen = openEdit(
    { script: { approved_version: 3 }, schedule: { parameters: { folder: "/srv" } } },
    "/schedules/h1/edit?version=3",
  );
  expect((await screen.findByLabelText<HTMLInputElement>("Folder (required)")).value).toBe("/srv");
  const options = within(screen.getByRole("combobox", { name: "Version" })).getAllByRole("option");
  expect(options.map(({ textContent }) => textContent)).toEqual([
    "Version 3, approved",
    "Version 2, in use, not approved",
    "Version 1, not approved",
  ]);
  await userEvent.click(save());
  await waitFor(() => expect(saved(seen)).toMatchObject({ script_version: 3, parameters: { folder: "/srv" } }));
});

it("keeps what is written when somebody else has changed it, and loads that when told to", async () => {
  const schedule = { parameters: { folder: "/srv" } };
  let now = scheduleDetailsOf(schedule);
  const seen = openEdit({
    answer: ({ method, path, body }) => {
      if (path !== "/api/schedules/h1") return undefined;
      if (method === "GET") return { body: now };
      const { based_on } = body as { based_on: string };
      return based_on === now.digest ? { body: now } : { status: 409, body: { code: "schedule_changed", detail: "" } };
    },
  });
  await userEvent.type(await screen.findByLabelText("Name"), " 2");
  now = scheduleDetailsOf({ ...schedule, name: "Weekly", digest: "d2" });
  await userEvent.click(save());
  expect((await screen.findByRole("alert")).textContent).toContain("Nightly has changed since you began.");
  expect(screen.getByLabelText<HTMLInputElement>("Name").value).toBe("Nightly 2");
  expect(screen.getByRole("link", { name: "Look at it in a new tab" }).getAttribute("href")).toBe("/schedules/h1");
  await userEvent.click(screen.getByRole("button", { name: "Load it, drop mine" }));
  await waitFor(() => expect(screen.getByLabelText<HTMLInputElement>("Name").value).toBe("Weekly"));
  expect(screen.queryByRole("alert")).toBeNull();
  await screen.findByLabelText("Folder (required)");
  await userEvent.click(save());
  await waitFor(() =>
    expect(seen.filter(({ method }) => method === "PUT").at(-1)?.body).toMatchObject({ based_on: "d2" }),
  );
});

it("tells while one writes that somebody else has changed it", async () => {
  let digest = "d1";
  openEdit({
    answer: ({ method, path }) =>
      method === "GET" && path === "/api/schedules/h1" ? { body: scheduleDetailsOf({ digest }) } : undefined,
  });
  await screen.findByLabelText("Folder (required)");
  digest = "d2";
  await act(() => invalidate("schedule_get"));
  expect((await screen.findByRole("alert")).textContent).toContain("Nightly has changed since you began.");
});
