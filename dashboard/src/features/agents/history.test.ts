import { describe, expect, it } from "vitest";
import type { Aggregate, HistoryPoint } from "@/api/types";
import { fakeServer } from "@/test/fake-server";
import { chartsToCsv } from "./charts-csv";
import { chartsOfHistory } from "./history-series";
import { pathOf } from "./sparkline";
import { loadSparkline } from "./sparkline-query";

const of = (min: number, avg: number, max: number): Aggregate => ({ min, avg, max, p95: max });
const step = (hour: number, change: Partial<HistoryPoint> = {}): HistoryPoint => ({
  begins_at: new Date(Date.UTC(2026, 0, 1, hour)).toISOString(),
  samples: 60,
  cpu_percent: of(1, 10, 90),
  memory_used_bytes: of(1, 2, 3),
  memory_total_bytes: 4,
  swap_used_bytes: of(0, 0, 0),
  swap_total_bytes: 0,
  network_rx_bytes_per_second: of(0, 100, 1000),
  network_tx_bytes_per_second: of(0, 50, 60),
  disks: [{ mount: "/", used_bytes: of(1, 1, 1), total_bytes: 2 }],
  ...change,
});

describe("history", () => {
  it("draws the average with a band from lowest to highest, and a gap where nothing was measured", () => {
    const { cpu, memory, disk } = chartsOfHistory({ step_seconds: 3600, items: [step(0), step(1), step(5)] });
    expect(cpu.series).toEqual([
      { name: "CPU", values: [10, 10, null, 10], low: [1, 1, null, 1], high: [90, 90, null, 90] },
    ]);
    expect(memory.series[0]?.values).toEqual([50, 50, null, 50]);
    expect(disk.series).toEqual([{ name: "/", values: [50, 50, null, 50] }]);
  });

  it("is saved as a table with one row for each step", () => {
    const csv = chartsToCsv(chartsOfHistory({ step_seconds: 3600, items: [step(0), step(5)] }));
    const [header, first, second, end] = csv.replace("\uFEFF", "").split("\r\n");
    expect(header?.split(",").slice(0, 5)).toEqual([
      "Time",
      "CPU (%)",
      "CPU lowest (%)",
      "CPU highest (%)",
      "Memory (%)",
    ]);
    expect(first?.startsWith("2026-01-01T00:00:00.000Z,10,1,90,50")).toBe(true);
    expect(second?.startsWith("2026-01-01T05")).toBe(true);
    expect(end).toBe("");
  });
});

describe("sparklines", () => {
  it("share one request, and a machine that is gone has no line", async () => {
    const seen = fakeServer(() => ({
      body: { step_seconds: 300, items: [{ agent_id: "a", cpu_percent: [null, 5] }] },
    }));
    expect(await Promise.all([loadSparkline("a"), loadSparkline("b")])).toEqual([[null, 5], []]);
    expect(seen.map(({ search }) => search.get("agent_ids"))).toEqual(["a,b"]);
  });

  it("break where nothing was measured, and show a single value as a dot", () => {
    expect(pathOf([0, 100, null, 50])).toBe("M0.0 17.0L16.0 1.0M48.0 9.0h0.5");
  });
});
