interface NameValuesProps {
  label: string;
  /** Null: it was not kept. */
  values: Record<string, string | null>;
}

/** Names with their whole values, beside each other; on a phone one below the other. */
export function NameValues({ label, values }: NameValuesProps) {
  return (
    <ul
      aria-label={label}
      className="grid min-w-0 gap-x-4 font-mono text-xs sm:grid-cols-[fit-content(16rem)_minmax(0,1fr)]"
    >
      {Object.entries(values).map(([name, value]) => (
        <li
          key={name}
          className="grid min-w-0 border-line border-b py-1.5 last:border-b-0 sm:col-span-2 sm:grid-cols-subgrid"
        >
          <span className="break-all font-medium">{name}</span>
          <span className="min-w-0 whitespace-pre-wrap break-all max-sm:pl-3">
            {value || <span className="font-sans text-soft">{value === null ? "not kept" : "empty"}</span>}
          </span>
        </li>
      ))}
    </ul>
  );
}
