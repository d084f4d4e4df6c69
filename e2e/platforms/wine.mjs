/** The agent for Windows, under Wine: the same program, service manager and process trees, as far as Wine has them. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import os from "node:os";
import { start } from "../harness/processes.mjs";
import { until } from "../harness/wait.mjs";
import { atTheEnd, PATIENCE_MS, product, programOf, step } from "./product.mjs";

const EXE = programOf("GURURMM_WINDOWS_AGENT");
const SERVICE = "GuruRMMAgent";
/** Goes on for minutes and says nothing. */
const LINGER = "ping -n 1000 127.0.0.1 >nul";
let agent = "";
let calls = 0;

/** Ends every program of Windows; that there is none is no failure. */
function endWine() {
  try {
    execFileSync("wineserver", ["-k"], { stdio: "ignore", timeout: 30_000 });
  } catch {
    // None was running.
  }
}

/** @param {string[]} args @param {string} [input] */
async function wine(args, input) {
  const running = start(`wine-${++calls}`, "wine", args, { ...(input === undefined ? {} : { input }) });
  const exit = await running.ended;
  return { exit, output: running.output().replaceAll("\r", "") };
}

/** @param {string[]} args @param {string} [input] */
async function agentSucceeds(args, input) {
  const { exit, output } = await wine([EXE, ...args], input);
  assert.equal(exit, 0, `${args.join(" ")}: ${output}`);
  return output;
}

/** Process ids on this machine whose command line has this. @param {string} text */
function processes(text) {
  const lines = execFileSync("ps", ["-e", "-ww", "-o", "pid=,args="], { encoding: "utf8" }).split("\n");
  return lines.filter((line) => line.includes(text)).map((line) => Number.parseInt(line, 10));
}

const agents = () => processes("gururmm-agent").filter((pid) => processes("service run").includes(pid));

step("it enrols, is sealed to its machine and becomes a service", async () => {
  await product.start();
  endWine();
  // without it Wine ends, and its services with it, when the last program has ended
  execFileSync("wineserver", ["-p"], { stdio: "ignore" });
  atTheEnd(async () => endWine());
  await wine([EXE, "service", "uninstall"]);
  await wine([EXE, "unenroll", "--force"]);
  await agentSucceeds(["enroll", "--server", product.server.origin, "--site-key", "-"], `${await product.siteKey()}\n`);
  await agentSucceeds(["service", "install"]);
  const machine = await product.machine();
  agent = machine.id;
  assert.equal(machine.os, "windows");
  assert.equal(machine.hostname.toLowerCase(), os.hostname().split(".")[0]?.slice(0, 15).toLowerCase());
  assert.match(machine.os_name, /Windows/);
  const { output } = await wine(["sc", "query", SERVICE]);
  assert.match(output, /STATE.*RUNNING/);
});

step("it measures what Wine knows", async () => {
  const point = await product.measured(agent);
  assert.ok(Math.abs(point.memory_total_bytes - os.totalmem()) < os.totalmem() * 0.02, `${point.memory_total_bytes}`);
  assert.ok(point.memory_used_bytes > 0 && point.memory_used_bytes < point.memory_total_bytes);
  assert.ok(point.cpu_percent >= 0 && point.cpu_percent <= 100);
  const { interfaces } = await product.api.get(`/agents/${agent}/network`);
  assert.ok(
    interfaces.some((/** @type {any} */ item) => item.addresses.length > 0),
    JSON.stringify(interfaces),
  );
  const { top_memory: shown } = await product.api.get(`/agents/${agent}/processes`);
  assert.ok(
    shown.some((/** @type {any} */ process) => process.name.includes("gururmm-agent")),
    JSON.stringify(shown),
  );
});

step("commands run in cmd with both streams and the exit code", async () => {
  const command = await product.run(agent, "echo out& echo err 1>&2& exit 7");
  assert.deepEqual(
    [command.stdout.trim(), command.stderr.trim(), command.exit_code],
    ["out", "err", 7],
    JSON.stringify(command),
  );
});

step("of several lines all run, and text is UTF-8", async () => {
  const several = await product.run(agent, "\nset WORD=two\necho one\necho %WORD%\nexit /b 3\n");
  assert.deepEqual([several.stdout.split(/\s+/), several.exit_code], [["one", "two", ""], 3], JSON.stringify(several));
  const written = await product.run(agent, "echo gr\u00fc\u00dfe \u20ac");
  assert.equal(written.stdout.trim(), "gr\u00fc\u00dfe \u20ac", JSON.stringify(written));
});

step("output is live, a time-out and a cancel end the whole tree", async () => {
  const limited = await product.order(agent, `echo began& ${LINGER}`, { timeout_seconds: 5 });
  await product.wrote(limited, "began");
  assert.equal((await product.became(limited, "ended")).status, "timeout");
  await until("no child is left", () => processes("ping").filter(isLingering).length === 0);

  const cancelled = await product.order(agent, `echo began& start /b ${LINGER}& ${LINGER}`);
  await product.wrote(cancelled, "began");
  await product.api.post(`/commands/${cancelled}/cancel`, {});
  assert.equal((await product.became(cancelled, "ended")).status, "cancelled");
  await until("no child is left", () => processes("ping").filter(isLingering).length === 0);
});

/** @param {number} pid */
const isLingering = (pid) => processes("127.0.0.1").includes(pid);

step("it is stopped and started as a service", async () => {
  assert.match((await wine(["net", "stop", SERVICE])).output, /stopped/i);
  await product.machine("offline");
  assert.equal((await agentSucceeds(["service", "status"])).trim(), "stopped");
  await wine(["net", "start", SERVICE]);
  assert.equal((await product.machine()).id, agent);
});

step("scripts and variables reach their interpreter; what is missing is named", async () => {
  const script = { command_type: "script", interpreter: "cmd", environment: { WHO: "Technician One" } };
  const greeted = await product.run(agent, "@echo off\necho hello %WHO%\nexit /b 5", script);
  assert.deepEqual([greeted.stdout.trim(), greeted.exit_code], ["hello Technician One", 5], JSON.stringify(greeted));
  for (const options of [{ arguments: ["a&calc"] }, { ...script, arguments: ["a&calc"] }]) {
    const refused = await product.run(agent, "echo never", options);
    assert.equal(refused.status, "failed");
    assert.match(refused.status_reason, /cmd would read arguments/);
  }
  const missing = await product.run(agent, "print(1)", { command_type: "python" });
  assert.match(missing.status_reason, /^Python is not on this machine: looked for python and python3 and py in /);
});

step("commands run in the session of who is logged in, through a host of their own", async () => {
  const inSession = { context: "user_session" };
  const text = "@echo off\r\necho out %WHO% %GURURMM_COMMAND_ID%\r\necho err 1>&2\r\nexit /b 7";
  const command = await product.run(agent, text, {
    ...inSession,
    command_type: "script",
    interpreter: "cmd",
    environment: { WHO: "Technician One" },
  });
  assert.deepEqual([command.status, command.exit_code, command.elevated], ["failed", 7, false], JSON.stringify(command));
  assert.match(command.stdout, /^out Technician One [0-9a-f-]{36}\s*$/);
  assert.equal(command.stderr.trim(), "err");
  assert.equal((await product.run(agent, "echo one line", inSession)).stdout.trim(), "one line");
  const refused = await product.run(agent, "echo never", { ...inSession, arguments: ["a&calc"] });
  assert.match(refused.status_reason, /cmd would read arguments/);
  const large = await product.run(agent, "for /l %i in (1,1,20000) do @echo 0123456789", inSession);
  assert.equal(large.stdout.replaceAll("\r", "").length, 220_000);

  const cancelled = await product.order(agent, `echo began& start /b ${LINGER}& ${LINGER}`, inSession);
  await product.wrote(cancelled, "began");
  await product.api.post(`/commands/${cancelled}/cancel`, {});
  assert.equal((await product.became(cancelled, "ended")).status, "cancelled");
  await until("no child is left", () => processes("ping").filter(isLingering).length === 0);
  assert.deepEqual(processes("session-host"), []);
});

step("the starter set's scripts for cmd run from the library", async () => {
  await product.api.call("PATCH", "/organisation", { scripts_need_other_person: false });
  await product.api.post("/scripts/import-starter", {});
  const all = await product.api.all("/scripts");
  const ours = all.filter((/** @type {any} */ script) => script.interpreter === "cmd");
  assert.equal(ours.length, 4);
  for (const { id, name } of ours) {
    await product.api.post(`/scripts/${id}/approve`, { number: 1 });
    const command = await product.runScript(agent, id, {});
    // Wine has no event log, no list of services and no BitLocker: then they say that they do not know, and end with 1
    assert.ok([0, 1].includes(command.exit_code), `${name}: ${JSON.stringify(command)}`);
    assert.ok(command.stdout.trim() !== "", `${name}: ${JSON.stringify(command)}`);
  }
  const disk = ours.find((/** @type {any} */ script) => script.name === "Free disk space");
  const full = await product.runScript(agent, disk.id, { minimum_gb: "100000" });
  assert.deepEqual([full.exit_code, /less than 100000 GB/.test(full.stdout)], [1, true], JSON.stringify(full));
  const hostile = await product.runScript(agent, disk.id, { drives: "C: & echo pwned" });
  assert.deepEqual([hostile.exit_code, hostile.stdout.includes("pwned")], [2, false], JSON.stringify(hostile));
});

step("it comes back to a server that was killed", async () => {
  const id = await product.order(agent, "echo began& ping -n 8 127.0.0.1 >nul& echo finished");
  await product.wrote(id, "began");
  await product.server.kill();
  product.server.start();
  const command = await until(
    "the result has come",
    async () => {
      const command = await product.api.get(`/commands/${id}`);
      return command.finished_at ? command : undefined;
    },
    PATIENCE_MS,
  );
  assert.equal(command.status, "completed");
  assert.match(command.stdout, /began\s+finished/);
  assert.equal((await product.machine()).id, agent);
});

step("killed, it is the same machine after the next start", async () => {
  const id = await product.order(agent, `echo began& ${LINGER}`);
  await product.wrote(id, "began");
  const running = agents();
  assert.ok(running.length > 0, "the service has a process");
  for (const pid of running) process.kill(pid, "SIGKILL");
  await product.machine("offline");
  // Wine's service manager neither notices nor acts; Windows starts it again by itself
  await wine(["net", "stop", SERVICE]);
  await wine(["net", "start", SERVICE]);
  assert.equal((await product.machine()).id, agent);
  assert.equal((await product.became(id, "ended")).status, "interrupted");
  assert.equal((await product.run(agent, "echo back")).stdout.trim(), "back");
});

step("it proves itself, and leaves", async () => {
  const { output } = await wine([EXE, "selftest", "--json"]);
  const report = JSON.parse(output.slice(output.indexOf("{")));
  const failed = report.checks.filter((/** @type {any} */ check) => check.verdict === "failed");
  // Wine keeps no access lists and tells no volumes; nothing else may fail
  const reasons = failed.map((/** @type {any} */ check) => `${check.name}: ${check.detail}`);
  assert.deepEqual(
    reasons.map((/** @type {string} */ reason) => reason.replace(/C:\S+: /, "")),
    [
      "storage.private_folder: it takes over the rights of the folder above it",
      "machine.metrics: the system does not tell the volumes",
    ],
  );
  await agentSucceeds(["service", "uninstall"]);
  await agentSucceeds(["unenroll"]);
  const record = await product.machine("offline");
  assert.deepEqual([record.id, record.state], [agent, "left"]);
});
