/** Machines that exist nowhere, enrolled through the interface: with the real one they are a fleet. */
import { world } from "./world.mjs";

const SYSTEMS = /** @type {const} */ ([
  { os: "windows", os_name: "Windows 11 Pro", os_version: "24H2" },
  { os: "windows", os_name: "Windows Server 2022", os_version: "21H2" },
  { os: "linux", os_name: "Debian GNU/Linux", os_version: "12 (bookworm)" },
  { os: "macos", os_name: "macOS", os_version: "15.1" },
]);
const PLACES = [
  { client: "Example Logistics", site: "Harbour", prefix: "logistics", count: 70 },
  { client: "Example Logistics", site: "Airport", prefix: "airport", count: 30 },
  { client: "Example Law Partners", site: "Head office", prefix: "law", count: 20 },
];
/** A name that a spreadsheet must not run and no list may take for markup. */
export const HOSTILE = `=HYPERLINK("x"),<i>law</i>`;

/**
 * Enrols machines that exist nowhere.
 * @param {string} siteId @param {string} site names the key @param {string} prefix of the host names @param {number} count
 */
export async function enrolRows(siteId, site, prefix, count) {
  const api = await world.api();
  const { key } = await api.post("/site-keys", { site_id: siteId, name: `${site} roll-out`, max_uses: null });
  const rows = Array.from({ length: count }, (_, index) => {
    const system = SYSTEMS[index % SYSTEMS.length] ?? SYSTEMS[0];
    return { ...system, hostname: `${prefix}-${String(index + 1).padStart(3, "0")}` };
  });
  for (let at = 0; at < rows.length; at += 10) {
    await Promise.all(rows.slice(at, at + 10).map((facts) => api.enrollRow(key, facts)));
  }
}

async function enrolCrowd() {
  await world.machine();
  const api = await world.api();
  const clients = new Map();
  for (const { client, site, prefix, count } of PLACES) {
    if (!clients.has(client)) clients.set(client, await api.post("/clients", { name: client }));
    const made = await api.post("/sites", { client_id: clients.get(client).id, name: site });
    await enrolRows(made.id, site, prefix, count);
  }
  const { items } = await api.get("/agents?search=law-001");
  await api.call("PATCH", `/agents/${items[0].id}`, { display_name: HOSTILE });
  const { total } = await api.get("/agents/summary");
  return { total, law: clients.get("Example Law Partners") };
}

/** @type {Promise<{ total: number, law: any }> | undefined} */
let crowd;

/** A hundred and twenty machines that exist nowhere; with the real one they are a fleet. */
export function fleet() {
  crowd ??= enrolCrowd();
  return crowd;
}
