import * as z from "zod/mini";
import { COMMAND_STATUSES } from "../status";

const known = new Set<string>(COMMAND_STATUSES);

/** Statuses of commands in an address: a list with commas, as the server takes it; words it does not know are dropped. */
export const statusSearch = z.catch(
  z.pipe(
    z.optional(z.string()),
    z.transform((text) => {
      const words = text?.split(",").filter((word) => known.has(word)) ?? [];
      return words.length > 0 ? words.join(",") : undefined;
    }),
  ),
  undefined,
);
