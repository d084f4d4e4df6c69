import type { CommandRunDetail } from "@/api/types";
import { NameValues } from "@/components/command/name-values";

interface RunVariablesProps {
  run: CommandRunDetail;
  isOwn: boolean;
}

/** The variables with their values, for whoever decides; nothing for others. */
export function RunVariables({ run, isOwn }: RunVariablesProps) {
  const values = run.environment ?? {};
  if (Object.keys(values).length === 0) return null;
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <h3 className="font-medium text-sm">
        Variables
        {!isOwn && <span className="font-normal text-soft">: you answer for these too</span>}
      </h3>
      <div className="rounded-md border border-line bg-subtle px-3 py-1">
        <NameValues label="Variables" values={values} />
      </div>
    </div>
  );
}
