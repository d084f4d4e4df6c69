import { configure, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { Permission } from "@/api/can";
import type { ScheduleDetails, Script, StoredGrant } from "@/api/types";
import { agentOf } from "@/test/agent";
import { fakeServer, type Seen } from "@/test/fake-server";
import { grantOf, signIn } from "@/test/me";
import { openPage } from "@/test/open-page";
import { scheduleDetailsOf } from "@/test/schedule";
import { parameterOf, scriptOf, scriptVersionOf } from "@/test/script";
import { EditSchedulePage } from "./edit-schedule-page";
import { NewSchedulePage } from "./new-schedule-page";
import { editScheduleSearch, newScheduleSearch } from "./search";

// The page reads the script, then its version, before it shows what that asks for: on a busy machine more than a second.
configure({ asyncUtilTimeout: 5_000 });

type Reply = { status?: number; body?: unknown };

interface World {
  script?: Partial<Script>;
  schedule?: Partial<ScheduleDetails>;
  may?: Permission[];
  grants?: StoredGrant[];
  answer?: (seen: Seen) => Reply | undefined;
}

export const PREVIEW = {
  sentence: "At 03:00 every day",
  next: [{ at: "2026-01-03T02:00:00Z", time_zone: "Europe/Berlin", local: "2026-01-03 03:00" }],
  reach: { count: 30, offline: 2, refused: {}, needs_approval: true, approval_threshold: 25 },
};

function world({ script, schedule, may = ["schedules.edit"], grants = [grantOf(may)], answer }: World) {
  signIn(grants);
  const known = scriptOf({ newest_version: 3, approved_version: 2, ...script });
  return fakeServer((asked) => {
    const { method, path, search } = asked;
    const own = answer?.(asked);
    if (own) return own;
    if (path === "/api/schedules/preview") return { body: PREVIEW };
    if (path.startsWith("/api/schedules")) return { body: scheduleDetailsOf(method === "GET" ? schedule : {}) };
    if (path === "/api/scripts/s1") return { body: known };
    if (path === "/api/scripts/s1/versions") {
      const number = search.get("number");
      const parameters = [parameterOf({ name: "folder", label: "Folder", required: true })];
      const numbers = number ? [Number(number)] : [3, 2, 1];
      return { body: { items: numbers.map((one) => scriptVersionOf({ number: one, parameters })) } };
    }
    if (path === "/api/scripts") return { body: { items: [known], next: null } };
    if (path === "/api/agents") return { body: { items: [agentOf({})], next: null, count: 1 } };
    if (path.startsWith("/api/agents/"))
      return { body: agentOf({ id: path.slice(12), hostname: `web-${path.slice(12)}` }) };
    return { body: { items: [], next: null } };
  });
}

export function openNew(given: World = {}, address = "/schedules/new?script_id=s1") {
  const seen = world(given);
  openPage({ path: "/schedules/new", component: NewSchedulePage, validateSearch: newScheduleSearch }, address);
  return seen;
}

export function openEdit(given: World = {}, address = "/schedules/h1/edit") {
  const seen = world(given);
  openPage({ path: "/schedules/$id/edit", component: EditSchedulePage, validateSearch: editScheduleSearch }, address);
  return seen;
}

export const saved = (seen: Seen[]) =>
  seen.find(({ method, path }) => method !== "GET" && !path.endsWith("/preview"))?.body as Record<string, unknown>;
export const previews = (seen: Seen[]) =>
  seen.filter(({ path }) => path.endsWith("/preview")).map(({ body }) => body as Record<string, unknown>);
export const save = () => screen.getByRole("button", { name: "Save schedule" });
export const select = (name: string, option: string) =>
  userEvent.selectOptions(screen.getByRole("combobox", { name }), option);
