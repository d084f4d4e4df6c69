import { describe, expect, it } from "vitest";
import type { MetricsPoint } from "@/api/types";
import { fakeServer } from "@/test/fake-server";
import { mergePoints, metricsQuery } from "./metrics-query";
import { chartsOf } from "./metrics-series";

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
const point = (minute: number, change: Partial<MetricsPoint> = {}): MetricsPoint => ({
  recorded_at: at(minute),
  cpu_percent: 10,
  memory_used_bytes: 1,
  memory_total_bytes: 4,
  swap_used_bytes: 0,
  swap_total_bytes: 0,
  disks: [{ mount: "/", used_bytes: 1, total_bytes: 2 }],
  network_rx_bytes: 600,
  network_tx_bytes: 60,
  interval_seconds: 60,
  ...change,
});

describe("charts", () => {
  it("break the line where nothing was measured", () => {
    const { cpu } = chartsOf([point(0), point(1), point(30)]);
    expect(cpu.series[0]?.values).toEqual([10, 10, null, 10]);
    expect(cpu.times).toHaveLength(4);
  });

  it("show shares and rates, no swap where there is none, and nothing where it cannot be known", () => {
    const charts = chartsOf([point(0), point(1, { memory_total_bytes: 0, interval_seconds: 0, disks: [] })]);
    expect(charts.memory.series).toEqual([{ name: "Memory", values: [25, null] }]);
    expect(charts.disk.series).toEqual([{ name: "/", values: [50, null] }]);
    expect(charts.network.series[0]).toEqual({ name: "Received", values: [10, null] });
  });
});

describe("metrics", () => {
  it("count a point once that two answers brought, and let the oldest go", () => {
    const merged = mergePoints([point(0), point(1)], [point(1), point(2)], Date.parse(at(1)));
    expect(merged.map((each) => each.recorded_at)).toEqual([at(1), at(2)]);
  });

  it("are fetched piece by piece while the server cuts the answer", async () => {
    const seen = fakeServer(({ search }) =>
      Date.parse(search.get("from") ?? "") > Date.parse(at(1)) &&
      Date.parse(search.get("from") ?? "") < Date.parse(at(3))
        ? { body: { items: [point(2)], truncated: false } }
        : { body: { items: [point(1)], truncated: true } },
    );
    const run = metricsQuery("a", "7d").queryFn as (context: object) => Promise<MetricsPoint[]>;
    expect((await run({})).map((each) => each.recorded_at)).toEqual([at(1), at(2)]);
    expect(seen).toHaveLength(2);
  });
});
