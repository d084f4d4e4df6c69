/** Many machines: the table, the tree, the queue, the log. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import os from "node:os";
import { fleet, HOSTILE } from "../harness/crowd.mjs";
import { counts, names } from "../harness/fleet-table.mjs";
import { glance, look, lookHere } from "../harness/look.mjs";
import { at, gone, says, until, visible } from "../harness/wait.mjs";
import { scenario, world } from "../harness/world.mjs";

scenario("the fleet table searches, filters, sorts, and goes on to the end", "technician", async ({ page }) => {
  const { total } = await fleet();
  await page.goto("/machines");
  await counts(page, total);
  await look(page, "machines-many");
  await page.getByRole("searchbox", { name: "Search machines" }).fill("logistics-06");
  await counts(page, 10);
  await at(page, "/machines?search=logistics-06");
  await page.getByRole("combobox", { name: "System" }).selectOption("macOS");
  await until(
    "both filters act",
    async () => (await names(page)).join() === "logistics-060,logistics-064,logistics-068",
  );
  await page.getByRole("combobox", { name: "Status" }).selectOption("Online");
  await says(page.getByRole("main"), "Nothing matches");
  await glance(page, "machines-nothing-matches");
  await page.getByRole("button", { name: "Remove the filters" }).click();
  await counts(page, total);

  const header = page.getByRole("columnheader", { name: "Name" });
  await header.getByRole("button").click();
  await until("the order is turned round", async () => (await header.getAttribute("aria-sort")) === "descending");
  const api = await world.api();
  const ordered = (await api.all("/agents?sort=name&order=desc")).map((row) => row.display_name ?? row.hostname);
  await until("the page has the server's order", async () => (await names(page))[0] === ordered[0]);
  await page.getByRole("region", { name: "Machines, scrolling" }).focus();
  await until("the last machine is reached", async () => {
    await page.keyboard.press("End");
    return (await names(page)).at(-1) === ordered.at(-1);
  });
});

scenario("columns and views are kept, and the view is saved as CSV", "technician", async ({ page }) => {
  const { total } = await fleet();
  await page.goto("/machines?search=law-0&sort=os&order=desc");
  await counts(page, 20);
  await page.getByRole("button", { name: "Columns" }).click();
  await page.getByRole("menuitemcheckbox", { name: "Host name" }).click();
  await page.getByRole("menuitemcheckbox", { name: "CPU" }).click();
  await lookHere(page, "machines-columns");
  await page.keyboard.press("Escape");
  await visible(page.getByRole("columnheader", { name: "Host name" }));
  await page.getByRole("button", { name: "Views" }).click();
  await page.getByRole("menuitem", { name: "Save this view…" }).click();
  await page.getByLabel("Name of the view").fill("Law by system");
  await page.getByRole("button", { name: "Save view" }).click();
  await page.goto("/machines");
  await counts(page, total);
  await visible(page.getByRole("columnheader", { name: "Host name" }));
  await gone(page.getByRole("columnheader", { name: "CPU" }));
  await page.getByRole("button", { name: "Views" }).click();
  await visible(page.getByRole("menuitem", { name: "Law by system" }));
  await lookHere(page, "machines-views");
  await page.getByRole("menuitem", { name: "Law by system" }).click();
  await at(page, "/machines?search=law-0&sort=os&order=desc");
  await counts(page, 20);

  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "CSV" }).click();
  const file = await download;
  assert.match(file.suggestedFilename(), /^machines-\d{4}-\d\d-\d\d\.csv$/);
  const lines = (await readFile(await file.path(), "utf8")).split("\r\n");
  assert.match(lines[0] ?? "", /^\uFEFFName,Host name,Status,Client,Site,System,Memory/);
  const rows = lines.slice(1).filter((line) => line !== "");
  const api = await world.api();
  const expected = (await api.all("/agents?search=law-0&sort=os&order=desc")).map((row) => row.hostname);
  const hostOf = (/** @type {string} */ line) => /law-\d{3}/.exec(line)?.[0];
  assert.deepEqual(rows.map(hostOf), expected, "the rows of the view in its order");
  const hostile = rows.find((line) => line.includes("law-001"));
  assert.ok(hostile?.startsWith(`"'=HYPERLINK(""x""),<i>law</i>",law-001,offline,Example Law Partners,`), hostile);
});

scenario("a command runs on several machines at once", "technician", async ({ page }) => {
  await fleet();
  const { id } = await world.machine();
  await page.goto("/machines?sort=status&order=desc");
  const own = page.getByRole("checkbox", { name: `Select ${os.hostname()}`, exact: true });
  await own.click();
  await page
    .getByRole("checkbox", { name: /^Select (airport|law|logistics)/ })
    .first()
    .click();
  const bar = page.getByRole("region", { name: "Selected machines" });
  await says(bar, "2 machines selected");
  await glance(page, "machines-selected");
  await bar.getByRole("button", { name: "Run a command…" }).click();
  const dialog = page.getByRole("dialog", { name: "Run a command" });
  await dialog.getByRole("textbox", { name: "Command", exact: true }).fill("echo on both");
  await glance(page, "machines-run");
  await dialog.getByRole("button", { name: "Run command" }).click();
  await at(page, /\/command-runs\//);
  const where = page.getByRole("list", { name: "Where the machines stand" });
  await says(where, /1\s*ok[\s\S]*1\s*offline|1\s*offline[\s\S]*1\s*ok/i);
  const rows = page.getByRole("row", { name: /^(Completed|Queued)/ });
  await until("one has done it and one waits", async () => {
    const texts = (await rows.allInnerTexts()).sort();
    return texts.length === 2 && texts[0]?.startsWith("Completed") && texts[1]?.startsWith("Queued");
  });
  await look(page, "command-run-two");
  await page.goto("/commands");
  await visible(page.getByRole("row", { name: /^Queued echo on both/ }));
  await look(page, "commands-many");
  const api = await world.api();
  const [done] = (await api.get(`/commands?agent_id=${id}&search=on%20both`)).items;
  assert.equal((await api.get(`/commands/${done.id}`)).stdout.trim(), "on both");
});

scenario("the attention page leads with what needs somebody", "technician", async ({ page }) => {
  const { total } = await fleet();
  const api = await world.api();
  const { id } = await world.machine();
  const failing = await api.post(`/agents/${id}/command`, { command: "exit 9 # backup of the books" });
  await page.goto("/");
  const main = page.getByRole("main");
  await says(main, new RegExp(`1\\s+of ${total} online`));
  await visible(main.getByRole("link", { name: "exit 9 # backup of the books" }));
  await look(page, "attention-many");
  await main.getByRole("link", { name: "exit 9 # backup of the books" }).click();
  await at(page, `/commands/${failing.id}`);
  await page.goBack();
  await main.getByRole("link", { name: "Show all offline" }).click();
  await counts(page, total - 1);
});

scenario("the tree narrows every page to a client", "technician", async ({ page }) => {
  const { law } = await fleet();
  const { id } = await world.machine();
  const api = await world.api();
  await api.post(`/agents/${id}/command`, { command: "exit 9 # not of the law partners" });
  const tree = page.getByRole("navigation", { name: "Clients" });
  const main = page.getByRole("main");
  await page.goto(`/machines/${id}`);
  await tree.getByRole("link", { name: /^Example Law Partners/ }).click();
  await at(page, `/machines?client_id=${law.id}`);
  await counts(page, 20);
  assert.ok((await names(page)).every((name) => name === HOSTILE || name.startsWith("law-")));
  const pages = page.getByRole("navigation", { name: "Main" });
  await pages.getByRole("link", { name: "Commands" }).click();
  await at(page, `/commands?client_id=${law.id}`);
  await until("no command of another client is shown", async () => !(await main.innerText()).includes("exit 9"));
  await pages.getByRole("link", { name: "Audit" }).click();
  await until("no event of another client is shown", async () => {
    const text = await page.getByRole("table", { name: "Audit events" }).innerText();
    return (
      text.includes("enrolled itself") && !text.includes("Example Logistics") && !text.includes("completed the set-up")
    );
  });
  await glance(page, "audit-scoped");
  await page.getByRole("banner").getByRole("link", { name: "Show all clients" }).click();
  await says(main, "ran a command on");
  await look(page, "audit-many");
  await main
    .getByRole("button", { name: /ran a command on/ })
    .first()
    .click();
  await says(page.getByRole("dialog", { name: "Command created" }), "Exact time");
  await glance(page, "audit-event");
  await page.goto("/clients");
  await visible(main.getByRole("region", { name: "Example Logistics" }));
  await look(page, "clients-many");
});
