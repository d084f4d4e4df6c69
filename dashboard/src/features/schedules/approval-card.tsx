import { UserCheck } from "lucide-react";
import { useState } from "react";
import { useForm } from "react-hook-form";
import { call, invalidate, q, queryClient } from "@/api/client";
import { isCode } from "@/api/problem";
import type { ScheduleDetails } from "@/api/types";
import { placeOf } from "@/components/can";
import { FormError } from "@/components/feedback";
import { showFormError } from "@/components/form";
import { useCannot, useMe } from "@/components/me";
import { Time } from "@/components/time";
import { formatCount, plural } from "@/lib/format";
import { Button } from "@/ui/button";
import { Field } from "@/ui/field";
import { Input } from "@/ui/input";
import { Panel } from "@/ui/panel";
import { toast } from "@/ui/toaster";
import { STALE } from "./stale";

const MOST = 20_000;

/** That a second person agrees beforehand to what it will run, so that nobody is asked each time. */
export function ApprovalCard({ schedule }: { schedule: ScheduleDetails }) {
  const me = useMe();
  const isOwn = me?.user.id === schedule.changed_by;
  const cannot = useCannot("commands.approve", placeOf(schedule));
  const why = isOwn
    ? "You have changed it last: somebody else has to agree."
    : cannot && `Only somebody who may decide about runs here can agree. ${cannot}`;
  return (
    <Panel title="Agreed beforehand" bodyClassName="flex flex-col gap-3 p-4">
      <Agreed schedule={schedule} />
      {why ? <p className="text-sm text-soft">{why}</p> : <AgreeForm schedule={schedule} />}
    </Panel>
  );
}

function Agreed({ schedule }: { schedule: ScheduleDetails }) {
  const { machines_max: max, approved_by_name: name, approved_at: at } = schedule;
  if (!max) {
    return (
      <p className="text-sm text-soft">
        Nobody has agreed yet: each run on more machines than the organisation allows waits for a second person.
      </p>
    );
  }
  return (
    <p className="flex items-start gap-2 text-sm">
      <UserCheck aria-hidden className="mt-0.5 size-4 shrink-0 text-ok" />
      <span>
        {name ?? "Somebody"} agreed <Time value={at} /> to runs on up to {plural(max, "machine")}. A change of the
        schedule ends it.
      </span>
    </p>
  );
}

function checkMachines(text: string): true | string {
  const most = Number(text);
  return (Number.isInteger(most) && most >= 1 && most <= MOST) || `Between 1 and ${formatCount(MOST)} machines.`;
}

/**
 * Agrees to the schedule as it was read when it came on the screen. When it says something else by then, the server
 * refuses, the reader is told and sees it as it is now, and agrees to that the next time.
 */
function AgreeForm({ schedule }: { schedule: ScheduleDetails }) {
  const { id } = schedule;
  const [read, setRead] = useState(schedule.digest);
  const form = useForm({ defaultValues: { machines: schedule.machines_max?.toString() ?? "" } });
  const { errors, isSubmitting } = form.formState;
  const readAgain = async () => {
    await invalidate(...STALE);
    setRead(queryClient.getQueryData(q("schedule_get", { path: { id } }).queryKey)?.digest ?? read);
  };
  const submit = form.handleSubmit(async ({ machines }) => {
    try {
      const body = { digest: read, machines_max: Number(machines) };
      await call("schedule_approve", { path: { id }, body });
      toast("done", `Agreed to runs on up to ${plural(Number(machines), "machine")}`);
      await readAgain();
    } catch (error) {
      showFormError(error, form.setError, { machines_max: "machines" });
      if (isCode(error, "schedule_changed")) await readAgain();
    }
  });
  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-3">
      <Field
        label="Machines in a run, at most"
        hint="Runs on so many begin at once. You answer for what the schedule says now, and for nothing that it says later."
        error={errors.machines?.message}
      >
        {(control) => (
          <Input
            {...control}
            {...form.register("machines", { validate: checkMachines })}
            inputMode="numeric"
            autoComplete="off"
            className="w-40"
          />
        )}
      </Field>
      <FormError message={errors.root?.message} />
      <div>
        <Button type="submit" isPending={isSubmitting}>
          <UserCheck /> {schedule.machines_max ? "Agree anew" : "Agree beforehand"}
        </Button>
      </div>
    </form>
  );
}
