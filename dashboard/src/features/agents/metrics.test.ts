import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { MetricsPoint } from "@/api/types";
import { describeChart } from "@/components/chart/time-chart";
import { noteServerDate } from "@/lib/server-time";
import { fakeServer } from "@/test/fake-server";
import { loadPoints, mergePoints, metricsQuery } from "./metrics-query";
import { chartsOf } from "./metrics-series";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

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

  it("are fetched piece by piece while the server cuts the answer, up to what the server calls now", async () => {
    const seen = fakeServer(({ search }) =>
      Date.parse(search.get("from") ?? "") > Date.parse(at(1)) &&
      Date.parse(search.get("from") ?? "") < Date.parse(at(3))
        ? { body: { items: [point(2)], truncated: false } }
        : { body: { items: [point(0), point(1)], truncated: true } },
    );
    vi.setSystemTime(Date.parse(at(3)));
    const measured = await loadPoints("a", Date.parse(at(0)));
    expect(measured.points.map((each) => each.recorded_at)).toEqual([at(0), at(1), at(2)]);
    expect(measured.cutBefore).toBeUndefined();
    expect(seen).toHaveLength(2);
    expect(seen.every(({ search }) => !search.has("to"))).toBe(true);
  });

  it("keep the newest of more points than can be loaded, and tell from when on", async () => {
    const now = 600;
    const server = fakeServer(({ search }) => {
      const from = Math.max(0, Math.ceil((Date.parse(search.get("from") ?? "") - Date.parse(at(0))) / 60_000));
      const minutes = Array.from({ length: Math.min(10, now - from + 1) }, (_, index) => from + index);
      return { body: { items: minutes.map((minute) => point(minute)), truncated: now - from + 1 > 10 } };
    });
    vi.setSystemTime(Date.parse(at(now)));
    const measured = await loadPoints("a", Date.parse(at(0)));
    expect(measured.points.at(-1)?.recorded_at).toBe(at(now));
    expect(measured.points.length).toBeGreaterThan(60);
    expect(measured.cutBefore).toBe(measured.points[0]?.recorded_at);
    expect(server.length).toBeLessThanOrEqual(12);
  });

  it("are asked for by the server's clock where the browser's is wrong", async () => {
    vi.setSystemTime(Date.parse(at(60)));
    noteServerDate(new Date(Date.parse(at(44))).toUTCString(), Date.now());
    const seen = fakeServer(() => ({ body: { items: [point(44)], truncated: false } }));
    const run = metricsQuery("a", "15m").queryFn as (context: object) => Promise<unknown>;
    await run({});
    expect(Date.parse(seen[0]?.search.get("from") ?? "") - Date.parse(at(29))).toBeLessThan(2000);
    noteServerDate(new Date().toUTCString(), Date.now());
  });
});

describe("a chart's last value", () => {
  const percent = (value: number) => `${value}%`;
  it("is how things are now only while it is fresh", () => {
    const { cpu } = chartsOf([point(0), point(1, { cpu_percent: 12 })]);
    expect(describeChart(cpu, Date.parse(at(3)) / 1000, percent)).toBe("CPU now 12%, at most 12%");
    expect(describeChart(cpu, Date.parse(at(50)) / 1000, percent)).toBe("CPU last 12%, at most 12%");
  });
});
