import type { UseQueryResult } from "@tanstack/react-query";
import { Download, LineChart } from "lucide-react";
import type { ReactNode } from "react";
import type { Agent } from "@/api/types";
import { type ChartData, TimeChart } from "@/components/chart/time-chart";
import { EmptyState, ErrorView } from "@/components/feedback";
import { downloadText } from "@/lib/download";
import { formatBytes, formatPercent } from "@/lib/format";
import { Button } from "@/ui/button";
import { Panel, Skeleton } from "@/ui/panel";
import { chartsToCsv } from "./charts-csv";

export interface Charts {
  cpu: ChartData;
  memory: ChartData;
  disk: ChartData;
  network: ChartData;
}

const percent = (value: number) => formatPercent(value);
const rate = (value: number) => `${formatBytes(value)}/s`;

interface ChartGridProps {
  agent: Agent;
  /** Of the CSV, without its ending. */
  fileName: string;
  rangeWord: string;
  picker: ReactNode;
  query: Pick<UseQueryResult, "error" | "data" | "isPending" | "refetch">;
  isEmpty: boolean;
  charts: Charts;
  window: { from: number; to: number };
  note?: string | undefined;
  /** How the charts are read. */
  caption?: string | undefined;
}

/** The four charts of a machine, with the choice of range above them. */
export function ChartGrid(props: ChartGridProps) {
  const save = () => downloadText(`${props.fileName}.csv`, "text/csv;charset=utf-8", chartsToCsv(props.charts));
  const hasPoints = Boolean(props.query.data) && !props.isEmpty;
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap items-center justify-between gap-2">
        {props.picker}
        <Button size="sm" onClick={save} disabledReason={hasPoints ? undefined : "There is nothing to save."}>
          <Download /> CSV
        </Button>
      </div>
      {hasPoints && props.caption && <p className="-mt-2 text-soft text-xs">{props.caption}</p>}
      <ChartArea {...props} />
    </div>
  );
}

function ChartArea({ agent, rangeWord, query, isEmpty, charts, window, note }: ChartGridProps) {
  if (query.error && !query.data) return <ErrorView error={query.error} onRetry={() => void query.refetch()} />;
  if (query.isPending) {
    return (
      <div className="grid gap-4 xl:grid-cols-2">
        {["cpu", "memory", "disk", "network"].map((key) => (
          <Skeleton key={key} className="h-64 rounded-lg" />
        ))}
      </div>
    );
  }
  if (isEmpty) {
    return (
      <EmptyState icon={LineChart} title={`Nothing was measured in the last ${rangeWord}`}>
        {agent.status === "offline"
          ? "The machine is offline. Choose a longer range, or bring it back online."
          : "The first figures come a minute after the machine connects; longer ranges have them some minutes later."}
      </EmptyState>
    );
  }
  return (
    <div className="grid gap-4 xl:grid-cols-2">
      {note && <p className="rounded-md bg-warn-soft px-3 py-2 text-sm text-warn xl:col-span-2">{note}</p>}
      <Panel title="CPU">
        <TimeChart label="CPU" data={charts.cpu} window={window} format={percent} max={100} />
      </Panel>
      <Panel title="Memory">
        <TimeChart label="Memory" data={charts.memory} window={window} format={percent} max={100} />
      </Panel>
      <Panel title="Disk">
        <TimeChart label="Disk" data={charts.disk} window={window} format={percent} max={100} />
      </Panel>
      <Panel title="Network">
        <TimeChart label="Network" data={charts.network} window={window} format={rate} />
      </Panel>
    </div>
  );
}
