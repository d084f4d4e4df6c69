/** The events of the live stream, parsed and checked: a message of an unknown shape is dropped, never trusted. */
import * as z from "zod/mini";

const percent = z.optional(z.nullable(z.number()));

const shapes = {
  agent_status: z.object({
    agent_id: z.string(),
    status: z.enum(["online", "offline"]),
    last_seen_at: z.optional(z.nullable(z.string())),
  }),
  agent_changed: z.object({ agent_id: z.string() }),
  agent_metrics: z.object({
    agent_id: z.string(),
    cpu_percent: percent,
    memory_percent: percent,
    disk_percent: percent,
    recorded_at: z.string(),
  }),
  command_changed: z.object({ command_id: z.string(), agent_id: z.string(), status: z.string() }),
  command_run_changed: z.object({ run_id: z.string() }),
  commands_stopped: z.object({}),
  command_output: z.object({
    command_id: z.string(),
    agent_id: z.string(),
    stream: z.enum(["stdout", "stderr"]),
    offset: z.number(),
    recorded_at: z.optional(z.string()),
    data: z.string(),
  }),
  scripts_changed: z.object({}),
  schedules_changed: z.object({}),
  tree_changed: z.object({}),
  users_changed: z.object({}),
  access_changed: z.object({}),
  resync: z.object({}),
} as const;

export type LiveType = keyof typeof shapes;
export type LiveEvent = { [T in LiveType]: { type: T; data: z.infer<(typeof shapes)[T]> } }[LiveType];
export type OutputEvent = Extract<LiveEvent, { type: "command_output" }>["data"];

const isLiveType = (type: string): type is LiveType => Object.hasOwn(shapes, type);

export function parseLiveEvent(type: string, text: string): LiveEvent | undefined {
  if (!isLiveType(type)) return undefined;
  try {
    const parsed = shapes[type].safeParse(JSON.parse(text));
    return parsed.success ? ({ type, data: parsed.data } as LiveEvent) : undefined;
  } catch {
    return undefined;
  }
}
