/** This very machine, read as the kernel and the system's own tools tell it, to compare with what a page shows. */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

/** @param {string} program @param {string[]} args */
export async function outputOf(program, ...args) {
  return (await run(program, args)).stdout.trim();
}

/** File systems that hold nothing of this machine's own: memory, images, and the layers of containers but for their root. */
const NO_DISK = ["tmpfs", "devtmpfs", "ramfs", "efivarfs", "squashfs", "iso9660", "udf"];

/** Every local disk as `df` lists it, by the place where it is mounted. */
export async function disks() {
  const columns = "--output=target,fstype,size,used";
  // One place that cannot be looked at makes df fail, after it has listed the others.
  const text = await outputOf("df", "--local", "--block-size=1", columns).catch((error) => error.stdout.trim());
  const found = new Map();
  for (const line of text.split("\n").slice(1)) {
    const [, mount = "", kind = "", size, used] = /^(.*\S)\s+(\S+)\s+(\d+)\s+(\d+)$/.exec(line) ?? [];
    if (NO_DISK.includes(kind) || (kind === "overlay" && mount !== "/") || Number(size) === 0) continue;
    found.set(mount, { size: Number(size), used: Number(used) });
  }
  return found;
}

export async function uptimeSeconds() {
  return Number((await readFile("/proc/uptime", "utf8")).split(" ")[0]);
}

/** The system's own name and version. */
export function systemName() {
  return outputOf("sh", "-c", ". /etc/os-release; echo $NAME ${VERSION:-${VERSION_ID:-$BUILD_ID}}");
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
