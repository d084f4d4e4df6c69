import { Play, TriangleAlert } from "lucide-react";
import { type FormEvent, type ReactNode, useId, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { useForm } from "react-hook-form";
import { ApiError } from "@/api/problem";
import type { CommandType } from "@/api/types";
import { Button } from "@/ui/button";
import { Field } from "@/ui/field";
import { Input, Select, Textarea } from "@/ui/input";
import { Kbd } from "@/ui/panel";
import { useWhyStopped } from "../command-run/stopped";
import type { Machine } from "../each-machine";
import { FormError } from "../feedback";
import { showFormError } from "../form";
import { lackingOn } from "./lacking";
import { RunOptions } from "./run-options";
import {
  COMMAND_TYPES,
  checkCommand,
  checkInterpreter,
  INTERPRETERS,
  NEW_RUN,
  type RunValues,
  TYPE_WORD,
} from "./run-values";

/** What every form that runs something has. */
export interface RunFormBasics {
  /** What it begins with, when something is run again. */
  initial?: RunValues | undefined;
  /** Where focus starts, in a dialog. */
  hasFocus?: boolean;
  /** Why nothing can be run now, whoever asks. */
  blocked?: string | undefined;
}

interface RunFormProps extends RunFormBasics {
  /** Machines on which it is to run, as far as they are known one by one. */
  agents: Machine[];
  /** They are told at a pace. */
  isMany?: boolean;
  /** Sends it. What it throws is shown at the field that it names. */
  onSend: (values: RunValues) => Promise<void>;
  /** Why this person cannot run it. */
  cannot: string | undefined;
  /** What is known of where it is to run. */
  reach?: ReactNode;
  submitLabel?: string;
}

const EXAMPLE: Record<CommandType, string> = {
  shell: "uptime && df -h",
  powershell: "Get-Service | Where-Object Status -eq Stopped",
  python: "import platform\nprint(platform.platform())",
  script: "The text that the interpreter reads",
  claude_task: "Find out why the disk is full. Change nothing.",
};

/** The form's fields by the server's names. */
const FIELDS = {
  command: "command",
  command_type: "type",
  interpreter: "interpreter",
  arguments: "args",
  environment: "variables",
  context: "context",
  timeout_seconds: "timeout",
  expires_in_seconds: "wait",
  on_disconnect: "keepRunning",
  "what.command": "command",
  mode: "mode",
  rate_per_minute: "rate",
  stop_after_failures: "failures",
} as const;
const IN_SIGHT = new Set(["command", "what.command", "command_type", "interpreter"]);

/** A text and how it is run. Where, and what becomes of it, is for those that show it. */
export function RunForm(props: RunFormProps) {
  const { agents, onSend, initial = NEW_RUN, hasFocus, isMany = false, reach, submitLabel = "Run command" } = props;
  const stopped = useWhyStopped();
  const blocked = props.blocked ?? stopped;
  const cannot = blocked ?? props.cannot;
  const form = useForm<RunValues>({ defaultValues: initial });
  const { errors, isSubmitting } = form.formState;
  // values of variables are never known beforehand
  const [isOpen, setOpen] = useState(initial.variables.length > 0);
  const isSending = useRef(false);
  const suggestions = useId();
  const type = form.watch("type");
  const send = form.handleSubmit(
    async (values) => {
      if (cannot) return;
      try {
        await onSend(values);
        // These belong to the text; how it is run stays for the next.
        form.resetField("command", { defaultValue: "" });
        form.setValue("args", []);
        form.setValue("variables", []);
        // Closed, they say in a line what is set, and leave the place to what comes.
        setOpen(false);
      } catch (error) {
        const named = error instanceof ApiError ? error.errors : [];
        // A field takes the focus only where it is shown.
        if (named.some(({ field }) => field in FIELDS && !IN_SIGHT.has(field))) flushSync(() => setOpen(true));
        showFormError(error, form.setError, FIELDS);
      }
    },
    (wrong) => {
      if (wrong.timeout || wrong.variables || wrong.args || wrong.rate || wrong.failures) setOpen(true);
    },
  );
  // The keyboard reaches past a blocked button: what is being sent must not be sent twice.
  const submit = async (event?: FormEvent) => {
    event?.preventDefault();
    if (isSending.current) return;
    isSending.current = true;
    // What the server refused is asked again; a field that checks nothing itself would keep its refusal.
    form.clearErrors();
    await send(event).finally(() => {
      isSending.current = false;
    });
  };
  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-3">
      {stopped && <p className="rounded-md bg-warn-soft px-3 py-2 text-sm text-warn">{stopped}</p>}
      <div className="grid gap-3 sm:grid-cols-[minmax(0,1fr)_10rem]">
        <Field label="Command" error={errors.command?.message}>
          {(control) => (
            <Textarea
              {...control}
              {...form.register("command", { validate: checkCommand })}
              autoFocus={hasFocus}
              rows={5}
              disabled={blocked !== undefined}
              spellCheck={type === "claude_task"}
              autoCapitalize="off"
              autoCorrect="off"
              placeholder={EXAMPLE[type]}
              className="resize-y font-mono"
              onKeyDown={(event) => {
                if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
                  event.preventDefault();
                  if (!event.repeat) void submit();
                }
              }}
            />
          )}
        </Field>
        <div className="flex flex-col gap-3">
          <Field label="Type" error={errors.type?.message}>
            {(control) => (
              <Select
                {...control}
                value={type}
                onChange={(event) => form.setValue("type", event.target.value as CommandType)}
                className="w-full"
              >
                {COMMAND_TYPES.map((one) => (
                  <option key={one} value={one}>
                    {TYPE_WORD[one]}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          {type === "script" && (
            <Field label="Interpreter" error={errors.interpreter?.message}>
              {(control) => (
                <>
                  <Input
                    {...control}
                    {...form.register("interpreter", { validate: checkInterpreter })}
                    list={suggestions}
                    spellCheck={false}
                    autoCapitalize="off"
                    autoCorrect="off"
                    placeholder="bash"
                    className="font-mono"
                  />
                  <datalist id={suggestions}>
                    {INTERPRETERS.map((name) => (
                      <option key={name} value={name} />
                    ))}
                  </datalist>
                </>
              )}
            </Field>
          )}
        </div>
      </div>
      <RunOptions form={form} isOpen={isOpen} onOpen={setOpen} firstWait={initial.wait} isMany={isMany} />
      <Lacking agents={agents} type={type} context={form.watch("context")} />
      {reach}
      <FormError message={errors.root?.message} />
      <div className="flex flex-wrap items-center gap-2">
        <Button type="submit" variant="primary" disabledReason={cannot} isPending={isSubmitting}>
          <Play /> {submitLabel}
        </Button>
        <span className="text-soft text-xs max-sm:hidden">
          <Kbd>Ctrl</Kbd> <Kbd>Enter</Kbd> runs it
        </span>
      </div>
    </form>
  );
}

interface LackingProps extends Pick<RunValues, "type" | "context"> {
  agents: Machine[];
}

/** A warning and no refusal: what is missing may be there by now. */
function Lacking({ agents, type, context }: LackingProps) {
  const lacking = lackingOn(agents, type, context);
  return (
    <div aria-live="polite" className="empty:hidden">
      {lacking.length > 0 && (
        <div className="flex items-start gap-2 rounded-md bg-warn-soft px-3 py-2 text-sm text-warn">
          <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
          <div className="min-w-0 break-words">
            {lacking.map(({ capability, text }) => (
              <p key={capability}>{text}</p>
            ))}
            <p>You can run it all the same: it may have been installed since the machine last told.</p>
          </div>
        </div>
      )}
    </div>
  );
}
