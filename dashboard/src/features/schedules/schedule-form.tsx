import { Link } from "@tanstack/react-router";
import { useId } from "react";
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
}

/** The page on which a schedule is made, or changed. */
export function ScheduleForm({ start, old }: ScheduleFormProps) {
  const formId = useId();
  const { form, run, chosen, preview, isDirty, cannot, isSaving, submit } = useScheduleForm(start, old);
  const guard = useLeaveGuard(isDirty);
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
            id={formId}
            onSubmit={(event) => submit(event, guard.letGo)}
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
            />
            <WhenPanel form={form} wrong={preview.wrong} />
            <WherePanel form={form} run={run} wrong={preview.wrong} />
          </form>
          <div className="flex min-w-0 flex-col gap-4 xl:sticky xl:top-1">
            <PreviewPanel preview={preview} kind={form.watch("kind")} />
            <Panel title="Save" bodyClassName="flex flex-col gap-3 p-4">
              <Consequences old={old} />
              <FormError message={errors.root?.message ?? run.formState.errors.root?.message} />
              <div className="flex justify-end">
                <Button type="submit" form={formId} variant="primary" disabledReason={cannot} isPending={isSaving}>
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
