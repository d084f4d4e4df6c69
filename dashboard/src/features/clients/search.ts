import * as z from "zod/mini";

export const PLACE_TABS = ["overview", "audit"] as const;
export type PlaceTab = (typeof PLACE_TABS)[number];

export const clientsSearch = z.object({ search: z.catch(z.optional(z.string()), undefined) });

/** Of the page of one client, or of one site. */
export const placeSearch = z.object({ tab: z.catch(z.optional(z.enum(PLACE_TABS)), undefined) });
