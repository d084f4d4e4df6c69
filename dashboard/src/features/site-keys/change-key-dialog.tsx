import { useForm } from "react-hook-form";
import { call, invalidate } from "@/api/client";
import type { SiteKey } from "@/api/types";
import { ApprovalField } from "@/components/add-machine/approval-field";
import { LIFETIMES } from "@/components/add-machine/install-line";
import { FormError } from "@/components/feedback";
import { showFormError } from "@/components/form";
import { formatAbsolute, plural } from "@/lib/format";
import { serverNow } from "@/lib/server-time";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Field } from "@/ui/field";
import { Input, Select } from "@/ui/input";
import { toast } from "@/ui/toaster";

const USES_MAX = 1_000_000;
const AS_IT_IS = "as_it_is";

interface Values {
  name: string;
  uses: string;
  lifetime: string;
  needsApproval: boolean;
}

const usesOf = (text: string): number | null => (text.trim() === "" ? null : Number(text));

function endOf({ expires_at, state }: SiteKey): string {
  if (!expires_at) return "no end";
  return `${state === "expired" ? "ended" : "until"} ${formatAbsolute(expires_at)}`;
}

const newEnd = (lifetime: string): string | null =>
  lifetime === "" ? null : new Date(serverNow() + Number(lifetime) * 1000).toISOString();

function usesHint(key: SiteKey, text: string): string {
  const joined = key.use_count === 0 ? "" : ` ${plural(key.use_count, "has", "have")} joined with it, and count.`;
  const uses = usesOf(text);
  const isFull = key.use_count > 0 && uses !== null && uses <= key.use_count;
  return `Empty: no limit.${joined}${isFull ? " With this no more can join." : ""}`;
}

/** Changes what a key is called, for how many machines it is good, and until when. */
export function ChangeKeyDialog({ siteKey, onClose }: { siteKey: SiteKey; onClose: () => void }) {
  const form = useForm<Values>({
    defaultValues: {
      name: siteKey.name,
      uses: siteKey.max_uses?.toString() ?? "",
      lifetime: AS_IT_IS,
      needsApproval: siteKey.needs_approval,
    },
  });
  const { errors, isSubmitting, isDirty } = form.formState;
  const submit = form.handleSubmit(async ({ name, uses, lifetime, needsApproval }) => {
    try {
      const key = await call("site_key_update", {
        path: { id: siteKey.id },
        body: {
          name: name.trim(),
          max_uses: usesOf(uses),
          ...(lifetime === AS_IT_IS ? {} : { expires_at: newEnd(lifetime) }),
          ...(needsApproval === siteKey.needs_approval ? {} : { needs_approval: needsApproval }),
        },
      });
      void invalidate("site_key_list", "audit_event_list");
      toast("done", `${key.name} saved`);
      onClose();
    } catch (error) {
      showFormError(error, form.setError, { name: "name", max_uses: "uses", expires_at: "lifetime" });
    }
  });
  return (
    <Dialog
      isOpen
      isSticky
      onClose={onClose}
      title={`Change ${siteKey.name}`}
      description={`Machines that use it join ${siteKey.client_name} › ${siteKey.site_name}.`}
    >
      <form onSubmit={submit} noValidate className="flex flex-col gap-3">
        <Field label="Name of the key" error={errors.name?.message}>
          {(control) => (
            <Input
              {...control}
              {...form.register("name", { validate: (text) => text.trim() !== "" || "Give the key a name." })}
              autoComplete="off"
              autoFocus
            />
          )}
        </Field>
        <Field
          label="Good for how many machines"
          hint={usesHint(siteKey, form.watch("uses"))}
          error={errors.uses?.message}
        >
          {(control) => (
            <Input
              {...control}
              {...form.register("uses", {
                validate: (text) => {
                  const uses = usesOf(text);
                  const isWithin = uses === null || (Number.isInteger(uses) && uses >= 1 && uses <= USES_MAX);
                  return isWithin || "Between 1 and 1,000,000, or nothing for no limit.";
                },
              })}
              inputMode="numeric"
              autoComplete="off"
              className="w-40"
            />
          )}
        </Field>
        <Field label="Valid for" error={errors.lifetime?.message}>
          {(control) => (
            <Select {...control} {...form.register("lifetime")}>
              <option value={AS_IT_IS}>As it is: {endOf(siteKey)}</option>
              {LIFETIMES.filter(({ value }) => value !== "" || siteKey.expires_at).map(({ value, label }) => (
                <option key={value} value={value}>
                  {value === "" ? label : `${label} from now`}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <ApprovalField
          checked={form.watch("needsApproval")}
          onChecked={(on) => form.setValue("needsApproval", on, { shouldDirty: true })}
        />
        <FormError message={errors.root?.message} />
        <div className="flex justify-end pt-1">
          <Button
            type="submit"
            variant="primary"
            isPending={isSubmitting}
            disabledReason={isDirty ? undefined : "Nothing was changed."}
          >
            Save key
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
