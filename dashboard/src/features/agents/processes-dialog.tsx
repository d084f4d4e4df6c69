import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { q } from "@/api/client";
import type { Process } from "@/api/types";
import { ErrorView } from "@/components/feedback";
import { Time } from "@/components/time";
import { cn } from "@/lib/cn";
import { formatBytes } from "@/lib/format";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Skeleton } from "@/ui/panel";
import { DiskList } from "./disk-list";

export type ProcessesFor = "cpu" | "memory" | "disk";

interface ProcessesDialogProps {
  agentId: string;
  about: ProcessesFor;
  onClose: () => void;
}

/** What uses the machine: the ten processes that take most of it. */
export function ProcessesDialog({ agentId, about, onClose }: ProcessesDialogProps) {
  const [by, setBy] = useState<"cpu" | "memory">(about === "memory" ? "memory" : "cpu");
  const query = useQuery(q("agent_processes", { path: { id: agentId } }));
  const list = by === "cpu" ? query.data?.top_cpu : query.data?.top_memory;
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title="Processes"
      description={
        query.data?.recorded_at ? (
          <>
            The ten largest, measured <Time value={query.data.recorded_at} />
          </>
        ) : (
          "The ten largest of the last measurement"
        )
      }
      className="max-w-2xl"
    >
      {about === "disk" && <DiskList agentId={agentId} />}
      <fieldset className="mb-3 flex gap-1.5">
        <legend className="sr-only">Sort by</legend>
        {(["cpu", "memory"] as const).map((kind) => (
          <Button
            key={kind}
            size="sm"
            aria-pressed={by === kind}
            onClick={() => setBy(kind)}
            className={cn(by === kind && "border-accent bg-accent-soft")}
          >
            {kind === "cpu" ? "By CPU" : "By memory"}
          </Button>
        ))}
      </fieldset>
      {query.error && !query.data ? (
        <ErrorView error={query.error} onRetry={() => void query.refetch()} />
      ) : !list ? (
        <Skeleton className="h-56 w-full" />
      ) : list.length === 0 ? (
        <p className="py-6 text-center text-sm text-soft">
          The machine has not told its processes yet. They come with its next measurement.
        </p>
      ) : (
        <ProcessTable list={list} by={by} />
      )}
    </Dialog>
  );
}

function ProcessTable({ list, by }: { list: Process[]; by: "cpu" | "memory" }) {
  const cell = "border-line border-b px-2 py-1.5 first:pl-0 last:pr-0";
  return (
    <table
      className="w-full table-fixed text-sm"
      aria-label={by === "cpu" ? "Processes by CPU" : "Processes by memory"}
    >
      <thead>
        <tr className="text-left text-soft text-xs">
          <th scope="col" className={cn(cell, "font-medium")}>
            Name
          </th>
          <th scope="col" className={cn(cell, "w-24 font-medium max-sm:w-20")}>
            User
          </th>
          <th scope="col" className={cn(cell, "w-28 text-right font-medium max-sm:hidden")}>
            Process id
          </th>
          <th
            scope="col"
            className={cn(cell, "w-18 text-right font-medium")}
            aria-sort={by === "cpu" ? "descending" : undefined}
          >
            CPU
          </th>
          <th
            scope="col"
            className={cn(cell, "w-22 text-right font-medium")}
            aria-sort={by === "memory" ? "descending" : undefined}
          >
            Memory
          </th>
        </tr>
      </thead>
      <tbody>
        {list.map((process) => (
          <tr key={process.pid}>
            <td className={cn(cell, "truncate font-medium")} title={process.name}>
              {process.name}
            </td>
            <td className={cn(cell, "truncate text-soft")}>{process.user ?? "—"}</td>
            <td className={cn(cell, "text-right text-soft max-sm:hidden")}>{process.pid}</td>
            <td className={cn(cell, "text-right")}>{process.cpu_percent.toFixed(1)}%</td>
            <td className={cn(cell, "whitespace-nowrap text-right")}>{formatBytes(process.memory_bytes)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
