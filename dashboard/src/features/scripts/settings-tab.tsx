import { Archive, ArchiveRestore, Download } from "lucide-react";
import { useForm } from "react-hook-form";
import { call, invalidate } from "@/api/client";
import type { Script } from "@/api/types";
import { FormError } from "@/components/feedback";
import { showFormError } from "@/components/form";
import { useCannot } from "@/components/me";
import { PageBody } from "@/components/page";
import { useAction } from "@/components/use-action";
import { Button } from "@/ui/button";
import { Panel } from "@/ui/panel";
import { toast } from "@/ui/toaster";
import { NamingFields, type NamingValues, namingOf, trimmed } from "./naming-fields";
import { STALE } from "./stale";
import { useExport } from "./use-export";

/** What is not part of a version: what it is called, where it lies, whether it is in use. */
export function SettingsTab({ script }: { script: Script }) {
  return (
    <PageBody className="pt-4">
      <div className="flex max-w-3xl flex-col gap-4">
        <NamingPanel key={JSON.stringify(namingOf(script))} script={script} />
        <FilePanel script={script} />
        <AwayPanel script={script} />
      </div>
    </PageBody>
  );
}

function NamingPanel({ script }: { script: Script }) {
  const cannot = useCannot("scripts.edit");
  const form = useForm<NamingValues>({ defaultValues: namingOf(script) });
  const { errors, isSubmitting, isDirty } = form.formState;
  const submit = form.handleSubmit(async (values) => {
    try {
      const { name } = await call("script_update", { path: { id: script.id }, body: trimmed(values) });
      toast("done", `${name} saved`);
      await invalidate(...STALE);
    } catch (error) {
      showFormError(error, form.setError, { name: "name", folder: "folder", description: "description" });
    }
  });
  return (
    <Panel title="What it is">
      <form onSubmit={submit} noValidate className="flex flex-col gap-3">
        <NamingFields form={form} isFixed={cannot !== undefined} />
        <FormError message={errors.root?.message} />
        <div className="flex justify-end">
          <Button
            type="submit"
            variant="primary"
            isPending={isSubmitting}
            disabledReason={cannot ?? (isDirty ? undefined : "Nothing was changed.")}
          >
            Save settings
          </Button>
        </div>
      </form>
    </Panel>
  );
}

function FilePanel({ script }: { script: Script }) {
  const take = useExport(script.id);
  return (
    <Panel title="As a file">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <p className="min-w-0 flex-1 basis-64 text-sm text-soft">
          One file that still runs: comments at its beginning say what it is called and asks for. Imported again, it
          becomes the same script.
        </p>
        <Button onClick={() => take.mutate(undefined)} isPending={take.isPending}>
          <Download /> Export file
        </Button>
      </div>
    </Panel>
  );
}

function AwayPanel({ script }: { script: Script }) {
  const cannot = useCannot("scripts.edit");
  const isAway = Boolean(script.archived_at);
  const update = useAction("script_update", {
    stale: STALE,
    done: ({ name, archived_at }) => (archived_at ? `${name} was put away` : `${name} is in the library again`),
  });
  return (
    <Panel title={isAway ? "Take out again" : "Put away"}>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <p className="min-w-0 flex-1 basis-64 text-sm text-soft">
          {isAway
            ? "It comes back to the library and runs as before."
            : "It leaves the library and does not run any more. Its versions and its runs stay, and it can be taken out again."}
        </p>
        <Button
          disabledReason={cannot}
          isPending={update.isPending}
          onClick={() => update.mutate({ path: { id: script.id }, body: { archived: !isAway } })}
        >
          {isAway ? (
            <>
              <ArchiveRestore /> Take out
            </>
          ) : (
            <>
              <Archive /> Put away
            </>
          )}
        </Button>
      </div>
    </Panel>
  );
}
