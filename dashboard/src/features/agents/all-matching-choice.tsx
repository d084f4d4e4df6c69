import { formatCount } from "@/lib/format";
import type { AllChoice } from "./use-selection";

interface AllMatchingChoiceProps {
  all: AllChoice;
  isFiltered: boolean;
  /** Back to the rows. */
  onClear: () => void;
}

/** Offers everything that the list's filter matches, once every loaded row is chosen; and the way back. */
export function AllMatchingChoice({ all, isFiltered, onClear }: AllMatchingChoiceProps) {
  return (
    <button
      type="button"
      onClick={all.isChosen ? onClear : all.choose}
      className="min-h-6 text-left font-medium text-accent-text text-sm underline max-sm:min-h-9"
    >
      {all.isChosen
        ? "Only the loaded rows"
        : `Select all ${formatCount(all.count)} ${isFiltered ? "that match the filter" : "machines"}`}
    </button>
  );
}
