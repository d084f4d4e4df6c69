#!/usr/bin/env node
// Waits until the server that `make run` starts has its machine online: sets it up with the printed address the first time, logs in
// the second time. Usage: online.mjs ORIGIN LOG PID-OF-MAKE
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const PATIENCE_MS = 60 * 60 * 1000;
const POLL_MS = 250;
const PERSON = { email: "technician.one@example.com", password: "correct horse battery" };

const [origin, log, make] = process.argv.slice(2);

/** @param {string} path @param {{ token?: string, body?: unknown }} [options] */
async function ask(path, { token, body } = {}) {
    const response = await fetch(`${origin}/api${path}`, {
        method: body === undefined ? "GET" : "POST",
        headers: { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) },
        body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path} answered ${response.status} ${await response.text()}`);
    return response.json();
}

/** @template T @param {() => Promise<T | undefined> | T | undefined} probe @returns {Promise<T>} */
async function until(probe) {
    const deadline = Date.now() + PATIENCE_MS;
    while (Date.now() < deadline) {
        const found = await probe();
        if (found !== undefined) return found;
        process.kill(Number(make), 0); // throws when make has ended
        await sleep(POLL_MS);
    }
    throw new Error("waited in vain");
}

const printed = await until(() => /GuruRMM is ready[^]*?(http\S+)/.exec(readFileSync(log, "utf8"))?.[1]);
const setupToken = /#token=(\S+)/.exec(printed)?.[1];
const { token } = setupToken
    ? await ask("/setup", { body: { ...PERSON, token: setupToken, name: "Technician One" } })
    : await ask("/auth/login", { body: PERSON });
const machine = await until(async () => {
    const { items } = await ask("/agents", { token });
    return items.find((/** @type {{ status: string }} */ agent) => agent.status === "online");
});
console.log(`${machine.hostname} is online`);
