import { CatchBoundary } from "@tanstack/react-router";
import { Suspense, useState } from "react";
import { ErrorView } from "@/components/feedback";
import { useIsNarrow } from "@/lib/hooks";
import { lazyPart } from "@/lib/lazy-part";
import { Checkbox } from "@/ui/checkbox";
import { Skeleton } from "@/ui/panel";
import type { DiffSide } from "./diff-view";
import { languageOf } from "./language";
import { versionChanges } from "./version-changes";
import type { VersionValues } from "./version-values";

const DiffView = lazyPart(() => import("./diff-view").then((module) => module.DiffView));

interface Side {
  label: string;
  values: VersionValues;
}

/** How one version differs from another: what it is run with, and its text. */
export function Difference({ old, new: next }: { old: Side; new: Side }) {
  const [isWhole, setWhole] = useState(false);
  const isNarrow = useIsNarrow();
  const changes = versionChanges(old.values, next.values);
  const isSame = old.values.text === next.values.text;
  const side = ({ label, values }: Side): DiffSide => ({ label, text: values.text });
  return (
    <div className="flex min-w-0 flex-col gap-3">
      {changes.length > 0 && (
        <ul aria-label="Beside the text" className="flex list-disc flex-col gap-0.5 pl-5 text-sm">
          {changes.map((change) => (
            <li key={change} className="break-words">
              {change}
            </li>
          ))}
        </ul>
      )}
      {isSame ? (
        <p className="text-sm text-soft">
          {changes.length > 0 ? "The text is the same." : "They do not differ, neither in their text nor beside it."}
        </p>
      ) : (
        <>
          <div className="flex flex-wrap items-center gap-x-4 gap-y-1 text-xs">
            <span className="flex-1">
              <span className="text-bad">− {old.label}</span> · <span className="text-ok">+ {next.label}</span>
            </span>
            <Checkbox isLabelVisible label="Also what is the same" checked={isWhole} onChecked={(on) => setWhole(on)} />
          </div>
          <div className="overflow-hidden rounded-md border border-line">
            <CatchBoundary getResetKey={() => "diff"} errorComponent={({ error }) => <ErrorView error={error} />}>
              <Suspense fallback={<Skeleton className="h-64 w-full" />}>
                <DiffView
                  old={side(old)}
                  new={side(next)}
                  language={languageOf(next.values.interpreter)}
                  isUnified={isNarrow}
                  isWhole={isWhole}
                />
              </Suspense>
            </CatchBoundary>
          </div>
        </>
      )}
    </div>
  );
}
