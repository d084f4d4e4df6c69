import { useQuery } from "@tanstack/react-query";
import { type ComponentProps, useId } from "react";
import type { UseFormReturn } from "react-hook-form";
import { q } from "@/api/client";
import type { Script } from "@/api/types";
import { lengthOf } from "@/components/script/parameters";
import { Field } from "@/ui/field";
import { Input, Textarea } from "@/ui/input";

export interface NamingValues {
  name: string;
  folder: string;
  description: string;
}

export const NAMING = ["name", "folder", "description"] as const;

const NAME_MAX = 120;
const FOLDERS_MAX = 5;
const FOLDER_MAX = 80;
const DESCRIPTION_MAX = 4000;

export const namingOf = (script: Script | undefined): NamingValues => ({
  name: script?.name ?? "",
  folder: script?.folder ?? "",
  description: script?.description ?? "",
});

export const trimmed = ({ name, folder, description }: NamingValues): NamingValues => ({
  name: name.trim(),
  folder: folder.trim(),
  description: description.trim(),
});

function checkName(text: string): true | string {
  if (text.trim() === "") return "Give it a name.";
  return lengthOf(text.trim()) <= NAME_MAX || `At most ${NAME_MAX} characters.`;
}

export function checkFolder(text: string): true | string {
  const folders = text
    .split("/")
    .map((one) => one.trim())
    .filter(Boolean);
  if (folders.length > FOLDERS_MAX) return `At most ${FOLDERS_MAX} folders, one in another.`;
  return folders.every((one) => lengthOf(one) <= FOLDER_MAX) || `At most ${FOLDER_MAX} characters for each folder.`;
}

const checkDescription = (text: string): true | string =>
  lengthOf(text.trim()) <= DESCRIPTION_MAX || "At most 4,000 characters.";

interface NamingFieldsProps {
  form: UseFormReturn<NamingValues>;
  isFixed?: boolean | undefined;
  hasFocus?: boolean;
}

/** What a script is called, where it lies, what it does. */
export function NamingFields({ form, isFixed = false, hasFocus = false }: NamingFieldsProps) {
  const { errors } = form.formState;
  return (
    <fieldset disabled={isFixed} className="flex min-w-0 flex-col gap-3">
      <legend className="sr-only">What it is called</legend>
      <div className="grid gap-3 sm:grid-cols-2">
        <Field label="Name" error={errors.name?.message}>
          {(control) => (
            <Input
              {...control}
              {...form.register("name", { validate: checkName })}
              autoFocus={hasFocus}
              autoComplete="off"
            />
          )}
        </Field>
        <Field label="Folder" hint="Such as Linux/Disks; empty: at the top." error={errors.folder?.message}>
          {(control) => <FolderInput {...control} {...form.register("folder", { validate: checkFolder })} />}
        </Field>
      </div>
      <Field label="Description" hint="What it does, for those who run it." error={errors.description?.message}>
        {(control) => (
          <Textarea
            {...control}
            {...form.register("description", { validate: checkDescription })}
            rows={3}
            className="[field-sizing:content] max-h-80"
          />
        )}
      </Field>
    </fieldset>
  );
}

/** A folder, with those that are there to choose from. */
function FolderInput(props: ComponentProps<"input">) {
  const id = useId();
  const { data } = useQuery(q("script_list", { query: { limit: 200 } }));
  const folders = new Set((data?.items ?? []).flatMap(({ folder }) => withParents(folder)));
  return (
    <>
      <Input {...props} list={id} autoComplete="off" />
      <datalist id={id}>
        {[...folders].map((folder) => (
          <option key={folder} value={folder} />
        ))}
      </datalist>
    </>
  );
}

/** "A/B" → "A", "A/B". */
const withParents = (folder: string): string[] =>
  folder === "" ? [] : folder.split("/").map((_, index, all) => all.slice(0, index + 1).join("/"));
