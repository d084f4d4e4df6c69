import { CircleCheck, CircleMinus } from "lucide-react";
import type { Agent } from "@/api/types";
import { OS_WORD } from "@/components/agent-name";
import { EmptyState } from "@/components/feedback";
import { Panel } from "@/ui/panel";

const words = (name: string) => {
  const text = name.replaceAll(/[_.]/g, " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
};

/** What the agent can do on this platform, and why not where it cannot. */
export function CapabilitiesTab({ agent }: { agent: Agent }) {
  if (agent.capabilities.length === 0) {
    return (
      <EmptyState icon={CircleMinus} title="The agent has not told what it can do">
        It tells when it connects. Bring the machine online to see.
      </EmptyState>
    );
  }
  const cell = "wrap-anywhere border-line border-b px-4 py-2 text-left align-top group-last:border-b-0 max-sm:px-2";
  return (
    <Panel
      title={`What agent ${agent.agent_version} can do on ${OS_WORD[agent.os]}`}
      bodyClassName="p-0"
      className="max-w-4xl"
    >
      <table className="w-full text-sm" aria-label="Capabilities">
        <thead>
          <tr className="text-soft text-xs">
            <th scope="col" className={`${cell} font-medium`}>
              Capability
            </th>
            <th scope="col" className={`${cell} w-36 font-medium max-sm:w-28`}>
              Here
            </th>
            <th scope="col" className={`${cell} font-medium`}>
              Reason
            </th>
          </tr>
        </thead>
        <tbody>
          {agent.capabilities.map((capability) => (
            <tr key={capability.name} className="group">
              <th scope="row" className={`${cell} font-medium`}>
                {words(capability.name)}
              </th>
              <td className={cell}>
                {capability.supported ? (
                  <span className="flex items-center gap-1.5 text-ok">
                    <CircleCheck aria-hidden className="size-3.5" /> Supported
                  </span>
                ) : (
                  <span className="flex items-center gap-1.5 text-soft sm:whitespace-nowrap">
                    <CircleMinus aria-hidden className="size-3.5" /> Not supported
                  </span>
                )}
              </td>
              <td className={`${cell} text-soft`}>{capability.reason ?? ""}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}
