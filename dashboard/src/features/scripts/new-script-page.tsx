import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, type KeyboardEvent, useId, useRef } from "react";
import { type UseFormReturn, useForm } from "react-hook-form";
import { call, invalidate } from "@/api/client";
import { isCode } from "@/api/problem";
import { onlyOf, showFormError } from "@/components/form";
import { useLeaveGuard } from "@/components/leave-guard";
import { useCannot } from "@/components/me";
import { Page, PageBody } from "@/components/page";
import { Panel } from "@/ui/panel";
import { toast } from "@/ui/toaster";
import { CodePanel } from "./code-panel";
import { EnvironmentPanel } from "./environment-panel";
import { HowPanel } from "./how-panel";
import { NAMING, NamingFields, type NamingValues, namingOf, trimmed } from "./naming-fields";
import { ParametersPanel } from "./parameters-panel";
import { isSaveKey } from "./save-key";
import { SavePanel } from "./save-panel";
import { STALE } from "./stale";
import { versionFields } from "./version-errors";
import { NEW_VERSION, type VersionValues, wishOf } from "./version-values";

/** The page on which a script is written for the first time. */
export function NewScriptPage() {
  const naming = useForm<NamingValues>({ defaultValues: namingOf(undefined) });
  const version = useForm<VersionValues>({ defaultValues: NEW_VERSION });
  const formId = useId();
  const cannot = useCannot("scripts.edit");
  const guard = useLeaveGuard(naming.formState.isDirty || version.formState.isDirty);
  const submit = useCreate(naming, version, cannot, guard.letGo);
  return (
    <Page title="New script">
      <PageBody>
        {/* biome-ignore lint/a11y/noStaticElementInteractions: a key of the whole editor */}
        <div
          onKeyDown={(event) => isSaveKey(event) && submit(event)}
          className="grid items-start gap-4 xl:grid-cols-[minmax(0,1fr)_25rem]"
        >
          <form id={formId} onSubmit={submit} noValidate className="flex min-w-0 flex-col gap-4">
            <Panel title="What it is">
              <NamingFields form={naming} hasFocus />
            </Panel>
            <CodePanel form={version} title="Text" />
            <ParametersPanel form={version} />
            <EnvironmentPanel form={version} />
          </form>
          <div className="flex min-w-0 flex-col gap-4">
            <HowPanel form={version} />
            <SavePanel form={version} formId={formId} title="First version" submitLabel="Save script" cannot={cannot} />
          </div>
        </div>
        {guard.dialog}
      </PageBody>
    </Page>
  );
}

/** Checks both halves, so that everything that is wrong is seen at once, and saves them together. */
function useCreate(
  naming: UseFormReturn<NamingValues>,
  version: UseFormReturn<VersionValues>,
  cannot: string | undefined,
  onSaved: () => void,
) {
  const navigate = useNavigate();
  const isSending = useRef(false);
  const create = async (values: VersionValues) => {
    try {
      const body = { ...trimmed(naming.getValues()), version: wishOf(values) };
      const { id, name } = await call("script_create", { body });
      onSaved();
      toast("done", `${name} saved`);
      void invalidate(...STALE);
      await navigate({ to: "/scripts/$id", params: { id } });
    } catch (error) {
      showErrors(error, naming, version, values);
    }
  };
  const send = async () => {
    const isNamed = await naming.trigger(undefined, { shouldFocus: true });
    // The first thing that is wrong takes the focus.
    if (isNamed) await version.handleSubmit(create)();
    else await version.trigger();
  };
  return (event: FormEvent | KeyboardEvent) => {
    event.preventDefault();
    if (cannot || isSending.current) return;
    isSending.current = true;
    naming.clearErrors();
    version.clearErrors();
    void send().finally(() => {
      isSending.current = false;
    });
  };
}

function showErrors(
  error: unknown,
  naming: UseFormReturn<NamingValues>,
  version: UseFormReturn<VersionValues>,
  values: VersionValues,
): void {
  const isNaming = (field: string) => NAMING.some((one) => one === field);
  const named = isCode(error, "name_taken") ? error : onlyOf(error, isNaming);
  const rest = onlyOf(error, (field) => !isNaming(field)) ?? (named ? undefined : error);
  if (rest) showFormError(rest, version.setError, versionFields(rest, values));
  if (named) showFormError(named, naming.setError, { name: "name", folder: "folder", description: "description" });
}
