import { type UseFormReturn, useController } from "react-hook-form";
import { FormError } from "@/components/feedback";
import { Kbd, Panel } from "@/ui/panel";
import { CodeField } from "./code-field";
import { languageOf } from "./language";
import { checkText } from "./version-checks";
import type { VersionValues } from "./version-values";

interface CodePanelProps {
  form: UseFormReturn<VersionValues>;
  title: string;
  isReadOnly?: boolean | undefined;
}

/** The text of a version. */
export function CodePanel({ form, title, isReadOnly }: CodePanelProps) {
  const { field, fieldState } = useController({ control: form.control, name: "text", rules: { validate: checkText } });
  const error = fieldState.error?.message;
  return (
    <Panel title={title} bodyClassName="p-0">
      <CodeField
        label="Text of the script"
        value={field.value}
        onValue={field.onChange}
        language={languageOf(form.watch("interpreter"))}
        isReadOnly={isReadOnly}
        control={{ "aria-describedby": undefined, "aria-invalid": error ? true : undefined }}
      />
      {error && (
        <div className="p-3">
          <FormError message={error} />
        </div>
      )}
      {!isReadOnly && (
        <p className="border-line border-t px-4 py-1.5 text-soft text-xs max-sm:hidden">
          <Kbd>Esc</Kbd> then <Kbd>Tab</Kbd> leaves the text · <Kbd>Ctrl</Kbd> <Kbd>F</Kbd> searches in it ·{" "}
          <Kbd>Ctrl</Kbd> <Kbd>S</Kbd> saves
        </p>
      )}
    </Panel>
  );
}
