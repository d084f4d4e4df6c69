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
  await page.getByRole("button", { name: "Options" }).click();
  await page.getByLabel("Time limit (seconds)").fill("0");
  await page.getByRole("button", { name: "Options" }).click();
  await page.getByRole("button", { name: "Run command" }).click();
  await visible(page.getByLabel("Time limit (seconds)"));
  await until("the limit is refused", async () =>
    (await page.getByRole("alert").allInnerTexts()).some((text) => text.includes("From 1 to 86,400 seconds.")),
  );
  await run(page, "echo before; sleep 1000", { limit: "1" });
  await says(state, "Timed out");
  await says(stdout, "before");
});

scenario(
  "a script is read by its interpreter, with what it is given, and is run again",
  "technician",
  async ({ page }) => {
    await openCommands(page);
    const { state, stdout } = parts(page);
    await page.getByRole("combobox", { name: "Type" }).selectOption("Script");
    await page.getByRole("button", { name: "Run command" }).click();
    await until("the interpreter is asked for", async () =>
      (await page.getByRole("alert").allInnerTexts()).some((text) => text.includes("Say what reads the script")),
    );
    await page.getByLabel("Interpreter").fill("sh");
    await page.getByRole("button", { name: "Options" }).click();
    await page.getByRole("button", { name: "Add argument" }).click();
    await page.getByRole("textbox", { name: "Argument 1" }).fill("one 'argument'; $HOME");
    await page.getByRole("button", { name: "Add variable" }).click();
    await page.getByRole("textbox", { name: "Name of variable 1" }).fill("2ND");
    await page.getByRole("textbox", { name: "Value of variable 1" }).fill("a value\nof two lines");
    await page.getByRole("textbox", { name: "Command", exact: true }).fill("x");
    await page.getByRole("button", { name: "Run command" }).click();
    await until("the name is refused", async () =>
      (await page.getByRole("alert").allInnerTexts()).some((text) => text.includes("no digit first")),
    );
    await glance(page, "machine-run-options");
    await page.getByRole("textbox", { name: "Name of variable 1" }).fill("GREETING");
    const text = `# greets\nif [ $# = 1 ]; then printf '%s|%s\\n' "$1" "$GREETING"; fi`;
    const command = await run(page, text);
    await says(state, "Completed");
    const wanted = "one 'argument'; $HOME|a value\nof two lines";
    assert.equal((await stdout.innerText()).trim(), wanted);

    await page.goto(`/commands/${command}`);
    await says(page.getByRole("region", { name: "Text of the command" }), text);
    await says(page.getByRole("table", { name: "Arguments" }), "one 'argument'; $HOME");
    await says(page.getByRole("list", { name: "Variables" }), "GREETING");
    await look(page, "command-script");
    await page.getByRole("button", { name: "Run again…" }).click();
    const dialog = page.getByRole("dialog", { name: "Run again" });
    assert.equal(await dialog.getByRole("textbox", { name: "Command", exact: true }).inputValue(), text);
    await says(dialog, "1 argument · 1 variable");
    await glance(page, "command-again");
    await dialog.getByRole("textbox", { name: "Value of variable 1" }).fill("a value\nof two lines");
    await dialog.getByRole("button", { name: "Run command" }).click();
    await page.waitForURL((url) => /^\/commands\/./.test(url.pathname) && !url.pathname.endsWith(command));
    await says(state, "Completed");
    assert.equal((await stdout.innerText()).trim(), wanted);
  },
);

scenario("output has its colours on the page and none in its file", "technician", async ({ page }) => {
  await openCommands(page);
  const { state, stdout, stderr } = parts(page);
  await run(
    page,
    `printf '\\033]0;title\\007\\033[1;31mred\\033[0m \\033[38;2;255;170;0mown\\033[0m \\033[30;47mpaper\\033[m\\n10 %%\\r100 %%\\n'; echo bad >&2`,
  );
  await says(state, "Completed");
  assert.equal((await stdout.innerText()).trim(), "red own paper\n100 %");
  assert.equal((await stderr.innerText()).trim(), "bad");
  const inkOf = (/** @type {string} */ word) =>
    stdout.getByText(word, { exact: true }).evaluate((element) => getComputedStyle(element).color);
  assert.equal(await inkOf("own"), "rgb(255, 170, 0)");
  assert.notEqual(await inkOf("red"), await stdout.evaluate((element) => getComputedStyle(element).color));
  await look(page, "command-colours");
  const coming = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download" }).click();
  const file = await coming;
  assert.match(file.suggestedFilename(), new RegExp(`^${os.hostname()}-\\d{4}-\\d\\d-\\d\\d-\\d{6}\\.txt$`));
  assert.equal(await readFile(await file.path(), "utf8"), "Output:\nred own paper\n100 %\n\nErrors:\nbad\n");
  await page.getByRole("button", { name: /^Errors/ }).click();
  await gone(stdout);
  await says(stderr, "bad");
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

scenario("what waits on a machine that is away is seen, and cancelled", "technician", async ({ page, context }) => {
  const id = await openCommands(page);
  const { process: agent } = await world.machine();
  const main = page.getByRole("main");
  const gate = gates();
  await agent.kill();
  try {
    await says(main, /offline since/);
    const waiting = await context.newPage();
    await waiting.goto("/commands?tab=waiting");
    await says(waiting.getByRole("main"), "Nothing waits");
    await glance(waiting, "commands-waiting-none");
    const api = await world.api();
    for (const name of ["one", "two", "three"]) await api.post(`/agents/${id}/command`, { command: gate.mark(name) });
    const list = waiting.getByRole("list", { name: `Waiting on ${os.hostname()}` });
    await until("all three wait", async () => (await list.getByRole("listitem").count()) === 3);
    await says(waiting.getByRole("main"), /Offline\s*last seen/);
    await look(waiting, "commands-waiting");
    await waiting.getByRole("button", { name: `Cancel ${gate.mark("one")}` }).click();
    await until("two wait", async () => (await list.getByRole("listitem").count()) === 2);
    await waiting.getByRole("button", { name: `Cancel all of ${os.hostname()}` }).click();
    await waiting.getByRole("alertdialog").getByRole("button", { name: "Cancel 2 commands" }).click();
    await says(waiting.getByRole("main"), "Nothing waits");
  } finally {
    agent.start();
  }
  await says(main, /online since/);
  const { state } = parts(page);
  await run(page, "echo done");
  await says(state, "Completed");
  for (const name of ["one", "two", "three"]) assert.equal(gate.isOpen(name), false, "what was cancelled never ran");
});

scenario("what is beyond what the server keeps is read from the machine, with its times", "technician", async ({ page }) => {
  await openCommands(page);
  const { state, stdout } = parts(page);
  // 1,500,000 bytes, of which the server keeps 1,048,576
  await run(page, "seq -f %0999g 1 1500");
  await says(state, "Completed");
  const main = page.getByRole("main");
  await says(main, /KiB more of the output lie on the machine/);
  // what is out of view has no layout, and so no inner text
  const length = async () => (await stdout.textContent())?.length ?? 0;
  const before = await length();
  await main.getByRole("button", { name: "Show more of the output" }).click();
  await until("there is more", async () => (await length()) > before + 100_000);
  await main.getByRole("button", { name: "Times" }).click();
  await look(page, "command-rest");
  const saving = page.waitForEvent("download");
  await main.getByRole("button", { name: "Save all of the output" }).click();
  const saved = await readFile(await (await saving).path(), "utf8");
  const line = (/** @type {number} */ number) => `${String(number).padStart(999, "0")}\n`;
  assert.equal(saved, Array.from({ length: 1500 }, (_, index) => line(index + 1)).join(""));
  await main.getByRole("button", { name: "Times" }).click();
});
