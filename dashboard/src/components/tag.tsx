import { Link } from "@tanstack/react-router";
import { cn } from "@/lib/cn";

const chip = "inline-flex h-5 min-w-0 max-w-40 items-center rounded bg-hover px-1.5 text-ink text-xs";

/** Tags where there is little room: as many as fit, all of them on hover. */
export function TagWords({ tags }: { tags: string[] }) {
  if (tags.length === 0) return <span className="text-soft">—</span>;
  return (
    <span title={tags.join(", ")} className="flex items-center gap-1 overflow-hidden">
      {tags.map((tag) => (
        <span key={tag} className={cn(chip, "shrink-0")}>
          <span className="truncate">{tag}</span>
        </span>
      ))}
    </span>
  );
}

/** Each leads to the machines that have it. */
export function TagLinks({ tags }: { tags: string[] }) {
  if (tags.length === 0) return <span className="text-soft">none</span>;
  return (
    <ul className="flex flex-wrap gap-1.5">
      {tags.map((tag) => (
        <li key={tag} className="min-w-0">
          <Link
            to="/machines"
            search={{ tag }}
            className={cn(chip, "h-6 hover:underline")}
            title={`Machines with ${tag}`}
          >
            <span className="truncate">{tag}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
