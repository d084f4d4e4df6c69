import type { Query } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { q, queryClient } from "@/api/client";
import { onLiveEvent, onLiveOpen, watchCommand } from "@/api/live";
import type { CommandDetail } from "@/api/types";
import { OutputBuffer } from "./output-buffer";
import type { Piece } from "./output-text";

const PAINT_MS = 100;
/** Output is announced before it is stored: what was announced before the watch may be missing in the first answer. */
const SETTLE_MS = 1000;
const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 2000;

const keyOf = (id: string) => q("command_get", { path: { id } }).queryKey;

/**
 * What came live is kept as long as the answer that it continues, not as long as the page: whoever comes back while the
 * server is away sees what was there when they left.
 */
const buffers = new WeakMap<Query, OutputBuffer>();

function bufferOf(id: string): OutputBuffer {
  const query = queryClient.getQueryCache().find({ queryKey: keyOf(id) });
  const buffer = (query && buffers.get(query)) ?? new OutputBuffer();
  if (query) buffers.set(query, buffer);
  return buffer;
}

/** Reads the command again; an answer that is on its way is waited for, or steady output would never let one arrive. */
const refetch = (id: string) => void queryClient.invalidateQueries({ queryKey: keyOf(id) }, { cancelRefetch: false });

/**
 * Follows the output of one command into its buffer and calls `changed` when there is more to show. After the stream has
 * opened, the command is read again, so that nothing between the first answer and the first live piece is missing; a gap
 * is closed the same way, again and again until it is.
 */
export function followOutput(id: string, buffer: () => OutputBuffer, changed: () => void): () => void {
  let paint: ReturnType<typeof setTimeout> | undefined;
  let settle: ReturnType<typeof setTimeout> | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let pause = FIRST_RETRY_MS;

  function closeGap(): void {
    retry ??= setTimeout(() => {
      retry = undefined;
      if (!buffer().hasGap) {
        pause = FIRST_RETRY_MS;
        return;
      }
      refetch(id);
      pause = Math.min(LAST_RETRY_MS, pause * 2);
      closeGap();
    }, pause);
  }

  const offEvent = onLiveEvent((event) => {
    if (event.type !== "command_output" || event.data.command_id !== id) return;
    const result = buffer().apply(event.data);
    if (result === "gap") closeGap();
    if (result !== "applied") return;
    paint ??= setTimeout(() => {
      paint = undefined;
      changed();
    }, PAINT_MS);
  });
  const offOpen = onLiveOpen((watched) => {
    if (!watched.includes(id)) return;
    refetch(id);
    clearTimeout(settle);
    settle = setTimeout(() => refetch(id), SETTLE_MS);
  });
  const unwatch = watchCommand(id);
  return () => {
    for (const timer of [paint, settle, retry]) clearTimeout(timer);
    offEvent();
    offOpen();
    unwatch();
  };
}

interface Output {
  stdout: string;
  stderr: string;
  /** Both as they came, while they come. */
  pieces: readonly Piece[];
}

const NO_PIECES: readonly Piece[] = [];

/** The output of a command, live while it runs. */
export function useOutput(detail: CommandDetail | undefined, isLive: boolean): Output {
  const id = detail?.id;
  const buffer = useRef<{ id?: string | undefined; value: OutputBuffer }>({ value: new OutputBuffer() });
  if (buffer.current.id !== id) buffer.current = { id, value: id ? bufferOf(id) : new OutputBuffer() };
  const [, repaint] = useState(0);

  useEffect(() => {
    if (!detail) return;
    buffer.current.value.load(detail);
    repaint((count) => count + 1);
  }, [detail]);

  useEffect(() => {
    if (!id || !isLive) return;
    return followOutput(
      id,
      () => buffer.current.value,
      () => repaint((count) => count + 1),
    );
  }, [id, isLive]);

  // The whole of an ended command is what the server says it is.
  if (detail && !isLive) return { stdout: detail.stdout, stderr: detail.stderr, pieces: NO_PIECES };
  const { stdout, stderr, pieces } = buffer.current.value;
  return { stdout, stderr, pieces };
}
