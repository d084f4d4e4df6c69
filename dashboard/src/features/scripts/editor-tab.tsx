import { type FormEvent, type KeyboardEvent, useId, useRef } from "react";
import { call, invalidate } from "@/api/client";
import { isCode } from "@/api/problem";
import type { Script, ScriptVersion } from "@/api/types";
import { showFormError } from "@/components/form";
import { useCannot } from "@/components/me";
import { PageBody } from "@/components/page";
import { toast } from "@/ui/toaster";
import { CodePanel } from "./code-panel";
import { EnvironmentPanel } from "./environment-panel";
import { HowPanel } from "./how-panel";
import { ParametersPanel } from "./parameters-panel";
import { isSaveKey } from "./save-key";
import { SavePanel } from "./save-panel";
import { STALE } from "./stale";
import { StaleNotice } from "./stale-notice";
import { TestRun, type Trial } from "./test-run";
import type { Draft } from "./use-draft";
import { versionFields } from "./version-errors";
import { wishOf } from "./version-values";

interface EditorTabProps {
  script: Script;
  newest: ScriptVersion;
  draft: Draft;
  trial: Trial;
  onTrial: (trial: Trial) => void;
}

/** The next version of a script is written here, and the newest tried. */
export function EditorTab({ script, newest, draft, trial, onTrial }: EditorTabProps) {
  const { form, isDirty } = draft;
  const formId = useId();
  const lacks = useCannot("scripts.edit");
  const isFixed = lacks !== undefined;
  const cannot = lacks ?? (isDirty ? undefined : "Nothing was changed.");
  const submit = useSave(script, draft, cannot);
  const next = Math.max(draft.base, newest.number) + 1;
  return (
    <PageBody className="pt-4">
      <StaleNotice draft={draft} newest={newest} />
      {lacks && (
        <p className="mb-4 rounded-md bg-subtle px-3 py-2 text-sm text-soft">
          You may look at it and not change it. {lacks}
        </p>
      )}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: a key of the whole editor */}
      <div
        onKeyDown={(event) => isSaveKey(event) && submit(event)}
        className="grid items-start gap-4 xl:grid-cols-[minmax(0,1fr)_25rem]"
      >
        <form id={formId} onSubmit={submit} noValidate className="flex min-w-0 flex-col gap-4">
          <CodePanel form={form} title={`Text, from version ${draft.base}`} isReadOnly={isFixed} />
          <ParametersPanel form={form} isFixed={isFixed} />
          <EnvironmentPanel form={form} isFixed={isFixed} />
        </form>
        <div className="flex min-w-0 flex-col gap-4">
          {!isFixed && (
            <SavePanel
              form={form}
              formId={formId}
              title={isDirty ? "Not saved yet" : `Version ${draft.base} is saved`}
              submitLabel={`Save as version ${next}`}
              cannot={cannot}
            />
          )}
          <HowPanel form={form} isFixed={isFixed} />
          <TestRun script={script} version={newest} isDirty={isDirty} trial={trial} onTrial={onTrial} />
        </div>
      </div>
    </PageBody>
  );
}

/** Saves what was written on top of the version that it changes. */
function useSave(script: Script, draft: Draft, cannot: string | undefined) {
  const { form } = draft;
  const isSending = useRef(false);
  const send = form.handleSubmit(async (values) => {
    try {
      const body = { based_on: draft.base, version: wishOf(values) };
      const saved = await call("script_version_create", { path: { id: script.id }, body });
      draft.saved(saved.newest_version);
      toast("done", `Version ${saved.newest_version} saved`);
      void invalidate(...STALE);
    } catch (error) {
      showFormError(error, form.setError, versionFields(error, values));
      // Then what was saved meanwhile is shown beside it.
      if (isCode(error, "script_version_stale")) await invalidate("script_get", "script_version_list");
    }
  });
  return (event: FormEvent | KeyboardEvent) => {
    event.preventDefault();
    // The keyboard reaches past a blocked button: what is being sent must not be sent twice.
    if (cannot || isSending.current) return;
    isSending.current = true;
    form.clearErrors();
    void send().finally(() => {
      isSending.current = false;
    });
  };
}
