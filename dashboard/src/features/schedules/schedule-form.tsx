import { Link } from "@tanstack/react-router";
import { useId, useRef } from "react";
import type { ScheduleDetails } from "@/api/types";
import { FormError } from "@/components/feedback";
import { useLeaveGuard } from "@/components/leave-guard";
import { useMe } from "@/components/me";
import { Page, PageBody } from "@/components/page";
import { plural } from "@/lib/format";
import { Button } from "@/ui/button";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { Panel } from "@/ui/panel";
import { ChangedNotice } from "./changed-notice";
import { PreviewPanel } from "./preview-panel";
import type { Start } from "./schedule-values";
import { useScheduleForm } from "./use-schedule-form";
import { WhatPanel } from "./what-panel";
import { WhenPanel } from "./when-panel";
import { WherePanel } from "./where-panel";

interface ScheduleFormProps {
  start: Start;
  /** What is changed, as it was read. */
  old?: ScheduleDetails;
  /** Whether somebody else has changed that since, and how to begin anew with what they have made of it. */
  changed?: { isSeen: boolean; load: () => Promise<void> };
}

/** The page on which a schedule is made, or changed. */
export function ScheduleForm({ start, old, changed }: ScheduleFormProps) {
  const formId = useId();
  const element = useRef<HTMLFormElement>(null);
  const { form, run, chosen, preview, wrong, ...state } = useScheduleForm(start, old, element);
  const guard = useLeaveGuard(state.isDirty);
  const { errors } = form.formState;
  return (
    <Page
      isHeadingLong
      title={old ? `Change ${old.name}` : "New schedule"}
      actions={
        <Button asChild>
          {old ? (
            <Link to="/schedules/$id" params={{ id: old.id }}>
              Cancel
            </Link>
          ) : (
            <Link to="/schedules">Cancel</Link>
          )}
        </Button>
      }
    >
      <PageBody>
        <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1fr)_25rem]">
          <form
            ref={element}
            id={formId}
            onSubmit={(event) => state.submit(event, guard.letGo)}
            noValidate
            className="flex min-w-0 flex-col gap-4"
          >
            <Panel title="What it is">
              <Field label="Name" error={errors.name?.message}>
                {(control) => (
                  <Input
                    {...control}
                    {...form.register("name", {
                      validate: (text) => text.trim() !== "" || "Write the name of the schedule.",
                    })}
                    autoFocus={!old}
                    autoComplete="off"
                  />
                )}
              </Field>
            </Panel>
            <WhatPanel
              run={run}
              chosen={chosen}
              used={old && { scriptId: old.script_id, number: old.script_version }}
              lacks={state.lacks}
            />
            <WhenPanel form={form} wrong={wrong} />
            <WherePanel form={form} run={run} wrong={wrong} />
          </form>
          <div className="flex min-w-0 flex-col gap-4 xl:sticky xl:top-1">
            <PreviewPanel preview={preview} kind={form.watch("kind")} cannotHere={state.cannotHere} />
            <Panel title="Save" bodyClassName="flex flex-col gap-3 p-4">
              <Consequences old={old} />
              {old && changed && (state.isStale || changed.isSeen) && !state.isSaving && (
                <ChangedNotice old={old} load={changed.load} />
              )}
              <FormError message={errors.root?.message ?? run.formState.errors.root?.message} />
              <div className="flex justify-end">
                <Button
                  type="submit"
                  form={formId}
                  variant="primary"
                  disabledReason={state.cannot}
                  isPending={state.isSaving}
                >
                  Save schedule
                </Button>
              </div>
            </Panel>
          </div>
        </div>
        {guard.dialog}
      </PageBody>
    </Page>
  );
}

/** What saving does besides. */
function Consequences({ old }: { old: ScheduleDetails | undefined }) {
  const me = useMe();
  if (!old) return <p className="text-sm text-soft">It works at once, in your name, with what you may do each time.</p>;
  return (
    <>
      {old.machines_max && (
        <p className="rounded-md bg-warn-soft px-3 py-2 text-sm text-warn">
          {old.approved_by_name ?? "Somebody"} agreed to runs on up to {plural(old.machines_max, "machine")}. Saving
          ends that: somebody has to agree anew.
        </p>
      )}
      <p className="text-sm text-soft">
        {old.changed_by === me?.user.id
          ? "It goes on in your name."
          : `It works in the name of ${old.changed_by_name ?? "somebody else"} now, and in yours from then on.`}
        {old.status === "suspended" && " It is suspended, and works again."}
        {old.status === "paused" && " It stays paused."}
      </p>
    </>
  );
}
