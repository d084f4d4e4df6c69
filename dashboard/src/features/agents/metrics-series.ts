import type { MetricsPoint } from "@/api/types";
import type { ChartData } from "@/components/chart/time-chart";

/** A pause longer than this many intervals is a gap in the line, not a slope. */
const GAP_INTERVALS = 3;

type Pick = (point: MetricsPoint) => number | null;

function dataOf(points: MetricsPoint[], series: { name: string; value: Pick }[]): ChartData {
  const times: number[] = [];
  const values: (number | null)[][] = series.map(() => []);
  let before: MetricsPoint | undefined;
  for (const point of points) {
    const at = Date.parse(point.recorded_at) / 1000;
    const last = times.at(-1);
    if (
      last !== undefined &&
      before &&
      at - last > GAP_INTERVALS * Math.max(1, before.interval_seconds, point.interval_seconds)
    ) {
      times.push(last + 1);
      for (const column of values) column.push(null);
    }
    times.push(at);
    series.forEach(({ value }, index) => {
      values[index]?.push(value(point));
    });
    before = point;
  }
  const interval = points.at(-1)?.interval_seconds ?? 0;
  return { times, interval, series: series.map(({ name }, index) => ({ name, values: values[index] ?? [] })) };
}

const share = (used: number, total: number): number | null => (total > 0 ? (used / total) * 100 : null);
const perSecond = (bytes: number, seconds: number): number | null => (seconds > 0 ? bytes / seconds : null);

/** The points of a machine as the four charts draw them. */
export function chartsOf(points: MetricsPoint[]) {
  const mounts = [...new Set(points.flatMap((point) => point.disks.map((disk) => disk.mount)))].slice(0, 4);
  const hasSwap = points.some((point) => point.swap_total_bytes > 0);
  return {
    cpu: dataOf(points, [{ name: "CPU", value: (point) => point.cpu_percent }]),
    memory: dataOf(points, [
      { name: "Memory", value: (point) => share(point.memory_used_bytes, point.memory_total_bytes) },
      ...(hasSwap
        ? [{ name: "Swap", value: (point: MetricsPoint) => share(point.swap_used_bytes, point.swap_total_bytes) }]
        : []),
    ]),
    disk: dataOf(
      points,
      mounts.map((mount) => ({
        name: mount,
        value: (point) => {
          const disk = point.disks.find((candidate) => candidate.mount === mount);
          return disk ? share(disk.used_bytes, disk.total_bytes) : null;
        },
      })),
    ),
    network: dataOf(points, [
      { name: "Received", value: (point) => perSecond(point.network_rx_bytes, point.interval_seconds) },
      { name: "Sent", value: (point) => perSecond(point.network_tx_bytes, point.interval_seconds) },
    ]),
  };
}
