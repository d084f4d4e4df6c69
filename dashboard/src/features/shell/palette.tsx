import { Dialog as Radix } from "radix-ui";
import { useEffect, useState } from "react";
import type { Agent } from "@/api/types";
import { paletteStore } from "@/components/actions";
import { useStore } from "@/lib/store";
import { ReturningContent } from "@/ui/dialog";
import { PaletteMachine } from "./palette-machine";
import { usePaletteRun } from "./palette-run";
import { PaletteSearch } from "./palette-search";

function usePaletteKey(): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey)
        return;
      event.preventDefault();
      paletteStore.set((open) => !open);
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
}

/** One field to find a machine, a client or a site, to go anywhere, to do anything. */
export function Palette() {
  const isOpen = useStore(paletteStore);
  usePaletteKey();
  return (
    <Radix.Root open={isOpen} onOpenChange={(open) => paletteStore.set(open)}>
      {isOpen && <OpenPalette />}
    </Radix.Root>
  );
}

/** The search; or, one step further, what can be done with a machine that was found. */
function OpenPalette() {
  const [text, setText] = useState("");
  const [machine, setMachine] = useState<Agent>();
  const run = usePaletteRun();
  const back = () => setMachine(undefined);
  return (
    <Radix.Portal>
      <Radix.Overlay className="fixed inset-0 z-40 bg-[oklch(0.15_0.02_245/0.5)]" />
      <ReturningContent
        aria-describedby={undefined}
        onEscapeKeyDown={(event) => {
          if (!machine) return;
          event.preventDefault();
          back();
        }}
        className="-translate-x-1/2 fixed top-[10vh] left-1/2 z-50 w-[min(36rem,calc(100vw-1.5rem))] animate-appear overflow-hidden rounded-lg border border-line bg-raised shadow-pop outline-none"
      >
        <Radix.Title className="sr-only">Search and commands</Radix.Title>
        {machine ? (
          <PaletteMachine machine={machine} onBack={back} run={run} />
        ) : (
          <PaletteSearch text={text} onText={setText} onMachine={setMachine} run={run} />
        )}
      </ReturningContent>
    </Radix.Portal>
  );
}
