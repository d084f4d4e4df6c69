import type { Script } from "@/api/types";
import { Field } from "@/ui/field";
import { Select } from "@/ui/input";

interface VersionChoiceProps {
  script: Pick<Script, "approved_version" | "newest_version">;
  number: number;
  onNumber: (number: number) => void;
  /** One that is in use, whatever became of it since. */
  used?: number | undefined;
  /** Others that may be meant. */
  others?: readonly number[];
  hint?: string | undefined;
  /** Why this one cannot be chosen. */
  error?: string | undefined;
}

/** The approved version first, then others where there are any that one may mean: the newest, the one in use, the one asked for. */
export function VersionChoice({ script, number, onNumber, used, others = [], hint, error }: VersionChoiceProps) {
  const { approved_version: approved, newest_version: newest } = script;
  const rest = [newest, used, number, ...others].filter((one) => typeof one === "number");
  const numbers = [...new Set([...(approved ? [approved] : []), ...rest.toSorted((one, other) => other - one)])];
  const words = (one: number): string =>
    [
      `Version ${one}`,
      one === used ? "in use" : "",
      one === newest && one !== approved ? "the newest" : "",
      one === approved ? "approved" : "not approved",
    ]
      .filter(Boolean)
      .join(", ");
  return (
    <>
      {!approved && (
        <p className="rounded-md bg-warn-soft px-3 py-2 text-sm text-warn">
          No version is approved. Version {newest} runs for those who may run any command.
        </p>
      )}
      {numbers.length > 1 && (
        <Field label="Version" hint={hint} error={error}>
          {(control) => (
            <Select
              {...control}
              value={number}
              onChange={(event) => onNumber(Number(event.target.value))}
              className="w-full"
            >
              {numbers.map((one) => (
                <option key={one} value={one}>
                  {words(one)}
                </option>
              ))}
            </Select>
          )}
        </Field>
      )}
    </>
  );
}
