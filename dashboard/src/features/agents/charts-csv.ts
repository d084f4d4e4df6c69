import type { ChartData, ChartSeries } from "@/components/chart/time-chart";
import { type CsvColumn, toCsv } from "@/lib/csv";
import type { Charts } from "./chart-grid";

type Row = number;

/** What the four charts show as a table: one row for each moment, percentages and bytes per second. */
export function chartsToCsv(charts: Charts): string {
  const columns: CsvColumn<Row>[] = [
    { header: "Time", value: (time) => new Date(time * 1000).toISOString() },
    ...columnsOf(charts.cpu, "%"),
    ...columnsOf(charts.memory, "%"),
    ...columnsOf(charts.disk, "%"),
    ...columnsOf(charts.network, "B/s"),
  ];
  // Moments that were put in to break a line have no value at all.
  const isMeasured = (index: number) => charts.cpu.series.some((series) => series.values[index] !== null);
  return toCsv(
    columns,
    charts.cpu.times.filter((_, index) => isMeasured(index)),
  );
}

function columnsOf(data: ChartData, unit: string): CsvColumn<Row>[] {
  const places = new Map(data.times.map((time, index) => [time, index]));
  const column = (header: string, values: (number | null)[]): CsvColumn<Row> => ({
    header,
    value: (time) => round(values[places.get(time) ?? -1]),
  });
  return data.series.flatMap((series: ChartSeries) => [
    column(`${series.name} (${unit})`, series.values),
    ...(series.low ? [column(`${series.name} lowest (${unit})`, series.low)] : []),
    ...(series.high ? [column(`${series.name} highest (${unit})`, series.high)] : []),
  ]);
}

const round = (value: number | null | undefined) =>
  value === null || value === undefined ? null : Math.round(value * 100) / 100;
