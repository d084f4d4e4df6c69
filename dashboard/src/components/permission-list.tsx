import { CircleCheck } from "lucide-react";
import { type Permission, permissions } from "@/api/can";
import { Checkbox } from "@/ui/checkbox";
import { closed, titleOf } from "./can";
import { bySubject, permissionsOfLevel } from "./can-words";

const LEVELS = [
  {
    level: "place",
    title: "On clients, sites and machines",
    text: "They hold where the role is given: in the whole organisation, on a client or on a site.",
  },
  {
    level: "organisation",
    title: "About the organisation as a whole",
    text: "They count only where the role is given in the whole organisation.",
  },
] as const;

interface PermissionListProps {
  /** What is named; what that implies is shown with it. */
  named: readonly string[];
  /** Without it nothing can be changed. */
  onNamed?: (named: Permission[]) => void;
  /** Why one cannot be chosen. */
  whyNot?: (permission: Permission) => string | undefined;
  /** Only these are offered. */
  isOffered?: (permission: Permission) => boolean;
}

/** Permissions by what they are asked of and by subject; what others include is shown as included and stays. */
export function PermissionList({ named, onNamed, whyNot, isOffered = () => true }: PermissionListProps) {
  const held = new Set<string>(closed(named));
  return (
    <div className="flex flex-col gap-5">
      {LEVELS.map(({ level, title, text }) => {
        const offered = permissionsOfLevel(level).filter((name) => isOffered(name) && (onNamed || held.has(name)));
        if (offered.length === 0) return null;
        return (
          <section key={level} aria-label={title}>
            <h3 className="font-semibold text-sm">{title}</h3>
            <p className="text-soft text-xs">{text}</p>
            <div className="mt-2 grid gap-x-8 gap-y-4 md:grid-cols-2">
              {bySubject(offered, (name) => name).map(([subject, names]) => (
                <fieldset key={subject} className="min-w-0">
                  <legend className="mb-1 font-medium text-soft text-xs">{subject}</legend>
                  <div className="flex flex-col gap-1.5">
                    {names.map((name) =>
                      onNamed ? (
                        <Choice key={name} name={name} named={named} onNamed={onNamed} whyNot={whyNot} />
                      ) : (
                        <Held key={name} name={name} named={named} />
                      ),
                    )}
                  </div>
                </fieldset>
              ))}
            </div>
          </section>
        );
      })}
    </div>
  );
}

/** The first of those named, other than it, that implies it. */
function includedBy(name: Permission, named: readonly string[]): string | undefined {
  return named.find(
    (other) => other !== name && (closed([other]) as string[]).includes(name) && Object.hasOwn(permissions, other),
  );
}

interface ChoiceProps {
  name: Permission;
  named: readonly string[];
  onNamed: (named: Permission[]) => void;
  whyNot: ((permission: Permission) => string | undefined) | undefined;
}

function Choice({ name, named, onNamed, whyNot }: ChoiceProps) {
  const by = includedBy(name, named);
  const isNamed = named.includes(name);
  const reason = by ? `Included in “${titleOf(by)}”.` : isNamed ? undefined : whyNot?.(name);
  return (
    <Checkbox
      isLabelVisible
      label={permissions[name].title}
      hint={reason}
      isFixed={Boolean(reason)}
      checked={isNamed || by !== undefined}
      onChecked={(on) => {
        const next = new Set<string>(named);
        if (on) next.add(name);
        else next.delete(name);
        onNamed((Object.keys(permissions) as Permission[]).filter((other) => next.has(other)));
      }}
    />
  );
}

function Held({ name, named }: { name: Permission; named: readonly string[] }) {
  const by = named.includes(name) ? undefined : includedBy(name, named);
  return (
    <p className="flex items-start gap-2 text-sm">
      <CircleCheck aria-hidden className="mt-0.5 size-4 shrink-0 text-ok" />
      <span>
        {permissions[name].title}
        {by && <span className="block text-soft text-xs">Included in “{titleOf(by)}”.</span>}
      </span>
    </p>
  );
}
