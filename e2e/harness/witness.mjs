/**
 * A witness of this machine: notes the kernel's own figures all the time, so that what a page says of a moment is compared
 * with that very moment and what it says of a span with that very span, however late it is shown.
 */
import { existsSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { outputOf } from "./machine.mjs";

const NOTE_MS = 50;
/** Listing every process is dear. */
const LIST_MS = 400;

/**
 * @typedef {object} Note counters of the whole machine at one moment
 * @property {number} time
 * @property {number} busy ticks of all processors
 * @property {number} ticks busy or not
 * @property {number} memory percent
 * @property {number} swap percent
 * @property {number} received bytes of the interfaces that lead out of the machine
 * @property {number} sent
 */
/** @typedef {{ pid: number, name: string, user: string, bytes: number }} Process */

function processorTicks() {
  const line = readFileSync("/proc/stat", "utf8").split("\n")[0] ?? "";
  // user nice system idle iowait irq softirq steal; what guests use is part of user already.
  const counts = line.trim().split(/\s+/).slice(1, 9).map(Number);
  const ticks = counts.reduce((sum, count) => sum + count, 0);
  return { ticks, busy: ticks - (counts[3] ?? 0) - (counts[4] ?? 0) };
}

function memoryPercents() {
  const text = readFileSync("/proc/meminfo", "utf8");
  const size = (/** @type {string} */ name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(text)?.[1]);
  const used = (/** @type {string} */ left, /** @type {string} */ all) =>
    size(all) > 0 ? (1 - size(left) / size(all)) * 100 : 0;
  return { memory: used("MemAvailable", "MemTotal"), swap: used("SwapFree", "SwapTotal") };
}

/** Hardware if there is any, else, as in a container, what is not made for other containers or tunnels. */
function traffic() {
  const interfaces = readFileSync("/proc/net/dev", "utf8")
    .split("\n")
    .slice(2)
    .map((line) => line.trim().split(/[:\s]+/))
    .map(([name = "", ...counts]) => ({ name, received: Number(counts[0]), sent: Number(counts[8]) }))
    .filter(({ name }) => name !== "");
  const hardware = interfaces.filter(({ name }) => existsSync(`/sys/class/net/${name}/device`));
  const other = interfaces.filter(({ name }) => !/^(lo|veth|docker|br-|virbr|tun|tap|wg|dummy)/.test(name));
  const chosen = hardware.length > 0 ? hardware : other;
  const sum = (/** @type {"received" | "sent"} */ of) => chosen.reduce((total, counts) => total + counts[of], 0);
  return { received: sum("received"), sent: sum("sent") };
}

/** Every process as `ps` lists it, the largest first. @returns {Promise<Process[]>} */
async function listProcesses() {
  const text = await outputOf("ps", "-eo", "pid=,rss=,user:64=,comm=", "--sort=-rss");
  return text.split("\n").map((line) => {
    const [pid = "", kib = "", user = "", ...name] = line.trim().split(/\s+/);
    return { pid: Number(pid), bytes: Number(kib) * 1024, user, name: name.join(" ") };
  });
}

/** Ticks of one process and its threads. @param {number} pid */
function ticksOf(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const [user, system] = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .slice(11, 13)
    .map(Number);
  return (user ?? 0) + (system ?? 0);
}

export class Witness {
  #notes = /** @type {Note[]} */ ([]);
  #lists = /** @type {{ time: number, processes: Process[] }[]} */ ([]);
  #watched = /** @type {Map<number, { time: number, ticks: number }[]>} */ (new Map());
  #isOver = false;
  #ended;
  /** Nothing is known of what was before. */
  began = Date.now();

  constructor() {
    this.#ended = Promise.all([this.#note(), this.#list()]);
  }

  async #note() {
    while (!this.#isOver) {
      const time = Date.now();
      this.#notes.push({ time, ...processorTicks(), ...memoryPercents(), ...traffic() });
      for (const [pid, notes] of this.#watched) notes.push({ time, ticks: ticksOf(pid) });
      await pause(NOTE_MS);
    }
  }

  async #list() {
    while (!this.#isOver) {
      const time = Date.now();
      const processes = await listProcesses();
      this.#lists.push({ time: (time + Date.now()) / 2, processes });
      await pause(LIST_MS);
    }
  }

  async stop() {
    this.#isOver = true;
    await this.#ended;
  }

  /** From now on the processor time of this process is noted too. @param {number} pid */
  watch(pid) {
    this.#watched.set(pid, []);
  }

  /** @param {number} pid */
  unwatch(pid) {
    this.#watched.delete(pid);
  }

  /** @param {number} time @param {keyof Note} figure */
  at(time, figure) {
    return between(this.#notes, time, (note) => note[figure]);
  }

  /** @param {number} from @param {number} to @param {keyof Note} figure a counter */
  during(from, to, figure) {
    return this.at(to, figure) - this.at(from, figure);
  }

  /** Share of all processors. @param {number} from @param {number} to */
  cpuPercent(from, to) {
    return (this.during(from, to, "busy") / this.during(from, to, "ticks")) * 100;
  }

  /** Share of one processor, as process lists give it. @param {number} pid @param {number} from @param {number} to */
  cpuPercentOf(pid, from, to) {
    const notes = this.#watched.get(pid) ?? [];
    const ticks = between(notes, to, (note) => note.ticks) - between(notes, from, (note) => note.ticks);
    // All ticks of the kernel are counted per processor, which makes them a clock.
    const processors = readFileSync("/proc/stat", "utf8").match(/^cpu\d/gm)?.length ?? 1;
    return (ticks / (this.during(from, to, "ticks") / processors)) * 100;
  }

  /** All processes at the moment nearest to `time`. @param {number} time */
  processesAt(time) {
    if ((this.#lists.at(-1)?.time ?? 0) < time) throw new Error("the moment has not been listed yet");
    const distance = (/** @type {{ time: number }} */ list) => Math.abs(list.time - time);
    return this.#lists.reduce((nearest, list) => (distance(list) < distance(nearest) ? list : nearest)).processes;
  }
}

/**
 * A figure between the two notes around `time`.
 * @template {{ time: number }} T
 * @param {T[]} notes @param {number} time @param {(note: T) => number} figure
 */
function between(notes, time, figure) {
  const next = notes.findIndex((note) => note.time >= time);
  const [before, after] = [notes[next - 1], notes[next]];
  if (!before || !after) throw new Error("the moment has not been noted");
  const share = (time - before.time) / (after.time - before.time);
  return figure(before) + (figure(after) - figure(before)) * share;
}
