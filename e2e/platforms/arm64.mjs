/** The agent for 64-bit ARM, under an emulated processor. */
import assert from "node:assert/strict";
import { makeFolder } from "../harness/folders.mjs";
import { start } from "../harness/processes.mjs";
import { product, programOf, step } from "./product.mjs";

const EMULATOR = "qemu-aarch64-static";
const folder = makeFolder("arm64");
let calls = 0;
let agent = "";

/** @param {string[]} args @param {string} [input] */
const emulated = (args, input) =>
  start(`agent-${++calls}`, EMULATOR, [programOf("GURURMM_ARM64_AGENT"), "--state-dir", folder, ...args], {
    ...(input === undefined ? {} : { input }),
  });

step("it says that this machine is not enrolled", async () => {
  const status = emulated(["status", "--json"]);
  await status.ended;
  assert.equal(JSON.parse(status.output()).enrolled, false);
});

step("it enrols and is online as a machine with an ARM processor", async () => {
  await product.start();
  const enroll = emulated(
    ["enroll", "--server", product.server.origin, "--site-key", "-"],
    `${await product.siteKey()}\n`,
  );
  assert.equal(await enroll.ended, 0, enroll.output());
  emulated(["run"]);
  const machine = await product.machine();
  assert.equal(machine.arch, "aarch64");
  agent = machine.id;
});

step("it measures and runs a command", async () => {
  assert.ok((await product.measured(agent)).memory_total_bytes > 0);
  const command = await product.run(agent, "echo out; echo err >&2; exit 3");
  assert.deepEqual([command.stdout, command.stderr, command.exit_code], ["out\n", "err\n", 3]);
});
