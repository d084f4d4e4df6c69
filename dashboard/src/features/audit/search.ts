import * as z from "zod/mini";

export const auditSearch = z.object({
  search: z.catch(z.optional(z.string()), undefined),
  action: z.catch(z.optional(z.string()), undefined),
  period: z.catch(z.optional(z.enum(["1h", "24h", "7d", "30d"])), undefined),
});
