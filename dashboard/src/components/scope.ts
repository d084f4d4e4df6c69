import { useSearch } from "@tanstack/react-router";
import * as z from "zod/mini";

/** The client or site that the tree has chosen. It narrows every page, so every address inside the product carries it. */
export const scopeSearch = z.object({
  client_id: z.catch(z.optional(z.string()), undefined),
  site_id: z.catch(z.optional(z.string()), undefined),
});

export interface Scope {
  client_id?: string | undefined;
  site_id?: string | undefined;
}

export const SCOPE_KEYS = ["client_id", "site_id"] as const;

/** Only the keys that are set: absent and undefined must make the same query key. */
export function scopeOf(search: Scope): { client_id?: string; site_id?: string } {
  if (search.site_id) return { site_id: search.site_id };
  return search.client_id ? { client_id: search.client_id } : {};
}

/** What the tree has chosen, with the client of a site when the address names it: what one may do is asked of both. */
export function useFullScope(): Scope {
  const { client_id, site_id } = useSearch({ strict: false }) as Scope;
  return { client_id, site_id };
}

export function useScope(): { client_id?: string; site_id?: string } {
  return scopeOf(useSearch({ strict: false }) as Scope);
}
