/** Commands on this machine: what they print and when, how they end, and that nothing of them survives a cancel. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import os from "node:os";
import { openCommands, parts, run } from "../harness/command-form.mjs";
import { gates } from "../harness/gates.mjs";
import { glance, look } from "../harness/look.mjs";
import { isAlive, outputOf } from "../harness/machine.mjs";
import { at, gone, says, until, visible } from "../harness/wait.mjs";
import { scenario, world } from "../harness/world.mjs";

scenario("a command's output is the machine's own, and arrives line by line", "technician", async ({ page }) => {
  await openCommands(page);
  const { state, stdout } = parts(page);
  await run(page, "uname -a");
  await says(state, "Completed");
  assert.equal((await stdout.innerText()).trim(), await outputOf("uname", "-a"));

  const gate = gates();
  try {
    const { wait } = gate;
    await run(
      page,
      `echo line one; ${wait("1")}; echo line two; ${wait("2")}; echo line three; ${wait("3")}; echo the end`,
    );
    for (const [step, line] of ["line one", "line two", "line three"].entries()) {
      const text = await says(stdout, line);
      await says(state, "Running");
      assert.equal(text.trim().split("\n").length, step + 1, "no line before its time");
      if (step === 1) await glance(page, "command-running");
      await gate.open(`${step + 1}`);
    }
    await says(state, "Completed");
    await says(stdout, /^line one\nline two\nline three\nthe end\s*$/);
  } finally {
    await gate.openAll();
  }
});

scenario("errors stay apart, a bad exit is a failure, a limit ends a command", "technician", async ({ page }) => {
  await openCommands(page);
  const { state, stdout, stderr } = parts(page);
  await run(page, "echo to the left; echo to the right >&2; exit 3");
  await says(state, "Failed");
  await says(page.getByRole("main"), /Exit code\s+3\b/);
  assert.equal((await stdout.innerText()).trim(), "to the left");
  assert.equal((await stderr.innerText()).trim(), "to the right");
  await glance(page, "command-failed");

  await page.getByRole("button", { name: "Run command" }).click();
  await says(page.getByRole("alert"), "Write the command to run.");
  await page.getByLabel("Time limit (seconds)").fill("0");
  await page.getByRole("button", { name: "Run command" }).click();
  await until("the limit is refused", async () =>
    (await page.getByRole("alert").allInnerTexts()).some((text) => text.includes("From 1 to 86,400 seconds.")),
  );
  await run(page, "echo before; sleep 1000", { limit: "1" });
  await says(state, "Timed out");
  await says(stdout, "before");
});

scenario("a cancelled command takes its children with it", "technician", async ({ page }) => {
  await openCommands(page);
  const gate = gates();
  const [child, loner] = [gate.path("child"), gate.path("loner")];
  await run(page, `sleep 1000 & echo $! > ${child}; setsid sleep 1000 & echo $! > ${loner}; echo ready; wait`);
  const { state, stdout } = parts(page);
  await says(stdout, "ready");
  const pids = await Promise.all([child, loner].map(async (file) => Number(await readFile(file, "utf8"))));
  for (const pid of pids) assert.ok(await isAlive(pid), `process ${pid} runs before the cancel`);
  await page.getByRole("button", { name: "Cancel command" }).click();
  await says(state, "Cancelled");
  for (const pid of pids) await until(`process ${pid} is gone`, async () => !(await isAlive(pid)));
});

scenario("what a command says is shown, never obeyed", "technician", async ({ page }) => {
  const id = await openCommands(page);
  const markup = `<img src=x onerror="window.obeyed=1"><script>window.obeyed=1</script>`;
  const text = `printf '%s\\n' '${markup}' "“quotes” & ünïcödé 🦀 \\$HOME"`;
  const command = await run(page, text);
  const { state, stdout } = parts(page);
  await says(state, "Completed");
  assert.equal((await stdout.innerText()).trim(), `${markup}\n“quotes” & ünïcödé 🦀 $HOME`);
  const history = page.getByRole("table", { name: "Commands of this machine" });
  await visible(history.getByRole("link", { name: text }));
  await look(page, "machine-commands-many");

  await history.getByRole("link", { name: text }).click();
  await at(page, `/commands/${command}`);
  await says(page.getByRole("main"), text);
  await look(page, "command");
  await page.goto(`/commands?search=${encodeURIComponent("onerror=")}`);
  await visible(page.getByRole("link", { name: text }));
  await page.goto(`/machines/${id}?tab=audit`);
  const created = page.getByRole("button", { name: /ran a command on/ });
  const commands = await (await world.api()).all(`/commands?agent_id=${id}`);
  // a row that comes in above moves the one that is being clicked away
  await until("every command stands in the audit", async () => (await created.count()) === commands.length);
  await created.first().click();
  await says(
    page.getByRole("dialog", { name: "Command created" }).getByRole("region", { name: "Details" }),
    "<script>",
  );
  assert.equal(await page.evaluate(() => "obeyed" in window), false, "markup in a command was obeyed");
});

scenario(
  "a machine that is away shows so, and does its commands when it is back",
  "technician",
  async ({ page, context }) => {
    await openCommands(page);
    const { process: agent } = await world.machine();
    const main = page.getByRole("main");
    const { state, stdout } = parts(page);
    await says(main, /online since/);
    const gate = gates();
    const list = await context.newPage();
    await list.goto("/machines");
    const row = list.getByRole("table", { name: "Machines" }).getByRole("row", { name: os.hostname() });
    await says(row, "Online");
    await page.bringToFront();
    await agent.kill();
    try {
      await says(main, /offline since/);
      await says(row, "Offline");
      await run(page, gate.mark("cancelled"));
      await says(state, "Queued");
      await page.getByRole("button", { name: "Cancel command" }).click();
      await says(state, "Cancelled");
      await run(page, "echo I am back");
      await says(state, "Queued");
      await says(main, "Waits until the machine is online");
      await glance(page, "machine-offline-queued");
      await page.getByRole("tab", { name: "Overview" }).click();
      await says(page.getByRole("button", { name: /^CPU / }), "Last known");
      await look(page, "machine-offline");
      await page.getByRole("tab", { name: "Commands" }).click();
    } finally {
      agent.start();
    }
    await says(state, "Completed");
    await says(stdout, "I am back");
    await says(main, /online since/);
    await says(row, "Online");
    await gone(page.getByRole("button", { name: "Cancel command" }));
    assert.equal(gate.isOpen("cancelled"), false, "what was cancelled before it began never ran");
  },
);
