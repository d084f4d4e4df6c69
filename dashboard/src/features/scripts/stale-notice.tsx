import { TriangleAlert } from "lucide-react";
import { useState } from "react";
import type { ScriptVersion } from "@/api/types";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Difference } from "./difference";
import type { Draft } from "./use-draft";
import { valuesOf } from "./version-values";

/** Says that somebody has saved a version while another one was being written, and offers the ways on. */
export function StaleNotice({ draft, newest }: { draft: Draft; newest: ScriptVersion }) {
  const [isShown, setShown] = useState(false);
  if (!draft.isBehind) return null;
  const { number } = newest;
  const act = (what: () => void) => () => {
    setShown(false);
    what();
  };
  const ways = (
    <>
      <Button size="sm" onClick={act(draft.takeNewest)}>
        Take version {number}, drop mine
      </Button>
      <Button size="sm" onClick={act(draft.putOnTop)}>
        Keep mine on top of it
      </Button>
    </>
  );
  return (
    <div role="alert" className="mb-4 flex items-start gap-2 rounded-md bg-warn-soft px-3 py-2 text-sm text-warn">
      <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
      <div className="flex min-w-0 flex-1 flex-col gap-2">
        <p>
          {newest.created_by_name ?? "Somebody"} has saved version {number} since you began with version {draft.base}.
          Yours is not saved: look at the difference first.
        </p>
        <div className="flex flex-wrap gap-2">
          <Button size="sm" onClick={() => setShown(true)}>
            See the difference
          </Button>
          {ways}
        </div>
      </div>
      <Dialog
        isOpen={isShown}
        onClose={() => setShown(false)}
        title={`Version ${number} and yours`}
        description="− is what is saved, + what you have written."
        className="max-w-5xl"
        footer={ways}
      >
        {isShown && (
          <Difference
            old={{ label: `Version ${number}`, values: valuesOf(newest) }}
            new={{ label: "Yours", values: draft.form.getValues() }}
          />
        )}
      </Dialog>
    </div>
  );
}
