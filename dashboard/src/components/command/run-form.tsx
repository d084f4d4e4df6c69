import { Play } from "lucide-react";
import { type FormEvent, useRef } from "react";
import { useForm } from "react-hook-form";
import { call, invalidate } from "@/api/client";
import type { Command } from "@/api/types";
import { Button } from "@/ui/button";
import { Checkbox } from "@/ui/checkbox";
import { Field } from "@/ui/field";
import { Input, Textarea } from "@/ui/input";
import { Kbd } from "@/ui/panel";
import { eachMachine, type Machine, type Outcome } from "../each-machine";
import { FormError } from "../feedback";
import { showFormError } from "../form";
import { useCannotAll } from "../me";

interface Values {
  command: string;
  timeout: string;
  mayWait: boolean;
  keepRunning: boolean;
}

interface RunFormProps {
  agents: Machine[];
  /** What was started, and the machines on which it was not. */
  onStarted: (commands: Command[], refused: Machine[]) => void;
  /** Where focus starts, in a dialog. */
  hasFocus?: boolean;
  /** Why nothing can be run now, whoever asks. */
  blocked?: string | undefined;
}

const A_DAY = 86_400;
const SHORTEST_WAIT = 30;

async function runOnAll(agents: Machine[], values: Values): Promise<Outcome<Command>> {
  const body = {
    command: values.command,
    command_type: "shell",
    timeout_seconds: Number(values.timeout),
    on_disconnect: values.keepRunning ? "continue" : "abort",
    expires_in_seconds: values.mayWait ? A_DAY : SHORTEST_WAIT,
  } as const;
  const outcome = await eachMachine(agents, (id) => call("command_run", { path: { id }, body }));
  if (outcome.done.length === 0) throw outcome.reason;
  return outcome;
}

/** Runs one shell command on one machine or on many. */
export function RunForm({ agents, onStarted, hasFocus, blocked }: RunFormProps) {
  const lacking = useCannotAll("commands.run", agents);
  const cannot = blocked ?? lacking;
  const form = useForm<Values>({ defaultValues: { command: "", timeout: "300", mayWait: true, keepRunning: true } });
  const { errors, isSubmitting } = form.formState;
  const isSending = useRef(false);
  const send = form.handleSubmit(async (values) => {
    if (cannot) return;
    try {
      const { done, failed } = await runOnAll(agents, values);
      form.resetField("command");
      void invalidate("command_list", "audit_event_list");
      onStarted(done, failed);
    } catch (error) {
      showFormError(error, form.setError, {
        command: "command",
        timeout_seconds: "timeout",
        expires_in_seconds: "mayWait",
        on_disconnect: "keepRunning",
      });
    }
  });
  // The keyboard reaches past a blocked button: what is being sent must not be sent twice.
  const submit = async (event?: FormEvent) => {
    event?.preventDefault();
    if (isSending.current) return;
    isSending.current = true;
    await send(event).finally(() => {
      isSending.current = false;
    });
  };
  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-3">
      <Field label="Command" error={errors.command?.message}>
        {(control) => (
          <Textarea
            {...control}
            {...form.register("command", { validate: (text) => text.trim() !== "" || "Write the command to run." })}
            autoFocus={hasFocus}
            rows={4}
            disabled={blocked !== undefined}
            spellCheck={false}
            autoCapitalize="off"
            autoCorrect="off"
            placeholder="uptime && df -h"
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
      <div className="grid gap-3 sm:grid-cols-[11rem_1fr]">
        <Field label="Time limit (seconds)" error={errors.timeout?.message}>
          {(control) => (
            <Input
              {...control}
              {...form.register("timeout", {
                validate: (text) => {
                  const seconds = Number(text);
                  return (
                    (Number.isInteger(seconds) && seconds >= 1 && seconds <= 86_400) || "From 1 to 86,400 seconds."
                  );
                },
              })}
              type="number"
              inputMode="numeric"
              min={1}
              max={86_400}
            />
          )}
        </Field>
        <div className="flex flex-col gap-2 sm:pt-5">
          <Checkbox
            isLabelVisible
            label="Wait up to 24 hours for an offline machine"
            hint="Otherwise the command expires after 30 seconds."
            checked={form.watch("mayWait")}
            onChecked={(on) => form.setValue("mayWait", on)}
          />
          <Checkbox
            isLabelVisible
            label="Keep it running if the connection is lost"
            hint="Its output is delivered when the machine is back."
            checked={form.watch("keepRunning")}
            onChecked={(on) => form.setValue("keepRunning", on)}
          />
        </div>
      </div>
      <FormError message={errors.root?.message} />
      <div className="flex flex-wrap items-center gap-2">
        <Button type="submit" variant="primary" disabledReason={cannot} isPending={isSubmitting}>
          <Play /> Run command
        </Button>
        <span className="text-soft text-xs max-sm:hidden">
          <Kbd>Ctrl</Kbd> <Kbd>Enter</Kbd> runs it, as the system account
        </span>
      </div>
    </form>
  );
}
