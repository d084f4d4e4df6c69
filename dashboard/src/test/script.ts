import type { Script, ScriptParameter, ScriptVersion } from "@/api/types";

const TIME = "2026-01-02T03:04:05Z";

/** A script of the library: one version, nobody has approved it. */
export const scriptOf = (more: Partial<Script> = {}): Script => ({
  id: "s1",
  name: "Disk space",
  folder: "Linux",
  description: "Tells how full the disks are.",
  newest_version: 1,
  approved_version: null,
  interpreter: "sh",
  platforms: ["linux"],
  archived_at: null,
  created_by_name: "Technician One",
  created_at: TIME,
  updated_at: TIME,
  ended_count: 0,
  completed_count: 0,
  last_run_at: null,
  ...more,
});

/** A version of it. */
export const scriptVersionOf = (more: Partial<ScriptVersion> = {}): ScriptVersion => ({
  number: 1,
  text: "df -h\n",
  sha256: "0".repeat(64),
  interpreter: "sh",
  platforms: ["linux"],
  context: "system",
  timeout_seconds: 300,
  environment: {},
  parameters: [],
  note: "",
  created_by_name: "Technician One",
  created_at: TIME,
  approved_by_name: null,
  approved_at: null,
  ...more,
});

/** Something that it asks for. */
export const parameterOf = (more: Partial<ScriptParameter> = {}): ScriptParameter => ({
  name: "folder",
  label: "Folder",
  kind: "string",
  required: false,
  ...more,
});
