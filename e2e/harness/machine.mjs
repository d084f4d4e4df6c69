/** This very machine, read as the kernel and `ps` tell it, to compare with what a page shows. */
import { execFile } from "node:child_process";
import { readFile, statfs } from "node:fs/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

/** @param {string} program @param {string[]} args */
export async function outputOf(program, ...args) {
  return (await run(program, args)).stdout.trim();
}

/** Ticks so far of all processors: busy, and altogether. */
export async function cpuTicks() {
  const line = (await readFile("/proc/stat", "utf8")).split("\n")[0] ?? "";
  // user nice system idle iowait irq softirq steal; what guests use is part of user already.
  const ticks = line.trim().split(/\s+/).slice(1, 9).map(Number);
  const all = ticks.reduce((sum, count) => sum + count, 0);
  return { all, busy: all - (ticks[3] ?? 0) - (ticks[4] ?? 0) };
}

export async function memoryPercent() {
  const text = await readFile("/proc/meminfo", "utf8");
  const size = (/** @type {string} */ name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(text)?.[1]);
  return (1 - size("MemAvailable") / size("MemTotal")) * 100;
}

/** How full the file system at `mount` is. @param {string} mount */
export async function diskPercent(mount) {
  const { blocks, bfree } = await statfs(mount);
  return ((blocks - bfree) / blocks) * 100;
}

export async function uptimeSeconds() {
  return Number((await readFile("/proc/uptime", "utf8")).split(" ")[0]);
}

/** Ids of the processes that hold most memory. @param {number} count */
export async function largestProcesses(count) {
  const text = await outputOf("ps", "-eo", "pid=", "--sort=-rss");
  return text.split("\n").slice(0, count).map(Number);
}

/** Whether a process is there and not merely waiting to be reaped. @param {number} pid */
export async function isAlive(pid) {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3) !== "Z";
  } catch {
    return false;
  }
}
