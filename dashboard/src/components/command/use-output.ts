import { useEffect, useRef, useState } from "react";
import { invalidate } from "@/api/client";
import { onLiveEvent, onLiveOpen, watchCommand } from "@/api/live";
import type { CommandDetail } from "@/api/types";
import { OutputBuffer } from "./output-buffer";

const PAINT_MS = 100;

/**
 * The output of a command, live while it runs. Once the stream watches the command it is fetched again, so nothing
 * between the first answer and the first live piece is missing; a gap is closed the same way.
 */
export function useOutput(detail: CommandDetail | undefined, isLive: boolean): { stdout: string; stderr: string } {
  const id = detail?.id;
  const buffer = useRef({ id, value: new OutputBuffer() });
  if (buffer.current.id !== id) buffer.current = { id, value: new OutputBuffer() };
  const [, repaint] = useState(0);

  useEffect(() => {
    if (!detail) return;
    buffer.current.value.load(detail);
    repaint((count) => count + 1);
  }, [detail]);

  useEffect(() => {
    if (!id || !isLive) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const refetch = () => void invalidate("command_get");
    const offEvent = onLiveEvent((event) => {
      if (event.type !== "command_output" || event.data.command_id !== id) return;
      const result = buffer.current.value.apply(event.data);
      if (result === "duplicate") return;
      timer ??= setTimeout(() => {
        timer = undefined;
        if (buffer.current.value.hasGap) refetch();
        repaint((count) => count + 1);
      }, PAINT_MS);
    });
    const offOpen = onLiveOpen((watched) => watched.includes(id) && refetch());
    const unwatch = watchCommand(id);
    return () => {
      clearTimeout(timer);
      offEvent();
      offOpen();
      unwatch();
    };
  }, [id, isLive]);

  // The whole of an ended command is what the server says it is.
  if (detail && !isLive) return { stdout: detail.stdout, stderr: detail.stderr };
  return { stdout: buffer.current.value.stdout, stderr: buffer.current.value.stderr };
}
