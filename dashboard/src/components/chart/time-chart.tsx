import "uplot/dist/uPlot.min.css";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import uPlot from "uplot";
import { cn } from "@/lib/cn";

export interface ChartData {
  /** Seconds since 1970, ascending. */
  times: number[];
  /** Seconds between two points. A last point that is much older than this is not how things are now. */
  interval: number;
  series: ChartSeries[];
}

export interface ChartSeries {
  name: string;
  values: (number | null)[];
  /** Lowest and highest around each value, where a value stands for many. */
  low?: (number | null)[];
  high?: (number | null)[];
}

interface TimeChartProps {
  label: string;
  data: ChartData;
  window: { from: number; to: number };
  format: (value: number) => string;
  /** The top of the scale; without it the scale follows the values. */
  max?: number;
}

const HEIGHT = 180;
const FEW_POINTS = 20;
/** Points may be missing or late; after this many intervals the last one is history. */
const CURRENT_INTERVALS = 3;
/** The keys of a slider, in points. */
const STEPS: Partial<Record<string, number>> = {
  ArrowLeft: -1,
  ArrowRight: 1,
  PageDown: -10,
  PageUp: 10,
  Home: Number.NEGATIVE_INFINITY,
  End: Number.POSITIVE_INFINITY,
};
const COLOURS = ["--chart-1", "--chart-2", "--chart-3", "--chart-4"];
const swatches = ["bg-[var(--chart-1)]", "bg-[var(--chart-2)]", "bg-[var(--chart-3)]", "bg-[var(--chart-4)]"];

function useThemeCount(): number {
  const [count, setCount] = useState(0);
  useEffect(() => {
    const observer = new MutationObserver(() => setCount((before) => before + 1));
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ["class"] });
    return () => observer.disconnect();
  }, []);
  return count;
}

const pad = (n: number) => String(n).padStart(2, "0");

/** 24-hour clock; a range of days shows the date at each midnight. */
function timeLabels(_: uPlot, splits: number[]): string[] {
  return splits.map((seconds) => {
    const at = new Date(seconds * 1000);
    const isMidnight = at.getHours() === 0 && at.getMinutes() === 0;
    return isMidnight
      ? at.toLocaleDateString(undefined, { day: "numeric", month: "short" })
      : `${pad(at.getHours())}:${pad(at.getMinutes())}`;
  });
}

function optionsOf(
  props: Pick<TimeChartProps, "data" | "format" | "max">,
  width: number,
  onHover: (index: number | null) => void,
): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const axis = {
    stroke: colour("--ink-soft"),
    font: `11px ${getComputedStyle(document.body).fontFamily}`,
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { stroke: colour("--line"), width: 1, size: 4 },
  };
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { points: { size: 6 }, drag: { x: false, y: false } },
    hooks: { setCursor: [(plot) => onHover(plot.cursor.idx ?? null)] },
    scales: {
      x: { time: true },
      y: { range: (_plot, _min, top) => [0, props.max ?? Math.max(1024, (top ?? 0) * 1.1)] },
    },
    axes: [
      { ...axis, values: timeLabels, space: 56, size: 30 },
      { ...axis, size: 68, values: (_plot, splits) => splits.map(props.format) },
    ],
    series: [
      {},
      ...props.data.series.map((_, index) => {
        const stroke = colour(COLOURS[index % COLOURS.length] ?? "--chart-1");
        return {
          stroke,
          width: 1.5,
          // Few points make no line that could be seen.
          points: { show: (plot: uPlot) => plot.data[0].length < FEW_POINTS, size: 4, fill: stroke },
          ...(props.data.series.length === 1 && !hasBand(props.data.series[0])
            ? { fill: `color-mix(in oklch, ${stroke} 14%, transparent)` }
            : {}),
        };
      }),
      ...banded(props.data).flatMap(() => [UNSEEN, UNSEEN]),
    ],
    bands: banded(props.data).map((index, place) => {
      const high = 1 + props.data.series.length + 2 * place;
      const stroke = colour(COLOURS[index % COLOURS.length] ?? "--chart-1");
      return { series: [high, high + 1], fill: `color-mix(in oklch, ${stroke} 16%, transparent)` };
    }),
  };
}

/**
 * Lines over time with a legend that follows the pointer and the arrow keys; a screen reader hears the last and the highest
 * value, and with the arrow keys each point.
 */
export function TimeChart({ label, data, window: range, format, max }: TimeChartProps) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useRef({ data, range });
  latest.current = { data, range };
  const [hovered, setHovered] = useState<number | null>(null);
  const theme = useThemeCount();
  const names = data.series.map((series) => `${series.name}${hasBand(series)}`).join("\n");

  // biome-ignore lint/correctness/useExhaustiveDependencies: made anew for another set of lines or another theme only
  useEffect(() => {
    const element = host.current;
    if (!element) return;
    const made = new uPlot(
      optionsOf(
        { data: latest.current.data, format, ...(max === undefined ? {} : { max }) },
        element.clientWidth || 300,
        setHovered,
      ),
      alignedOf(latest.current.data),
      element,
    );
    plot.current = made;
    made.setScale("x", { min: latest.current.range.from, max: latest.current.range.to });
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth || 300, height: HEIGHT }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [names, theme, format, max]);

  useEffect(() => {
    plot.current?.setData(alignedOf(data), false);
    plot.current?.setScale("x", { min: range.from, max: range.to });
  }, [data, range.from, range.to]);

  /** Moves the cursor to a point, as the pointer does; null takes it away. */
  const point = (index: number | null): void => {
    const time = index === null ? undefined : data.times[index];
    const left = time === undefined ? -10 : (plot.current?.valToPos(time, "x") ?? -10);
    plot.current?.setCursor({ left, top: time === undefined ? -10 : HEIGHT / 2 }, false);
    setHovered(time === undefined ? null : index);
  };
  const shown = hovered ?? Math.max(0, data.times.length - 1);
  const onKey = (event: KeyboardEvent): void => {
    const step = STEPS[event.key];
    if (step === undefined || data.times.length === 0) return;
    event.preventDefault();
    point(Math.min(data.times.length - 1, Math.max(0, shown + step)));
  };
  const at = hovered === null ? undefined : data.times[hovered];
  return (
    <figure aria-label={`${label}: ${describeChart(data, range.to, format)}`}>
      <figcaption aria-hidden className="mb-1 flex min-h-5 flex-wrap gap-x-4 text-xs">
        {data.series.map((series, index) => {
          const last = lastOf(data, series.values, range.to);
          const value = hovered === null ? last?.value : series.values[hovered];
          return (
            <span key={series.name} className="flex items-center gap-1.5">
              <span className={cn("h-0.5 w-3 rounded", swatches[index % swatches.length])} />
              <span className="max-w-40 truncate text-soft">{series.name}</span>
              <span className="font-medium">
                {hovered === null && last?.isCurrent === false && <span className="font-normal text-soft">last </span>}
                {value === null || value === undefined ? "—" : format(value)}
              </span>
              {hovered !== null && hasBand(series) && (
                <span className="text-soft">{bandText(series, hovered, format)}</span>
              )}
            </span>
          );
        })}
        <span className="ml-auto text-soft">{at === undefined ? "" : new Date(at * 1000).toLocaleString("sv-SE")}</span>
      </figcaption>
      <div
        ref={host}
        role="slider"
        tabIndex={0}
        aria-label={`${label}, point by point`}
        aria-valuemin={0}
        aria-valuemax={Math.max(0, data.times.length - 1)}
        aria-valuenow={shown}
        aria-valuetext={pointText(data, shown, format)}
        onKeyDown={onKey}
        onBlur={() => point(null)}
        className="w-full overflow-hidden rounded"
        style={{ height: HEIGHT }}
      />
    </figure>
  );
}

/** The edges of a band are no lines. */
const UNSEEN: uPlot.Series = { stroke: "transparent", points: { show: false } };

const hasBand = (series: ChartSeries | undefined): boolean => Boolean(series?.low && series.high);

/** Which lines have a band. */
const banded = (data: ChartData): number[] => data.series.flatMap((series, index) => (hasBand(series) ? [index] : []));

/** The lines, then the upper and the lower edge of each band. */
function alignedOf(data: ChartData): uPlot.AlignedData {
  const edges = banded(data).flatMap((index) => {
    const { high, low } = data.series[index] ?? {};
    return [high ?? [], low ?? []];
  });
  return [data.times, ...data.series.map((series) => series.values), ...edges];
}

/** One point in words. */
function pointText(data: ChartData, index: number, format: (value: number) => string): string {
  const time = data.times[index];
  if (time === undefined) return "Nothing measured";
  const values = data.series.map((series) => {
    const { name, values } = series;
    const value = values[index];
    const band = bandText(series, index, format);
    return `${name} ${value === null || value === undefined ? "not measured" : format(value)}${band && ` (${band})`}`;
  });
  return `${new Date(time * 1000).toLocaleString("sv-SE")}: ${values.join(", ")}`;
}

/** "3% to 90%": between what a value was while it stands for many. */
function bandText(series: ChartSeries, index: number, format: (value: number) => string): string {
  const [low, high] = [series.low?.[index], series.high?.[index]];
  return low === null || low === undefined || high === null || high === undefined
    ? ""
    : `${format(low)} to ${format(high)}`;
}

/** The last known value, and whether it tells how things are at the end of the range. */
function lastOf(
  data: ChartData,
  values: (number | null)[],
  end: number,
): { value: number; isCurrent: boolean } | undefined {
  const at = values.findLastIndex((value) => value !== null);
  const value = values[at];
  if (value === null || value === undefined) return undefined;
  return { value, isCurrent: end - (data.times[at] ?? 0) <= CURRENT_INTERVALS * Math.max(1, data.interval) };
}

export function describeChart(data: ChartData, end: number, format: (value: number) => string): string {
  return data.series
    .map((series) => {
      const last = lastOf(data, series.values, end);
      if (!last) return `${series.name} not measured`;
      const highest = (series.high ?? series.values).reduce<number>((top, value) => Math.max(top, value ?? 0), 0);
      return `${series.name} ${last.isCurrent ? "now" : "last"} ${format(last.value)}, at most ${format(highest)}`;
    })
    .join("; ");
}
