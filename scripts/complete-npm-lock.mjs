#!/usr/bin/env node
// Adds to package-lock.json the optional packages of other systems that npm leaves out when it could not look at them.
// `npm ci` refuses a lock file without them, on every system. Run it after `npm install`, which writes the file anew:
//   node scripts/complete-npm-lock.mjs dashboard/package-lock.json
import { readFileSync, writeFileSync } from "node:fs";

const SYSTEMS = ["aix", "android", "darwin", "freebsd", "linux", "netbsd", "openbsd", "openharmony", "sunos", "win32"];
const PROCESSORS = ["arm64", "arm", "ia32", "loong64", "mips64el", "ppc64", "riscv64", "s390x", "wasm32", "x64"];

/** What npm would have read from the package itself, as far as its name tells. */
function platformOf(name) {
    const words = name.split("/").pop().split("-");
    const found = { cpu: words.find((word) => PROCESSORS.includes(word)), os: words.find((word) => SYSTEMS.includes(word)) };
    const libc = words.includes("musl") ? "musl" : words.includes("gnu") ? "glibc" : undefined;
    return {
        ...(found.cpu && { cpu: [found.cpu] }),
        ...(libc && found.os === "linux" && { libc: [libc] }),
        ...(found.os && { os: [found.os] }),
    };
}

function complete(path) {
    const lock = JSON.parse(readFileSync(path, "utf8"));
    const added = [];
    for (const [place, entry] of Object.entries(lock.packages)) {
        for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
            const nested = `${place}/node_modules/${name}`;
            const shared = `node_modules/${name}`;
            const platform = platformOf(name);
            const isExact = /^\d+\.\d+\.\d+[\w.-]*$/.test(version);
            if (lock.packages[nested] || lock.packages[shared] || !isExact || Object.keys(platform).length === 0) continue;
            lock.packages[shared] = { version, ...platform, ...(entry.dev && { dev: true }), optional: true };
            added.push(`${name}@${version}`);
        }
    }
    const names = Object.keys(lock.packages).sort((a, b) => (a < b ? -1 : 1));
    lock.packages = Object.fromEntries(names.map((name) => [name, lock.packages[name]]));
    writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
    console.log(`${path}: ${added.length} added${added.map((one) => `\n  ${one}`).join("")}`);
}

process.argv.slice(2).forEach(complete);
