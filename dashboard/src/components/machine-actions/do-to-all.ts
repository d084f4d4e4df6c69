import { call, invalidate } from "@/api/client";
import { ApiError, explain } from "@/api/problem";
import type { AgentBulkAction } from "@/api/types";
import { plural } from "@/lib/format";
import { toast } from "@/ui/toaster";
import { type Machine, namesOf } from "../each-machine";

/** As many as the server takes at once. */
const AT_ONCE = 500;

const saysWhichField = (error: unknown) => error instanceof ApiError && error.errors.length > 0;

/**
 * Does one thing to all of them and says where it was not done; answers the machines that are left. What is wrong with
 * the value of a field it throws, for the form that it was written in.
 */
export async function doToAll(agents: Machine[], done: string, action: AgentBulkAction): Promise<Machine[]> {
  const left = new Map<string, string>();
  try {
    for (let at = 0; at < agents.length; at += AT_ONCE) {
      const ids = agents.slice(at, at + AT_ONCE).map(({ id }) => id);
      const { refused } = await call("agent_bulk", { body: { ids, action } });
      for (const { id, detail } of refused) left.set(id, detail);
    }
  } catch (error) {
    if (action.kind === "set_fields" && saysWhichField(error)) throw error;
    const { title, advice } = explain(error);
    toast("failed", title, advice);
    return agents;
  } finally {
    void invalidate(
      "agent_list",
      "agent_get",
      "agent_summary",
      "tag_list",
      "custom_field_list",
      "client_list",
      "site_list",
      "audit_event_list",
    );
  }
  const failed = agents.filter(({ id }) => left.has(id));
  if (failed.length === 0) toast("done", `${plural(agents.length, "machine")} ${done}`);
  else {
    const [reason] = left.values();
    toast("failed", `${plural(failed.length, "machine")} not ${done}`, `${namesOf(failed)}. ${reason}`);
  }
  return failed;
}
