import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { q } from "@/api/client";
import type { Script } from "@/api/types";
import { useDebounced } from "@/lib/hooks";
import { Combobox } from "@/ui/combobox";
import type { FieldControl } from "@/ui/field";
import { useCannot } from "../me";
import { NONE_APPROVED } from "./use-cannot-run-script";

interface ScriptPickerProps {
  control?: FieldControl;
  value: Script | undefined;
  onValue: (script: Script) => void;
}

export const fullName = ({ folder, name }: Pick<Script, "folder" | "name">): string =>
  folder ? `${folder.replaceAll("/", " › ")} › ${name}` : name;

/** Choose one script of the library: the server searches. */
export function ScriptPicker({ control, value, onValue }: ScriptPickerProps) {
  const [search, setSearch] = useState("");
  const rested = useDebounced(search.trim(), 200);
  const cannotRunText = useCannot("commands.run");
  const query = useQuery({
    ...q("script_list", { query: rested ? { search: rested, limit: 50 } : { limit: 50 } }),
    placeholderData: (before) => before,
  });
  const scripts = query.data?.items ?? [];
  return (
    <Combobox
      {...(control ? { control } : {})}
      label="Script"
      value={value?.id}
      valueLabel={value && fullName(value)}
      isValueLabelShown
      onValue={(option) => {
        const chosen = scripts.find(({ id }) => id === option.value);
        if (chosen) onValue(chosen);
      }}
      options={scripts.map((script) => ({
        value: script.id,
        label: script.name,
        hint: script.folder.replaceAll("/", " › "),
        disabledReason: script.approved_version || !cannotRunText ? undefined : NONE_APPROVED,
      }))}
      search={search}
      onSearch={setSearch}
      placeholder="Choose a script"
      emptyText={
        query.isError ? "The scripts could not be loaded." : query.isPending ? "Loading…" : "No script has these words."
      }
    />
  );
}
