import { useQuery } from "@tanstack/react-query";
import { CircleCheck, CircleMinus, Network } from "lucide-react";
import { q } from "@/api/client";
import type { Answer } from "@/api/operations";
import type { Agent } from "@/api/types";
import { CopyButton } from "@/components/copy";
import { EmptyState, ErrorView } from "@/components/feedback";
import { Time } from "@/components/time";
import { Facts, Panel, Skeleton } from "@/ui/panel";

type State = Answer<"agent_network">;
type Interface = State["interfaces"][number];

/** How the machine is reached: its address on the internet, its interfaces and their networks. */
export function NetworkTab({ agent }: { agent: Agent }) {
  const query = useQuery(q("agent_network", { path: { id: agent.id } }));
  const state = query.data;
  if (query.isPending) return <Skeleton className="h-64 w-full max-w-4xl" />;
  if (!state) return <ErrorView error={query.error} onRetry={() => void query.refetch()} />;
  if (!state.recorded_at) {
    return (
      <EmptyState icon={Network} title="The machine has not told its network state">
        It tells within a minute after it connects, and again when something changes.
      </EmptyState>
    );
  }
  return (
    <div className="flex max-w-4xl flex-col gap-4">
      <Panel title="Addresses">
        <Facts
          items={[
            {
              name: "Public address",
              value: state.wan_address ? (
                <span className="flex flex-wrap items-center gap-2">
                  <span className="font-mono text-xs">{state.wan_address}</span>
                  <CopyButton text={state.wan_address} size="sm" />
                </span>
              ) : (
                "not known: the machine reaches the server from inside, and no look-up service has told it"
              ),
            },
            { name: "Reported", value: <Time value={state.recorded_at} /> },
          ]}
        />
      </Panel>
      <Panel title={`Interfaces (${state.interfaces.length})`} bodyClassName="p-0">
        {state.interfaces.length === 0 ? (
          <p className="p-4 text-soft text-sm">There is no interface but the loopback.</p>
        ) : (
          <ul aria-label="Interfaces">
            {state.interfaces.map((item) => (
              <InterfaceRow key={item.name} item={item} />
            ))}
          </ul>
        )}
      </Panel>
    </div>
  );
}

function InterfaceRow({ item }: { item: Interface }) {
  return (
    <li className="grid gap-x-4 gap-y-1 border-line border-b px-4 py-2.5 text-sm last:border-b-0 sm:grid-cols-[12rem_minmax(0,1fr)]">
      <div className="min-w-0">
        <p className="truncate font-medium" title={item.name}>
          {item.name}
        </p>
        <p
          className={
            item.is_up ? "flex items-center gap-1.5 text-ok text-xs" : "flex items-center gap-1.5 text-soft text-xs"
          }
        >
          {item.is_up ? (
            <CircleCheck aria-hidden className="size-3.5" />
          ) : (
            <CircleMinus aria-hidden className="size-3.5" />
          )}
          {item.is_up ? "Up" : "Down"}
        </p>
        {item.mac && <p className="font-mono text-soft text-xs">{item.mac}</p>}
      </div>
      {item.addresses.length === 0 ? (
        <p className="text-soft">No address</p>
      ) : (
        <ul aria-label={`Addresses of ${item.name}`} className="flex min-w-0 flex-col gap-0.5">
          {item.addresses.map((address) => (
            <li key={address.address} className="flex flex-wrap gap-x-3 font-mono text-xs leading-5">
              <span className="break-all">{address.address}</span>
              <span className="text-soft">{address.cidr}</span>
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}
