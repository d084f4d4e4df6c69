import type { Agent } from "@/api/types";
import type { ComboboxOption } from "@/ui/combobox";
import { useAction } from "../use-action";

/** Moves one machine to another site. Where that fails, a message says so and the dialog stays for another try. */
export function useMoveOne(agent: Agent, onMoved: () => void): (site: ComboboxOption) => Promise<void> {
  const move = useAction("agent_update", {
    stale: ["agent_get", "agent_list", "agent_summary", "client_list", "site_list", "audit_event_list"],
    done: (answer) => `Moved to ${answer.client_name} › ${answer.site_name}`,
  });
  return async (site) => {
    try {
      await move.mutateAsync({ path: { id: agent.id }, body: { site_id: site.value } });
    } catch {
      return;
    }
    onMoved();
  };
}
