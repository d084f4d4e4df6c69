import type { Aggregate, History, HistoryPoint } from "@/api/types";
import type { ChartData } from "@/components/chart/time-chart";

/** A figure of a step, or nothing where it cannot be known. */
type Pick = (point: HistoryPoint) => { value: Aggregate; scale: number } | null;

const MOUNTS_MAX = 4;

function dataOf(history: History, series: { name: string; pick: Pick; hasBand: boolean }[]): ChartData {
  const step = history.step_seconds;
  const times: number[] = [];
  const lines = series.map(({ name, hasBand }) => {
    const values: (number | null)[] = [];
    return hasBand ? { name, values, low: [] as (number | null)[], high: [] as (number | null)[] } : { name, values };
  });
  const push = (at: number, point: HistoryPoint | undefined) => {
    times.push(at);
    series.forEach(({ pick }, index) => {
      const found = point && pick(point);
      const line = lines[index];
      line?.values.push(found ? found.value.avg * found.scale : null);
      line?.low?.push(found ? found.value.min * found.scale : null);
      line?.high?.push(found ? found.value.max * found.scale : null);
    });
  };
  for (const point of history.items) {
    const at = Date.parse(point.begins_at) / 1000;
    const last = times.at(-1);
    // A step without measurements is a gap in the line, not a slope.
    if (last !== undefined && at - last > 1.5 * step) push(last + step, undefined);
    push(at, point);
  }
  return { times, interval: step, series: lines };
}

const share = (value: Aggregate, total: number) => (total > 0 ? { value, scale: 100 / total } : null);

/** The steps of a machine's history as the four charts draw them: the average, with a band from lowest to highest. */
export function chartsOfHistory(history: History) {
  const mounts = [...new Set(history.items.flatMap((point) => point.disks.map((disk) => disk.mount)))];
  const hasSwap = history.items.some((point) => point.swap_total_bytes > 0);
  return {
    cpu: dataOf(history, [{ name: "CPU", hasBand: true, pick: (point) => ({ value: point.cpu_percent, scale: 1 }) }]),
    memory: dataOf(history, [
      {
        name: "Memory",
        hasBand: true,
        pick: (point) => share(point.memory_used_bytes, point.memory_total_bytes),
      },
      ...(hasSwap
        ? [
            {
              name: "Swap",
              hasBand: false,
              pick: (point: HistoryPoint) => share(point.swap_used_bytes, point.swap_total_bytes),
            },
          ]
        : []),
    ]),
    disk: dataOf(
      history,
      mounts.slice(0, MOUNTS_MAX).map((mount) => ({
        name: mount,
        hasBand: false,
        pick: (point) => {
          const disk = point.disks.find((candidate) => candidate.mount === mount);
          return disk ? share(disk.used_bytes, disk.total_bytes) : null;
        },
      })),
    ),
    network: dataOf(history, [
      {
        name: "Received",
        hasBand: false,
        pick: (point) => ({ value: point.network_rx_bytes_per_second, scale: 1 }),
      },
      {
        name: "Sent",
        hasBand: false,
        pick: (point) => ({ value: point.network_tx_bytes_per_second, scale: 1 }),
      },
    ]),
  };
}
