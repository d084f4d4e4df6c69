import type { UseFormReturn } from "react-hook-form";
import type { Script } from "@/api/types";
import { titleOf } from "@/components/can";
import { ErrorView } from "@/components/feedback";
import { ParameterFields } from "@/components/script/parameter-fields";
import type { ScriptRunValues } from "@/components/script/run-values";
import { ScriptPicker } from "@/components/script/script-picker";
import { useVersionNumbers } from "@/components/script/use-script";
import { VersionChoice } from "@/components/script/version-choice";
import { Field } from "@/ui/field";
import { Panel, Skeleton } from "@/ui/panel";
import type { ChosenScript } from "./use-chosen-script";

interface WhatPanelProps {
  run: UseFormReturn<ScriptRunValues>;
  chosen: ChosenScript;
  /** The version that runs until it is changed, of the script that it belongs to. */
  used: { scriptId: string; number: number } | undefined;
  /** Why this version cannot run for who is signed in. */
  lacks: string | undefined;
}

/** Which version of which script, and what it is given. */
export function WhatPanel({ run, chosen, used, lacks }: WhatPanelProps) {
  const { script, number } = chosen;
  return (
    <Panel title="What runs" bodyClassName="flex flex-col gap-4 p-4">
      <Field label="Script">
        {(control) => <ScriptPicker control={control} value={script} onValue={chosen.choose} />}
      </Field>
      {script && number !== undefined && (
        <AnyVersion
          script={script}
          number={number}
          onNumber={chosen.setNumber}
          used={used?.scriptId === script.id ? used.number : undefined}
          lacks={lacks}
        />
      )}
      <Fields run={run} chosen={chosen} />
    </Panel>
  );
}

interface AnyVersionProps {
  script: Script;
  number: number;
  onNumber: (number: number) => void;
  used: number | undefined;
  lacks: string | undefined;
}

/** The approved one unless another is chosen, however old. */
function AnyVersion({ lacks, ...choice }: AnyVersionProps) {
  const others = useVersionNumbers(choice.script);
  return (
    <VersionChoice
      {...choice}
      others={others}
      hint={`Another than the approved one needs the permission “${titleOf("commands.run")}” there.`}
      error={lacks}
    />
  );
}

function Fields({ run, chosen: { id, script, version, error, retry } }: Pick<WhatPanelProps, "run" | "chosen">) {
  if (id === undefined) return null;
  if (!script || !version) {
    return error ? <ErrorView error={error} onRetry={retry} /> : <Skeleton className="h-24 w-full" />;
  }
  const asks = version.parameters.length > 0;
  return (
    <>
      {script.description && (
        <p className="line-clamp-4 whitespace-pre-wrap break-words text-sm text-soft">{script.description}</p>
      )}
      <p className="text-sm text-soft">
        Version {version.number} runs each time, whatever is approved later. {asks ? "" : "It asks for nothing."}
      </p>
      {asks && (
        <>
          <ParameterFields key={`${script.id} ${version.number}`} form={run} parameters={version.parameters} />
          <p className="text-soft text-xs">What is given is kept with the schedule: no place for secrets.</p>
        </>
      )}
    </>
  );
}
