import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { q } from "@/api/client";
import { fieldWords } from "@/components/field-value";
import { Narrowing } from "@/components/narrowing";
import { useCustomFields } from "@/components/use-custom-fields";
import { plural } from "@/lib/format";
import { useDebounced } from "@/lib/hooks";
import { Combobox } from "@/ui/combobox";

interface TagFilterProps {
  /** Separated by commas, as in the address. */
  value: string | undefined;
  onValue: (value: string | undefined) => void;
}

const tagsOf = (value: string | undefined): string[] => value?.split(",").filter(Boolean) ?? [];

/** Choose tags one after the other; a machine must have all of them. */
export function TagFilter({ value, onValue }: TagFilterProps) {
  const [search, setSearch] = useState("");
  const rested = useDebounced(search.trim(), 200);
  const query = useQuery({
    ...q("tag_list", { query: rested ? { search: rested } : {} }),
    placeholderData: (before) => before,
    // Whoever changes tags here marks them stale.
    staleTime: 60_000,
  });
  const chosen = tagsOf(value);
  const has = (tag: string) => chosen.some((other) => other.toLowerCase() === tag.toLowerCase());
  const set = (tags: string[]) => onValue(tags.length > 0 ? tags.join(",") : undefined);
  const options = (query.data?.items ?? [])
    .filter(({ tag }) => !has(tag))
    .map(({ tag, agent_count }) => ({ value: tag, label: tag, hint: plural(agent_count, "machine") }));
  return (
    <>
      <span className="w-36 max-sm:flex-1 max-sm:basis-40">
        <Combobox
          label="Tag"
          value={undefined}
          onValue={(option) => {
            setSearch("");
            set([...chosen, option.value]);
          }}
          options={options}
          search={search}
          onSearch={setSearch}
          placeholder={chosen.length > 0 ? "And tag" : "Any tag"}
          emptyText={emptyText(query, rested, chosen.length)}
        />
      </span>
      {chosen.map((tag) => (
        <Narrowing key={tag} words={`Tag: ${tag}`} onRemove={() => set(chosen.filter((other) => other !== tag))} />
      ))}
    </>
  );
}

function emptyText(query: { isError: boolean; isPending: boolean }, search: string, chosen: number): string {
  if (query.isError) return "The tags could not be loaded.";
  if (query.isPending) return "Loading…";
  if (search) return "No tag has this text.";
  return chosen > 0 ? "There is no other tag." : "No machine has a tag yet. Select machines to tag them.";
}

/** Only machines with one value in a custom field. */
export function FieldNarrowing({ value, onRemove }: { value: string; onRemove: () => void }) {
  const fields = useCustomFields();
  const at = value.indexOf(":");
  const field = fields.find(({ id }) => id === value.slice(0, at));
  const words = fieldWords(field?.kind ?? "text", value.slice(at + 1));
  return <Narrowing words={`${field?.name ?? "Field"}: ${words}`} onRemove={onRemove} />;
}
