/** Roles, places and permissions as people read them. */
import { type Permission, permissions } from "@/api/can";
import type { GrantInfo, StoredGrant } from "@/api/types";
import { ALL_PERMISSIONS } from "./can";

const SUBJECTS: Record<string, string> = {
  clients: "Clients and sites",
  sites: "Clients and sites",
  agents: "Machines",
  site_keys: "Site keys",
  commands: "Commands and scripts",
  scripts: "Commands and scripts",
  audit: "Audit",
  users: "People and roles",
  roles: "People and roles",
  owners: "People and roles",
  api_keys: "API keys",
  organisation: "Organisation",
};

function subjectOf(permission: string): string {
  const [prefix = permission] = permission.split(".");
  const words = prefix.replaceAll("_", " ");
  return SUBJECTS[prefix] ?? words.charAt(0).toUpperCase() + words.slice(1);
}

/** What they are about, in the order of the list; each subject with its own. */
export function bySubject<Item>(items: readonly Item[], nameOf: (item: Item) => string): [string, Item[]][] {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const subject = subjectOf(nameOf(item));
    groups.set(subject, [...(groups.get(subject) ?? []), item]);
  }
  return [...groups];
}

export const permissionsOfLevel = (level: "place" | "organisation"): Permission[] =>
  ALL_PERMISSIONS.filter((name) => permissions[name].level === level);

type Placed = Pick<GrantInfo, "client_id" | "site_id" | "client_name" | "site_name">;

/** "on Example Bakery", "in the whole organisation". */
export function placeWords(grant: Placed): string {
  if (grant.site_id) return `on ${grant.client_name ?? "a client"} › ${grant.site_name ?? "a site"}`;
  return grant.client_id ? `on ${grant.client_name ?? "a client"}` : "in the whole organisation";
}

/** "Technician on Example Bakery"; a role in the whole organisation stands alone. */
export function grantWords(grant: StoredGrant & Placed): string {
  const role = grant.role_name ?? "A role";
  const where = grant.client_id || grant.effect === "deny" ? ` ${placeWords(grant)}` : "";
  return grant.effect === "deny" ? `Denied: ${role}${where}` : `${role}${where}`;
}

/** The broadest first, what is denied last. */
export function inOrder<G extends StoredGrant>(grants: readonly G[]): G[] {
  const rank = (grant: G) => (grant.effect === "deny" ? 10 : 0) + (grant.site_id ? 2 : grant.client_id ? 1 : 0);
  return [...grants].sort((a, b) => rank(a) - rank(b));
}
