import { useQuery } from "@tanstack/react-query";
import { formatPercent } from "@/lib/format";
import { sparklineQuery } from "./sparkline-query";

const WIDTH = 48;
const HEIGHT = 18;

/** The use of the processors over the last three hours, as small as a word. */
export function Sparkline({ agentId }: { agentId: string }) {
  const { data } = useQuery(sparklineQuery(agentId));
  const known = (data ?? []).filter((value) => value !== null);
  // nothing beside the figure until there is something to see
  if (!data || known.length === 0) return null;
  const highest = formatPercent(Math.max(...known));
  const average = formatPercent(known.reduce((sum, value) => sum + value, 0) / known.length);
  const label = `CPU of the last 3 hours: ${average} on average, ${highest} at most`;
  return (
    <svg
      role="img"
      aria-label={label}
      width={WIDTH}
      height={HEIGHT}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      className="overflow-visible align-middle text-[var(--chart-1)]"
    >
      <title>{label}</title>
      <path d={pathOf(data)} fill="none" stroke="currentColor" strokeWidth={1.25} strokeLinejoin="round" />
    </svg>
  );
}

/** A line through the values, 0 to 100 from bottom to top, that breaks where nothing was measured. */
export function pathOf(values: (number | null)[]): string {
  const x = (index: number) => ((index / Math.max(1, values.length - 1)) * WIDTH).toFixed(1);
  const y = (value: number) => (HEIGHT - 1 - (Math.min(100, value) / 100) * (HEIGHT - 2)).toFixed(1);
  return values
    .map((value, index) => {
      if (value === null) return "";
      const before = values[index - 1];
      const isStart = before === null || before === undefined;
      const isAlone = isStart && (values[index + 1] === null || values[index + 1] === undefined);
      return `${isStart ? "M" : "L"}${x(index)} ${y(value)}${isAlone ? "h0.5" : ""}`;
    })
    .join("");
}
