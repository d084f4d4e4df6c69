import type { ScriptVersion } from "@/api/types";
import { Field } from "@/ui/field";
import { Select } from "@/ui/input";
import { Panel } from "@/ui/panel";
import { Difference } from "./difference";
import { valuesOf } from "./version-values";

interface ComparePanelProps {
  versions: ScriptVersion[];
  old: number;
  next: number;
  onChoose: (change: { old?: number; new?: number }) => void;
}

/** How any two versions differ. */
export function ComparePanel({ versions, old, next, onChoose }: ComparePanelProps) {
  if (versions.length < 2) {
    return (
      <Panel title="Compare">
        <p className="text-sm text-soft">There is one version yet. From the second on, any two can be compared here.</p>
      </Panel>
    );
  }
  const before = versions.find(({ number }) => number === old);
  const after = versions.find(({ number }) => number === next);
  return (
    <Panel title="Compare" bodyClassName="flex flex-col gap-4 p-4">
      <div className="grid gap-3 sm:grid-cols-2">
        <VersionSelect
          label="Version"
          versions={versions}
          value={old}
          onValue={(number) => onChoose({ old: number })}
        />
        <VersionSelect label="With" versions={versions} value={next} onValue={(number) => onChoose({ new: number })} />
      </div>
      {before && after ? (
        <Difference
          old={{ label: `Version ${old}`, values: valuesOf(before) }}
          new={{ label: `Version ${next}`, values: valuesOf(after) }}
        />
      ) : (
        <p className="text-sm text-soft">One of these versions is not in the list. Choose another.</p>
      )}
    </Panel>
  );
}

interface VersionSelectProps {
  label: string;
  versions: ScriptVersion[];
  value: number;
  onValue: (number: number) => void;
}

function VersionSelect({ label, versions, value, onValue }: VersionSelectProps) {
  const isListed = versions.some(({ number }) => number === value);
  return (
    <Field label={label}>
      {(control) => (
        <Select {...control} value={value} onChange={(event) => onValue(Number(event.target.value))} className="w-full">
          {!isListed && <option value={value}>Version {value}</option>}
          {versions.map(({ number, created_by_name: by }) => (
            <option key={number} value={number}>
              Version {number}
              {by ? `, by ${by}` : ""}
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
}
