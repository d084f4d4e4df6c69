import { FileUp } from "lucide-react";
import { type DragEvent, type ReactNode, useRef, useState } from "react";
import { toast } from "@/ui/toaster";

interface DropAreaProps {
  onFiles: (files: File[]) => void;
  /** Why nothing can be dropped here. */
  cannot: string | undefined;
  children: ReactNode;
}

const hasFiles = (event: DragEvent): boolean => event.dataTransfer.types.includes("Files");

/** Files that are dropped anywhere on it are taken. The keyboard has the button beside it. */
export function DropArea({ onFiles, cannot, children }: DropAreaProps) {
  const [isOver, setOver] = useState(false);
  // Entering a child comes before leaving its parent.
  const depth = useRef(0);
  const enter = (event: DragEvent, step: 1 | -1) => {
    if (!hasFiles(event)) return;
    depth.current += step;
    setOver(depth.current > 0);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: only a mouse drops files
    <div
      onDragEnter={(event) => enter(event, 1)}
      onDragLeave={(event) => enter(event, -1)}
      onDragOver={(event) => hasFiles(event) && event.preventDefault()}
      onDrop={(event) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        depth.current = 0;
        setOver(false);
        if (cannot) toast("note", cannot);
        else onFiles([...event.dataTransfer.files]);
      }}
      className="relative flex min-h-0 min-w-0 flex-1 flex-col"
    >
      {children}
      {isOver && (
        <div className="pointer-events-none absolute inset-2 z-30 flex flex-col items-center justify-center gap-2 rounded-lg border-2 border-accent border-dashed bg-accent-soft">
          <FileUp aria-hidden className="size-6 text-accent-text" />
          <p className="font-semibold text-accent-text">{cannot ?? "Drop the files to import them"}</p>
        </div>
      )}
    </div>
  );
}
