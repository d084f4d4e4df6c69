import { Link } from "@tanstack/react-router";
import type { CommandRun } from "@/api/types";
import { cn } from "@/lib/cn";
import { runTitle, scriptTitle } from "./run-title";

interface RunLinkProps {
  run: CommandRun;
  className?: string;
}

/** What was run, in a list: a script by its name, a text in the letters of code. */
export function RunLink({ run, className }: RunLinkProps) {
  return (
    <Link
      to="/command-runs/$id"
      params={{ id: run.id }}
      title={scriptTitle(run) ?? run.command}
      className={cn(className, !scriptTitle(run) && "font-mono text-xs leading-6")}
    >
      {runTitle(run)}
    </Link>
  );
}
