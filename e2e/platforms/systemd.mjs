/** The agent as a service of systemd, in a Debian that boots in a container: the unit as it is shipped, the static program. */
import assert from "node:assert/strict";
import { chmodSync, copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { start } from "../harness/processes.mjs";
import { until } from "../harness/wait.mjs";
import { atTheEnd, PATIENCE_MS, product, programOf, step } from "./product.mjs";

const ROOT = process.env.GURURMM_SYSTEMD_ROOT ?? "";
const UNIT = "gururmm-agent.service";
const PROGRAM = "/usr/local/bin/gururmm-agent";
/** What the sandbox of the service may leave open, as `systemd-analyze security` counts. */
const EXPOSURE_MAX = 4.0;
const SHOW_ALL = "ps -e -o args=";

/** @type {Awaited<ReturnType<typeof boot>> | undefined} */
let machine;
let container = 0;
let agent = "";
let calls = 0;

/** Of these one becomes the container's init; others prepare it and are gone. @param {number} pid */
const children = (pid) => readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").map(Number);

/**
 * Runs a program in the container.
 * @param {string[]} line @param {string} [input]
 */
async function inside(line, input) {
  const name = `inside-${++calls}`;
  const running = start(
    name,
    "nsenter",
    ["--target", String(container), "--all", "--", "env", "-i", `PATH=${PATHS}`, ...line],
    {
      ...(input === undefined ? {} : { input }),
    },
  );
  const exit = await running.ended;
  return { exit, output: running.output().trim() };
}
const PATHS = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** @param {string[]} line */
async function succeeds(line, /** @type {string | undefined} */ input = undefined) {
  const { exit, output } = await inside(line, input);
  assert.equal(exit, 0, `${line.join(" ")}: ${output}`);
  return output;
}

/** One property of the unit. @param {string} property */
const property = (property) => succeeds(["systemctl", "show", UNIT, `--property=${property}`, "--value"]);

const mainPid = async () => Number(await property("MainPID"));

/** How many processes in the container have this in their command line. @param {string} text */
async function count(text) {
  return (await succeeds(SHOW_ALL.split(" "))).split("\n").filter((line) => line.includes(text)).length;
}

/** Boots the container, and waits until it runs. */
async function boot() {
  const running = start("boot", "systemd-nspawn", [
    "--quiet",
    `--directory=${ROOT}`,
    "--register=no",
    "--keep-unit",
    "--boot",
    "--console=pipe",
  ]);
  atTheEnd(() => running.stop());
  container = await until(
    "the container has an init",
    () => children(running.pid).find((pid) => readFileSync(`/proc/${pid}/comm`, "utf8") === "systemd\n"),
    PATIENCE_MS,
  );
  await until(
    "the system runs",
    async () => /running|degraded/.test((await inside(["systemctl", "is-system-running"])).output),
    PATIENCE_MS,
  );
  return running;
}

step("a Debian boots with systemd", async () => {
  await product.start();
  copyFileSync(programOf("GURURMM_LINUX_AGENT"), path.join(ROOT, PROGRAM));
  chmodSync(path.join(ROOT, PROGRAM), 0o755);
  machine = await boot();
});

step("it is enrolled and becomes a service that is ready", async () => {
  const enroll = [PROGRAM, "enroll", "--server", product.server.origin, "--site-key", "-"];
  await succeeds(enroll, `${await product.siteKey()}\n`);
  await succeeds([PROGRAM, "service", "install"]);
  agent = (await product.machine()).id;
  assert.equal(await property("Type"), "notify");
  assert.equal(await property("ActiveState"), "active");
  assert.equal(await property("WatchdogUSec"), "2min");
  assert.equal(await succeeds(["stat", "-c", "%a %U", "/run/gururmm"]), "700 root");
  assert.equal(await succeeds([PROGRAM, "service", "status"]), "running");
});

step("its sandbox is strict", async () => {
  const security = await succeeds(["systemd-analyze", "security", "--no-pager", UNIT]);
  const exposure = Number(/Overall exposure level for \S+: ([\d.]+)/.exec(security)?.[1]);
  assert.ok(exposure <= EXPOSURE_MAX, `exposure ${exposure}`);
  const status = await succeeds(["cat", `/proc/${await mainPid()}/status`]);
  assert.match(status, /^NoNewPrivs:\t1$/m);
  assert.match(status, /^Seccomp:\t2$/m);
  const mount = ["nsenter", "--target", String(await mainPid()), "--mount", "touch"];
  for (const folder of ["/usr", "/etc", "/root", "/home"]) {
    const { exit, output } = await inside([...mount, `${folder}/written`]);
    assert.notEqual(exit, 0, folder);
    assert.match(output, /Read-only file system/);
  }
});

step("it measures the whole machine from within", async () => {
  const point = await product.measured(agent);
  const total = Number(/MemTotal:\s+(\d+)/.exec(await succeeds(["cat", "/proc/meminfo"]))?.[1]) * 1024;
  assert.equal(point.memory_total_bytes, total);
  assert.ok(
    point.disks.some((/** @type {any} */ disk) => disk.mount === "/"),
    JSON.stringify(point.disks),
  );
  const { top_memory: processes } = await product.api.get(`/agents/${agent}/processes`);
  assert.ok(
    processes.some((/** @type {any} */ process) => process.name.startsWith("systemd")),
    JSON.stringify(processes),
  );
  const { interfaces } = await product.api.get(`/agents/${agent}/network`);
  assert.ok(interfaces.length > 0);
  const { capabilities } = await product.machine();
  const lacking = capabilities.filter((/** @type {any} */ capability) => !capability.supported);
  assert.deepEqual(
    lacking.map((/** @type {any} */ capability) => capability.name),
    ["commands.powershell", "commands.python", "hardware", "identity.sealed"],
  );
});

step("scripts, arguments and variables reach their interpreter and nobody else", async () => {
  const text = "# hidden-text\nprintf '%s|' \"$@\" \"$WHO\"; ps -e -ww -o args=; systemctl show 'gururmm-command-*'";
  const given = ["one two", "$HOME", "${WHO} $$", "%h %%", "a\\b", ""];
  const odd = "a \"b\" $HOME `id` \\ 'c'\nd";
  const options = {
    command_type: "script",
    interpreter: "sh",
    arguments: given,
    environment: { WHO: `hidden-value ${odd}` },
  };
  const { status, stdout } = await product.run(agent, text, options);
  assert.equal(status, "completed");
  assert.ok(stdout.startsWith(`${given.join("|")}|hidden-value ${odd}|`), stdout.slice(0, 200));
  const seenByAll = stdout.slice(stdout.indexOf(odd) + odd.length);
  assert.match(seenByAll, /gururmm-agent/);
  assert.doesNotMatch(seenByAll, /hidden/);
  const missing = await product.run(agent, "print(1)", { command_type: "python" });
  assert.equal(missing.status, "failed");
  assert.match(missing.status_reason, /Python is not on this machine: looked for python3 and python in .*\/usr\/bin/);
});

step("commands run in the session of who is logged in, and of nobody else", async () => {
  const inSession = { context: "user_session" };
  const nobody = await product.run(agent, "id", inSession);
  assert.deepEqual([nobody.status, nobody.status_reason], ["failed", "nobody is logged in at this machine"]);
  await succeeds(["useradd", "--create-home", "--shell", "/bin/bash", "person"]);
  // as a screen's: what has neither screen nor terminal is a session in the background
  const session = ["--setenv=XDG_SESSION_TYPE=x11", "--setenv=XDG_SESSION_CLASS=user"];
  const login = ["systemd-run", "--unit=login", "--property=PAMName=login", "--property=User=person", ...session];
  await succeeds([...login, "env", "SECRET=of-the-person", "sleep", "infinity"]);
  await until("the person is logged in", async () => /person/.test(await succeeds(["loginctl"])), PATIENCE_MS);
  await succeeds(["sh", "-c", "touch /run/user/$(id -u person)/wayland-0"]);
  const text =
    'id -un; pwd; echo "$HOME $WAYLAND_DISPLAY ${SECRET-nothing} $WHO"; test -d "$XDG_RUNTIME_DIR" && echo runtime; exit 4';
  const command = await product.run(agent, text, { ...inSession, arguments: ["x"], environment: { WHO: "hidden" } });
  assert.deepEqual(
    [command.status, command.exit_code, command.elevated],
    ["failed", 4, false],
    JSON.stringify(command),
  );
  assert.equal(command.stdout, "person\n/home/person\n/home/person wayland-0 nothing hidden\nruntime\n");
  const id = await product.order(agent, "echo began; sleep 1000", inSession);
  await product.wrote(id, "began");
  await product.api.post(`/commands/${id}/cancel`, {});
  assert.equal((await product.became(id, "ended")).status, "cancelled");
  assert.equal(await count("sleep 1000"), 0);
  await succeeds(["systemctl", "stop", "login"]);
});

step("commands run outside the sandbox, as an administrator's", async () => {
  const look =
    'touch /usr/written /root/written && grep NoNewPrivs /proc/self/status && echo "$HOME $((6 * 7)) 100% \\$x" && umask && pwd';
  const outside = await product.run(agent, look);
  assert.deepEqual(outside.stdout.split("\n"), ["NoNewPrivs:\t0", "/root 42 100% $x", "0022", "/", ""], outside.stderr);
  assert.ok(existsSync(path.join(ROOT, "usr/written")));

  const apart = await product.run(agent, "echo out; echo err >&2; exit 7");
  assert.deepEqual([apart.stdout, apart.stderr, apart.exit_code], ["out\n", "err\n", 7]);
  assert.equal((await product.run(agent, "exit 255")).exit_code, 255);
  for (const [name, number] of Object.entries({ KILL: 9, TERM: 15, PIPE: 13, ABRT: 6 })) {
    const killed = await product.run(agent, `kill -${name} $$`);
    assert.deepEqual([killed.status, killed.exit_code], ["failed", null], name);
    assert.match(killed.status_reason, new RegExp(`signal ${number}\\b`));
  }
  assert.equal(await succeeds(["systemctl", "--failed", "--no-legend", "--plain"]), "");
});

step("the text of a command is nobody's business", async () => {
  const id = await product.order(agent, "echo began; : s3cret; sleep 4006; true");
  await product.wrote(id, "began");
  assert.equal(await count("s3cret"), 0, "the process list");
  const shown = await succeeds(["sh", "-c", "systemctl show 'gururmm-command-*' --property=ExecStart"]);
  assert.ok(shown.includes("ExecStart=") && !shown.includes("s3cret"), shown);
  assert.notEqual(await succeeds(["ls", "/run/gururmm"]), "");
  await product.api.post(`/commands/${id}/cancel`, {});
  await product.became(id, "ended");
  await until("the text is gone", async () => !(await succeeds(["ls", "/run/gururmm"])).includes(".sh"), PATIENCE_MS);
});

step("output is live, a time-out and a cancel end the whole tree", async () => {
  const tree = (/** @type {string} */ mark) => `echo began; setsid sleep ${mark} & (trap '' TERM; sleep ${mark})`;
  const limited = await product.order(agent, tree("4001"), { timeout_seconds: 3 });
  await product.wrote(limited, "began");
  assert.equal((await product.became(limited, "ended")).status, "timeout");
  assert.equal(await count("sleep 4001"), 0);

  const cancelled = await product.order(agent, tree("4002"));
  await product.wrote(cancelled, "began");
  assert.ok((await count("sleep 4002")) >= 2);
  await product.api.post(`/commands/${cancelled}/cancel`, {});
  assert.equal((await product.became(cancelled, "ended")).status, "cancelled");
  assert.equal(await count("sleep 4002"), 0);
});

step("what a command leaves running on purpose stays", async () => {
  const left = await product.run(agent, "nohup sleep 4003 >/dev/null 2>&1 & echo left");
  assert.equal(left.status, "completed");
  assert.equal(await count("sleep 4003"), 1);
});

step("killed, it comes back by itself and ends what its commands left", async () => {
  const id = await product.order(agent, "echo began; setsid sleep 4004 & sleep 4004");
  await product.wrote(id, "began");
  const before = await mainPid();
  await succeeds(["kill", "-9", String(before)]);
  await until("another process is the agent", async () => ![0, before].includes(await mainPid()), PATIENCE_MS);
  const interrupted = await product.became(id, "ended");
  assert.equal(interrupted.status, "interrupted");
  await until("nothing of it is left", async () => (await count("sleep 4004")) === 0, PATIENCE_MS);
  assert.equal(await count("sleep 4003"), 1, "a daemon of an ended command stays");
  assert.equal((await product.machine()).id, agent);
  assert.equal((await product.run(agent, "echo back")).stdout, "back\n");
});

step("one that hangs is replaced", async () => {
  const folder = path.join(ROOT, "etc/systemd/system/gururmm-agent.service.d");
  await succeeds(["mkdir", "-p", "/etc/systemd/system/gururmm-agent.service.d"]);
  writeFileSync(path.join(folder, "watchdog.conf"), "[Service]\nWatchdogSec=6\n");
  await succeeds(["systemctl", "daemon-reload"]);
  await succeeds(["systemctl", "restart", UNIT]);
  const before = await mainPid();
  await succeeds(["kill", "-STOP", String(before)]);
  await until("another process is the agent", async () => ![0, before].includes(await mainPid()), PATIENCE_MS);
  assert.equal((await product.machine()).id, agent);
});

/** The machine goes down, as something in it has asked, and comes up again. */
async function boots() {
  await machine?.ended;
  machine = await boot();
}

step("a command that restarts the agent or the machine reports how it ended", async () => {
  const restarts = `echo before; systemctl restart --no-block ${UNIT}; echo asked; exit 5`;
  const agentWas = await mainPid();
  const restarted = await product.run(agent, restarts);
  assert.deepEqual([restarted.status, restarted.exit_code, restarted.stdout], ["failed", 5, "before\nasked\n"]);
  await until("another process is the agent", async () => ![0, agentWas].includes(await mainPid()), PATIENCE_MS);

  // one that waits for the agent to be back is in its way, and is ended
  const waits = await product.run(agent, `echo before; systemctl restart ${UNIT}; echo after`);
  assert.deepEqual([waits.status, waits.stdout], ["interrupted", "before\n"], JSON.stringify(waits));

  const rebooted = await product.order(agent, "echo going; systemctl reboot; exit 6");
  await boots();
  const ended = await product.became(rebooted, "ended");
  assert.deepEqual([ended.status, ended.exit_code, ended.stdout], ["failed", 6, "going\n"], JSON.stringify(ended));
  const slept = await product.order(agent, "echo going; systemctl reboot; sleep 4007");
  await boots();
  const cut = await product.became(slept, "ended");
  assert.notEqual(cut.status, "completed", "what the machine's end has cut off did not end well");
  assert.deepEqual([cut.exit_code, cut.stdout], [null, "going\n"], JSON.stringify(cut));
  assert.equal((await product.machine()).id, agent);
});

step("where systemd runs no commands, the service is open and runs them itself", async () => {
  const [program, away] = ["/usr/bin/systemd-run", "/usr/bin/systemd-run.away"];
  await succeeds(["mv", program, away]);
  await succeeds(["systemctl", "restart", UNIT]);
  const shell = (/** @type {any} */ machine) =>
    machine.capabilities.find((/** @type {any} */ capability) => capability.name === "commands.shell");
  const lacks = await until(
    "the agent says what is missing",
    async () => {
      const found = shell(await product.machine());
      return found.supported ? undefined : found;
    },
    PATIENCE_MS,
  );
  assert.match(lacks.reason, /systemd-run/);
  const failed = await product.run(agent, "echo never");
  assert.match(failed.status_reason, /systemd-run/);

  assert.match(await succeeds([PROGRAM, "service", "install"]), /without its sandbox: .*systemd-run/);
  await until("the agent runs commands", async () => shell(await product.machine()).supported, PATIENCE_MS);
  assert.equal(await property("ProtectSystem"), "no");
  assert.equal((await product.run(agent, "echo $((6 * 7)); touch /usr/open")).stdout, "42\n");
  await succeeds(["mv", away, program]);
  await succeeds([PROGRAM, "service", "install"]);
  assert.equal(await property("ProtectSystem"), "strict");
  await product.machine();
});

step("stopped, it says so and leaves nothing behind", async () => {
  const id = await product.order(agent, "echo began; sleep 4005");
  await product.wrote(id, "began");
  await succeeds([PROGRAM, "service", "stop"]);
  await product.machine("offline");
  assert.equal(await count("sleep 4005"), 0);
  assert.equal(await property("Result"), "success");
  await succeeds([PROGRAM, "service", "start"]);
  await product.machine();
  assert.equal((await product.became(id, "ended")).status, "interrupted");
  await succeeds([PROGRAM, "service", "uninstall"]);
  assert.equal((await inside(["systemctl", "cat", UNIT])).exit, 1);
});
