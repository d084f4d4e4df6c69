/** What a run is called: by its script, whose first line says little, else by its text. */
import type { CommandRun } from "@/api/types";
import { firstLine } from "../command-rows";

export type Named = Pick<CommandRun, "command" | "script_name" | "script_version">;

/** "version 3" */
export const versionWords = ({ script_version }: Pick<CommandRun, "script_version">): string =>
  `version ${script_version ?? "?"}`;

/** "Script: Disk space (version 3)"; nothing for a run of a text. */
export const scriptTitle = (run: Named): string | undefined =>
  run.script_name ? `Script: ${run.script_name} (${versionWords(run)})` : undefined;

export const runTitle = (run: Named): string => scriptTitle(run) ?? firstLine(run.command);
