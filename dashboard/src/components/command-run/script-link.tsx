import { Link } from "@tanstack/react-router";
import type { CommandRun } from "@/api/types";
import { useCannot } from "../me";
import { versionWords } from "./run-title";

type OfScript = Pick<CommandRun, "script_id" | "script_name" | "script_version">;

/** The script of a run and its version; a link for whoever may see the library. */
export function ScriptLink({ run }: { run: OfScript }) {
  const cannot = useCannot("scripts.view");
  const { script_id: id, script_name: name } = run;
  return (
    <>
      {id && !cannot ? (
        <Link to="/scripts/$id" params={{ id }} className="font-medium text-accent-text hover:underline">
          {name}
        </Link>
      ) : (
        name
      )}{" "}
      ({versionWords(run)})
    </>
  );
}
