import type { Permission } from "@/api/can";
import { queryClient } from "@/api/client";
import type { Me, StoredGrant } from "@/api/types";

let lastId = 0;

/** A grant of a role that names these. */
export const grantOf = (permissions: readonly Permission[], more: Partial<StoredGrant> = {}): StoredGrant => {
  lastId += 1;
  return {
    id: `grant-${lastId}`,
    effect: "allow",
    role_id: `role-${lastId}`,
    role_name: `Role ${lastId}`,
    permissions: [...permissions],
    ...more,
  };
};

/** Whoever is signed in, with these grants. */
export function signIn(grants: StoredGrant[], more: Partial<Me> = {}): void {
  const time = "2026-01-02T03:04:05Z";
  queryClient.setQueryData(["auth_me", {}], {
    user: { id: "me", name: "Technician One", email: "one@example.com", created_at: time },
    organisation: { id: "org", name: "Example" },
    permissions: grants.flatMap((grant) => grant.permissions ?? []),
    grants,
    session: { id: "session", created_at: time, expires_at: time },
    public_url: "http://localhost",
    ...more,
  });
}

/** The same with these permissions in the whole organisation. */
export const signInWith = (...permissions: Permission[]): void => signIn([grantOf(permissions)]);
