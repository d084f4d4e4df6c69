import { cleanup, fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { queryClient } from "@/api/client";
import { grantOf } from "@/test/me";
import { openNew, PREVIEW, previews, save, saved, select } from "./schedule-form-helper";

beforeEach(() => {
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(720);
  Element.prototype.scrollIntoView = () => {};
});
afterEach(() => queryClient.clear());

it("makes a schedule of the approved version, with what it asks for", async () => {
  const seen = openNew();
  await userEvent.type(await screen.findByLabelText("Folder (required)"), "/var");
  await userEvent.type(screen.getByLabelText("Name"), " Nightly ");
  await userEvent.click(save());
  await waitFor(() =>
    expect(saved(seen)).toEqual({
      name: "Nightly",
      trigger: { kind: "cron", timing: "0 3 * * *", time_zone: null, missed: "skip", missed_within_minutes: 720 },
      targets: { filter: {} },
      script_id: "s1",
      script_version: 2,
      parameters: { folder: "/var" },
      pace: { mode: "parallel" },
      expires_in_seconds: 86_400,
    }),
  );
  expect(await screen.findByText("Nightly saved")).toBeTruthy();
});

it("shows what it would do, and that each run waits for a second person", async () => {
  const seen = openNew();
  expect(await screen.findByText("At 03:00 every day")).toBeTruthy();
  expect(screen.getByRole("list", { name: "Next times" }).textContent).toContain("Sat 2026-01-03 03:00Europe/Berlin");
  expect(screen.getByText(/30 machines are told/)).toBeTruthy();
  expect(screen.getByText(/^More than 25 machines: each run waits for a second person, unless/)).toBeTruthy();
  // a script that lacks something is not asked about
  expect(previews(seen).at(-1)).not.toHaveProperty("script_id");
  await userEvent.type(await screen.findByLabelText("Folder (required)"), "/var");
  await waitFor(() => expect(previews(seen).at(-1)).toMatchObject({ script_id: "s1", parameters: { folder: "/var" } }));
});

it("builds a timing, and makes it a text and back", async () => {
  const seen = openNew();
  await screen.findByLabelText("Folder (required)");
  await select("How often", "On one weekday of the month");
  await select("Which of the month", "Last");
  await select("Weekday", "Friday");
  await select("Runs on", "The day after");
  fireEvent.change(screen.getByLabelText("At"), { target: { value: "22:30" } });
  await waitFor(() => expect(previews(seen).at(-1)).toMatchObject({ trigger: { timing: "nth last fri 22:30 +1" } }));
  await select("How often", "Advanced: as a text");
  expect((screen.getByLabelText("Timing") as HTMLInputElement).value).toBe("nth last fri 22:30 +1");
  await userEvent.clear(screen.getByLabelText("Timing"));
  await userEvent.type(screen.getByLabelText("Timing"), "15 4 * * mon,tue");
  await select("How often", "On certain weekdays");
  expect(screen.getByRole("checkbox", { name: "Tuesday" }).getAttribute("aria-checked")).toBe("true");
  expect(screen.getByRole("checkbox", { name: "Friday" }).getAttribute("aria-checked")).toBe("false");
  expect((screen.getByLabelText("At") as HTMLInputElement).value).toBe("04:15");
});

it("puts what the server says of a field beside it, before and after saving", async () => {
  const errors = [{ field: "trigger.timing", message: "There is no such timing." }];
  const wrong = { status: 422, body: { code: "validation_failed", detail: "Wrong.", errors } };
  const seen = openNew({ answer: ({ method }) => (method === "POST" ? wrong : undefined) });
  await userEvent.type(await screen.findByLabelText("Folder (required)"), "/var");
  await select("How often", "Advanced: as a text");
  await waitFor(() =>
    expect(screen.getByRole("textbox", { name: "Timing", description: /There is no such timing/ })).toBeTruthy(),
  );
  await userEvent.type(screen.getByLabelText("Name"), "Nightly");
  await userEvent.click(save());
  await waitFor(() => expect(saved(seen)).toBeTruthy());
  await waitFor(() => expect(document.activeElement).toBe(screen.getByLabelText("Timing")));
});

it("asks for what is missing on both halves", async () => {
  const seen = openNew();
  await screen.findByLabelText("Folder (required)");
  await userEvent.click(save());
  expect(await screen.findByText("Write the name of the schedule.")).toBeTruthy();
  expect(screen.getByText("Give a value.")).toBeTruthy();
  expect(document.activeElement).toBe(screen.getByLabelText("Name"));
  expect(saved(seen)).toBeUndefined();
});

it("gives the focus to what is wrong first, as it is read, and checks it anew while it is mended", async () => {
  openNew();
  await userEvent.type(await screen.findByLabelText("Name"), "Nightly");
  const folder = await screen.findByLabelText("Folder (required)");
  await select("How often", "On certain weekdays");
  const days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"];
  for (const name of days) await userEvent.click(screen.getByRole("checkbox", { name }));
  await userEvent.click(save());
  await waitFor(() => expect(document.activeElement).toBe(folder));
  await userEvent.type(folder, "/var");
  expect(screen.queryByText("Give a value.")).toBeNull();
  await userEvent.click(save());
  await waitFor(() => expect(document.activeElement).toBe(screen.getByRole("checkbox", { name: "Monday" })));
  expect(screen.getByText("Choose at least one day.")).toBeTruthy();
});

it("is set off by machines, in a time zone, and made up for", async () => {
  const seen = openNew();
  await userEvent.type(await screen.findByLabelText("Folder (required)"), "/var");
  await userEvent.type(screen.getByLabelText("Name"), "Morning");
  await select("If the server was not running then", "Make up for it once");
  const within_ = screen.getByLabelText("At most so much later");
  await userEvent.clear(within_);
  await userEvent.type(within_, "31");
  await select("Unit", "days");
  await userEvent.click(save());
  expect(await screen.findByText("Between a minute and 30 days.")).toBeTruthy();
  await userEvent.click(screen.getByRole("combobox", { name: "Time zone" }));
  await userEvent.keyboard("berlin");
  await userEvent.click(await screen.findByRole("option", { name: /Europe\/Berlin/ }));
  await select("Unit", "minutes");
  await waitFor(() =>
    expect(previews(seen).at(-1)).toMatchObject({
      trigger: { time_zone: "Europe/Berlin", missed: "once", missed_within_minutes: 31 },
    }),
  );
  await userEvent.click(screen.getByRole("radio", { name: /^First contact/ }));
  fireEvent.change(screen.getByLabelText("Not before"), { target: { value: "07:00" } });
  await userEvent.click(save());
  await waitFor(() => expect(saved(seen)?.trigger).toEqual({ kind: "first_contact", not_before: "07:00" }));
});

it("takes any time that an absent machine may take, within bounds", async () => {
  const seen = openNew();
  await userEvent.type(await screen.findByLabelText("Folder (required)"), "/var");
  await userEvent.type(screen.getByLabelText("Name"), "Nightly");
  expect(screen.getByText("all at once · waits up to 24 hours")).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Options" }));
  const wait = screen.getByLabelText<HTMLInputElement>("Wait for an offline machine, at most");
  expect(wait.value).toBe("24");
  await userEvent.clear(wait);
  await userEvent.type(wait, "31");
  await select("Unit of the wait", "days");
  await userEvent.click(screen.getByRole("button", { name: "Options" }));
  await userEvent.click(save());
  expect(await screen.findByText("Between 30 seconds and 30 days.")).toBeTruthy();
  await waitFor(() => expect(document.activeElement).toBe(wait));
  expect(saved(seen)).toBeUndefined();
  await select("Unit of the wait", "minutes");
  await waitFor(() => expect(screen.queryByText("Between 30 seconds and 30 days.")).toBeNull());
  expect(screen.getByText("all at once · waits up to 31 min")).toBeTruthy();
  await userEvent.click(save());
  await waitFor(() => expect(saved(seen)?.expires_in_seconds).toBe(1_860));
});

it("has no pace where machines set it off, and shows what the server says of one", async () => {
  const errors = [{ field: "pace", message: "It has no order and no rate." }];
  const wrong = { status: 422, body: { code: "validation_failed", detail: "Wrong.", errors } };
  const seen = openNew({ answer: ({ path }) => (path === "/api/schedules" ? wrong : undefined) });
  await userEvent.type(await screen.findByLabelText("Folder (required)"), "/var");
  await userEvent.type(screen.getByLabelText("Name"), "Set up");
  await userEvent.click(screen.getByRole("button", { name: "Options" }));
  await userEvent.type(screen.getByLabelText("Machines a minute, at most"), "0");
  for (const kind of [/^First contact/, /^Enrolment/]) {
    await userEvent.click(screen.getByRole("radio", { name: kind }));
    expect(screen.queryByRole("combobox", { name: "Order" })).toBeNull();
    expect(screen.queryByLabelText("Machines a minute, at most")).toBeNull();
    expect(screen.queryByLabelText("Stop after failures")).toBeNull();
    expect(screen.getByText("waits up to 24 hours")).toBeTruthy();
  }
  // what was written of a pace stays unsaid, also when it is wrong
  await userEvent.click(save());
  expect(await screen.findByText("It has no order and no rate.")).toBeTruthy();
  expect(saved(seen)).not.toHaveProperty("pace");
  await waitFor(() => expect(document.activeElement).toBe(screen.getByRole("button", { name: "Options" })));
  await userEvent.click(screen.getByRole("radio", { name: /^The clock/ }));
  expect(screen.getByLabelText<HTMLInputElement>("Machines a minute, at most").value).toBe("0");
});

it("is set off by a machine that enrols", async () => {
  const none = { ...PREVIEW, sentence: "When a machine enrols", next: [] };
  const seen = openNew({ answer: ({ path }) => (path === "/api/schedules/preview" ? { body: none } : undefined) });
  await userEvent.type(await screen.findByLabelText("Folder (required)"), "/var");
  await userEvent.type(screen.getByLabelText("Name"), "Set up");
  await userEvent.click(screen.getByRole("radio", { name: /^Enrolment/ }));
  expect(screen.queryByRole("combobox", { name: "Time zone" })).toBeNull();
  expect(await screen.findByText("When a machine enrols")).toBeTruthy();
  expect(screen.queryByText(/^No time is to come/)).toBeNull();
  await userEvent.click(save());
  await waitFor(() => expect(saved(seen)).toMatchObject({ name: "Set up", trigger: { kind: "enrolment" } }));
});

it("takes machines that match, or some by name", async () => {
  const seen = openNew();
  await userEvent.type(await screen.findByLabelText("Folder (required)"), "/var");
  await userEvent.click(screen.getByRole("radio", { name: /^Those that match/ }));
  await select("System", "Linux");
  await userEvent.type(screen.getByLabelText("Tags"), "web{Enter}");
  await waitFor(() =>
    expect(previews(seen).at(-1)).toMatchObject({ targets: { filter: { os: "linux", tag: "web" } } }),
  );
  await userEvent.click(screen.getByRole("radio", { name: /^By name/ }));
  expect(save().getAttribute("aria-disabled")).toBe("true");
  await userEvent.click(await screen.findByRole("checkbox", { name: /web-1/ }));
  expect(screen.queryByRole("checkbox", { name: /^All/ })).toBeNull();
  await userEvent.type(screen.getByLabelText("Name"), "Some");
  await userEvent.click(save());
  await waitFor(() => expect(saved(seen)?.targets).toEqual({ ids: ["a1"] }));
});

it("begins where one is looking", async () => {
  const seen = openNew({}, "/schedules/new?script_id=s1&client_id=c1");
  await waitFor(() => expect(previews(seen).at(-1)?.client_id).toBe("c1"));
  expect(screen.getByText("It works at once, in your name, with what you may do each time.")).toBeTruthy();
});

it("begins where one may, and says of other places that one may not", async () => {
  const seen = openNew({ grants: [grantOf(["schedules.edit", "clients.view", "sites.view"], { client_id: "c7" })] });
  await waitFor(() => expect(previews(seen).at(-1)?.client_id).toBe("c7"));
  const place = screen.getByRole("combobox", { name: "Organisation, client or site" });
  await userEvent.click(place);
  const whole = await screen.findByRole("option", { name: /The whole organisation/ });
  expect(whole.textContent).toContain("Your account lacks the permission");
  cleanup();
  queryClient.clear();
  const asked = openNew({ may: ["scripts.view"] });
  expect((await screen.findAllByText(/^Your account lacks the permission/)).length).toBeGreaterThan(0);
  expect(previews(asked)).toEqual([]);
});

it("lets nobody save a version that is not approved without being allowed any command", async () => {
  openNew();
  await screen.findByLabelText("Folder (required)");
  await select("Version", "Version 3, the newest, not approved");
  await waitFor(() => expect(screen.getByText(/^Version 3 runs each time/)).toBeTruthy());
  expect(
    screen.getByRole("combobox", {
      name: "Version",
      description: /^This version is not approved\. Your account lacks/,
    }),
  ).toBeTruthy();
  expect(save().getAttribute("aria-disabled")).toBe("true");
});

it("runs any version for who may run any command, the approved one first", async () => {
  const seen = openNew({ may: ["schedules.edit", "commands.run"] });
  await userEvent.type(await screen.findByLabelText("Folder (required)"), "/var");
  await userEvent.type(screen.getByLabelText("Name"), "Nightly");
  const version = await screen.findByRole<HTMLSelectElement>("combobox", {
    name: "Version",
    description: /^Another than the approved one needs the permission “Run and cancel commands” there\.$/,
  });
  await within(version).findByRole("option", { name: "Version 1, not approved" });
  expect(
    within(version)
      .getAllByRole("option")
      .map(({ textContent }) => textContent),
  ).toEqual(["Version 2, approved", "Version 3, the newest, not approved", "Version 1, not approved"]);
  expect(version.value).toBe("2");
  await userEvent.selectOptions(version, "1");
  expect(await screen.findByText(/^Version 1 runs each time/)).toBeTruthy();
  await userEvent.click(save());
  await waitFor(() => expect(saved(seen)).toMatchObject({ script_version: 1, parameters: { folder: "/var" } }));
});

it("asks for a script first", async () => {
  openNew({}, "/schedules/new");
  expect((await screen.findByRole("combobox", { name: "Script" })).textContent).toContain("Choose a script");
  await userEvent.click(save());
  expect((await screen.findAllByText("Choose a script first.")).length).toBeGreaterThan(0);
});

it("asks before what is written is lost", async () => {
  openNew();
  await userEvent.type(await screen.findByLabelText("Name"), "Nightly");
  await userEvent.click(screen.getByRole("link", { name: "Cancel" }));
  const dialog = await screen.findByRole("alertdialog", { name: "Leave without saving?" });
  await userEvent.click(within(dialog).getByRole("button", { name: "Keep" }));
  expect((screen.getByLabelText("Name") as HTMLInputElement).value).toBe("Nightly");
});

it("asks also when versions were tried in between, or only an option was changed", async () => {
  openNew();
  await userEvent.type(await screen.findByLabelText("Folder (required)"), "/var");
  await select("Version", "Version 3, the newest, not approved");
  await screen.findByText(/^Version 3 runs each time/);
  await select("Version", "Version 2, approved");
  await screen.findByText(/^Version 2 runs each time/);
  await userEvent.click(screen.getByRole("link", { name: "Cancel" }));
  expect(await screen.findByRole("alertdialog", { name: "Leave without saving?" })).toBeTruthy();
  cleanup();
  queryClient.clear();
  openNew();
  await screen.findByLabelText("Folder (required)");
  await userEvent.click(screen.getByRole("button", { name: "Options" }));
  await select("Unit of the wait", "days");
  await userEvent.click(screen.getByRole("link", { name: "Cancel" }));
  expect(await screen.findByRole("alertdialog", { name: "Leave without saving?" })).toBeTruthy();
});

it("leaves without a word what was not touched", async () => {
  openNew();
  await screen.findByLabelText("Folder (required)");
  await userEvent.click(screen.getByRole("link", { name: "Cancel" }));
  await waitFor(() => expect(screen.queryByLabelText("Name")).toBeNull());
  expect(screen.queryByRole("alertdialog")).toBeNull();
});
