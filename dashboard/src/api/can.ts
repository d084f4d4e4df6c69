// Written by `make gen` from the server's list of permissions.

export const permissions = {
  "clients.view": { title: "See clients", level: "place", implies: [], isForKeys: true },
  "clients.edit": { title: "Create, rename and delete clients", level: "place", implies: ["clients.view"], isForKeys: true },
  "sites.view": { title: "See sites", level: "place", implies: ["clients.view"], isForKeys: true },
  "sites.edit": { title: "Create, rename and delete sites", level: "place", implies: ["clients.view","sites.view"], isForKeys: true },
  "agents.view": { title: "See machines, their measurements and network", level: "place", implies: ["clients.view","sites.view"], isForKeys: true },
  "agents.edit": { title: "Rename and tag machines, fill in their fields, and move them where one may edit too", level: "place", implies: ["clients.view","sites.view","agents.view"], isForKeys: true },
  "agents.delete": { title: "Remove machines", level: "place", implies: ["clients.view","sites.view","agents.view"], isForKeys: true },
  "agents.approve": { title: "Let machines in, quarantine them, rotate and revoke their keys", level: "place", implies: ["clients.view","sites.view","agents.view"], isForKeys: true },
  "site_keys.view": { title: "See which site keys there are, never a key", level: "place", implies: ["clients.view","sites.view"], isForKeys: true },
  "site_keys.edit": { title: "Create and revoke site keys", level: "place", implies: ["clients.view","sites.view","site_keys.view"], isForKeys: true },
  "commands.view": { title: "See commands and what they wrote", level: "place", implies: ["clients.view","sites.view","agents.view"], isForKeys: true },
  "commands.run": { title: "Run and cancel commands", level: "place", implies: ["clients.view","sites.view","agents.view","commands.view"], isForKeys: true },
  "commands.approve": { title: "Decide about runs that others ask for", level: "place", implies: ["clients.view","sites.view","agents.view","commands.view"], isForKeys: false },
  "commands.stop_all": { title: "Stop all commands of the organisation, and let them start again", level: "organisation", implies: [], isForKeys: false },
  "scripts.view": { title: "See the library of scripts", level: "place", implies: [], isForKeys: true },
  "scripts.run": { title: "Run approved saved scripts", level: "place", implies: ["clients.view","sites.view","agents.view","commands.view","scripts.view"], isForKeys: true },
  "scripts.edit": { title: "Save scripts and new versions of them", level: "organisation", implies: ["scripts.view"], isForKeys: true },
  "scripts.approve": { title: "Say which version of a script runs", level: "organisation", implies: ["scripts.view"], isForKeys: false },
  "schedules.view": { title: "See schedules", level: "place", implies: ["scripts.view"], isForKeys: true },
  "schedules.edit": { title: "Make, change, pause and delete schedules of what one may run", level: "place", implies: ["clients.view","sites.view","agents.view","commands.view","scripts.view","scripts.run","schedules.view"], isForKeys: false },
  "audit.view": { title: "Read the audit log", level: "place", implies: [], isForKeys: true },
  "audit.export": { title: "Save the audit log as a file", level: "place", implies: ["audit.view"], isForKeys: true },
  "users.view": { title: "See people, what they may do and where they are signed in", level: "organisation", implies: [], isForKeys: false },
  "users.edit": { title: "Invite, suspend and remove people, give and take roles, sign people out", level: "organisation", implies: ["users.view"], isForKeys: false },
  "roles.edit": { title: "Make and change roles", level: "organisation", implies: ["users.view"], isForKeys: false },
  "owners.edit": { title: "Make and unmake owners", level: "organisation", implies: ["users.view","users.edit"], isForKeys: false },
  "api_keys.own": { title: "Make API keys for oneself", level: "organisation", implies: [], isForKeys: false },
  "api_keys.edit": { title: "See and revoke everybody's API keys", level: "organisation", implies: ["users.view"], isForKeys: false },
  "organisation.view": { title: "See the organisation's settings", level: "organisation", implies: [], isForKeys: true },
  "organisation.edit": { title: "Change the organisation's settings", level: "organisation", implies: ["organisation.view"], isForKeys: false },
} as const;

export const builtInRoles = {
  owner: { title: "Owner", description: "Everything, in the whole organisation. Only owners make owners.", permissions: ["clients.view","clients.edit","sites.view","sites.edit","agents.view","agents.edit","agents.delete","agents.approve","site_keys.view","site_keys.edit","commands.view","commands.run","commands.approve","commands.stop_all","scripts.view","scripts.run","scripts.edit","scripts.approve","schedules.view","schedules.edit","audit.view","audit.export","users.view","users.edit","roles.edit","owners.edit","api_keys.own","api_keys.edit","organisation.view","organisation.edit"] },
  administrator: { title: "Administrator", description: "Everything but making and unmaking owners.", permissions: ["clients.view","clients.edit","sites.view","sites.edit","agents.view","agents.edit","agents.delete","agents.approve","site_keys.view","site_keys.edit","commands.view","commands.run","commands.approve","commands.stop_all","scripts.view","scripts.run","scripts.edit","scripts.approve","schedules.view","schedules.edit","audit.view","audit.export","users.view","users.edit","roles.edit","api_keys.own","api_keys.edit","organisation.view","organisation.edit"] },
  technician: { title: "Technician", description: "Sees, edits and lets in machines, runs commands and decides about those of others, saves scripts and schedules, makes site keys.", permissions: ["agents.view","agents.edit","agents.approve","site_keys.view","site_keys.edit","commands.view","commands.run","commands.approve","scripts.run","scripts.edit","schedules.edit","api_keys.own","organisation.view"] },
  script_runner: { title: "Script runner", description: "Sees machines and runs approved saved scripts.", permissions: ["agents.view","commands.view","scripts.run"] },
  viewer: { title: "Viewer", description: "Sees machines and their measurements; no commands and no keys.", permissions: ["agents.view","organisation.view"] },
} as const;

export type Permission = keyof typeof permissions;
export type BuiltInRole = keyof typeof builtInRoles;
