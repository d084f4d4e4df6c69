import type { UseFormReturn } from "react-hook-form";
import type { AgentFilter } from "@/api/types";
import { OS_WORD } from "@/components/agent-name";
import { Narrowing } from "@/components/narrowing";
import { agentStateWord } from "@/components/status";
import { TagInput } from "@/components/tag-input";
import { Field } from "@/ui/field";
import { Input, Select } from "@/ui/input";
import type { ScheduleValues } from "./schedule-values";

interface FilterFieldsProps {
  form: UseFormReturn<ScheduleValues>;
}

/** Which of the machines, by what they are when it is due. */
export function FilterFields({ form }: FilterFieldsProps) {
  const filter = form.watch("filter");
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      <Field label="System">
        {(control) => (
          <Select {...control} {...form.register("filter.os")} className="w-full">
            <option value="">Any system</option>
            {Object.entries(OS_WORD).map(([os, word]) => (
              <option key={os} value={os}>
                {word}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <Field label="Status">
        {(control) => (
          <Select {...control} {...form.register("filter.status")} className="w-full">
            <option value="">Any status</option>
            <option value="online">Online at that moment</option>
            <option value="offline">Offline at that moment</option>
          </Select>
        )}
      </Field>
      <Field label="Tags" hint="A machine must have all of them.">
        {(control) => (
          <TagInput
            control={control}
            tags={filter.tags}
            onTags={(tags) => form.setValue("filter.tags", tags, { shouldDirty: true })}
            text={filter.tagText}
            onText={(text) => form.setValue("filter.tagText", text, { shouldDirty: true })}
          />
        )}
      </Field>
      <Field label="Text" hint="In its name, its user, its address or a tag.">
        {(control) => <Input {...control} {...form.register("filter.search")} autoComplete="off" />}
      </Field>
      <More
        more={filter.more}
        onRemove={(name) => {
          const { [name]: _, ...more } = filter.more;
          form.setValue("filter.more", more, { shouldDirty: true });
        }}
      />
    </div>
  );
}

const MORE_WORD: Partial<Record<keyof AgentFilter, string>> = {
  client_id: "Of one client",
  site_id: "Of one site",
  site_key_id: "Enrolled with one site key",
};

function moreWords(name: keyof AgentFilter, more: AgentFilter): string {
  if (name === "state" && more.state) return agentStateWord(more.state);
  if (name === "field") return `With “${more.field?.replace(/^[^:]*:/, "")}” in a field`;
  return MORE_WORD[name] ?? name;
}

/** What narrows it besides, without a field here: it can be taken away. */
function More({ more, onRemove }: { more: AgentFilter; onRemove: (name: keyof AgentFilter) => void }) {
  const names = Object.keys(more) as (keyof AgentFilter)[];
  if (names.length === 0) return null;
  return (
    <div className="flex flex-wrap gap-2 sm:col-span-2">
      {names.map((name) => (
        <Narrowing key={name} words={moreWords(name, more)} onRemove={() => onRemove(name)} />
      ))}
    </div>
  );
}
