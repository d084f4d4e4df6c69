import { useEffect, useRef, useState } from "react";
import { call } from "@/api/client";
import { ApiError } from "@/api/problem";
import type { CommandDetail } from "@/api/types";
import { downloadText } from "@/lib/download";
import { AnsiText, type Source } from "./ansi";
import type { Encoding } from "./encoding-menu";
import type { Piece } from "./output-text";

/** What the server keeps of a stream, and what the machine keeps beyond. */
const KEPT_MAX = 1024 * 1024;
const REST_MAX = 64 * 1024 * 1024;
/** How often in a row it is asked again when too much is asked of the server or the machine. */
const PATIENCE = 5;

interface LoadedPiece {
  text: string;
  /** How many pieces of the running command stood before it when it came. */
  place: number;
}

interface State {
  /** What all of this is about: of another it is forgotten. */
  key: string;
  loaded: LoadedPiece[];
  /** The byte from which on it goes on. */
  next: number;
  /** The byte behind the last, as the machine said, and whether the command had ended then. */
  end?: number;
  isEndFinal?: boolean;
  isLoading: boolean;
  error?: string | undefined;
  /** Bytes of those that are to be saved. */
  saving?: { done: number; all: number } | undefined;
  isSaved: boolean;
}

export interface Rest {
  loaded: readonly LoadedPiece[];
  isThere: boolean;
  /** Bytes that lie on the machine and are not shown; of a running command nobody knows before it was asked. */
  more: number | undefined;
  /** Bytes that nobody keeps. */
  lost: number;
  isLoading: boolean;
  error: string | undefined;
  /** How much of what is to be saved is there, 0 to 100. */
  saving: { percent: number; all: number } | undefined;
  isSaved: boolean;
  showMore: (place: () => number) => void;
  /** Saves the whole stream: `shown` and all behind it. */
  saveAll: (shown: readonly Piece[], fileName: string) => void;
  stop: () => void;
}

/** What was saved so far when it could not go on. */
interface Begun {
  key: string;
  text: AnsiText;
  next: number;
}

function pauseOf(error: unknown): number | undefined {
  return error instanceof ApiError && error.status === 429 ? (error.retryAfter ?? 1) * 1000 : undefined;
}

const pass = (ms: number, signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });

/** What one stream of a command has beyond what the server keeps. */
export function useRest(
  detail: CommandDetail | undefined,
  stream: Source,
  encoding: Encoding | undefined,
  isLive: boolean,
): Rest {
  const id = detail?.id ?? "";
  const kept = detail?.[`${stream}_kept_bytes`] ?? 0;
  const written = detail?.[`${stream}_bytes`] ?? 0;
  const key = [id, stream, encoding, kept].join(" ");
  const fresh = (): State => ({ key, loaded: [], next: kept, isLoading: false, isSaved: false });
  const [stored, setState] = useState(fresh);
  const state = stored.key === key ? stored : fresh();
  const patch = (change: (before: State) => Partial<State>) =>
    setState((stored) => {
      const before = stored.key === key ? stored : fresh();
      return { ...before, ...change(before) };
    });
  const loading = useRef<AbortController>(undefined);
  const saving = useRef<AbortController>(undefined);
  const begun = useRef<Begun>(undefined);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was asked of another is given up
  useEffect(
    () => () => {
      loading.current?.abort();
      saving.current?.abort();
      begun.current = undefined;
    },
    [key],
  );

  const read = async (offset: number, signal: AbortSignal) => {
    const query = { stream, offset, ...(encoding ? { encoding } : {}) };
    const rest = await call("command_output", { path: { id }, query }, signal);
    if (!signal.aborted) patch(() => ({ end: rest.end, isEndFinal: !isLive }));
    return rest;
  };

  const readPatiently = async (offset: number, signal: AbortSignal) => {
    for (let asked = 1; ; asked += 1) {
      try {
        return await read(offset, signal);
      } catch (error) {
        const pause = pauseOf(error);
        if (pause === undefined || asked >= PATIENCE || signal.aborted) throw error;
        await pass(pause, signal);
      }
    }
  };

  const showMore = async (place: () => number) => {
    loading.current?.abort();
    const stopper = new AbortController();
    loading.current = stopper;
    const { signal } = stopper;
    patch(() => ({ isLoading: true, error: undefined, isSaved: false }));
    try {
      const { text, next_offset } = await read(state.next, signal);
      if (signal.aborted) return;
      patch(({ loaded }) => ({
        isLoading: false,
        next: next_offset,
        loaded: text === "" ? loaded : [...loaded, { text, place: place() }],
      }));
    } catch (error) {
      if (!signal.aborted) patch(() => ({ isLoading: false, error: wordsOf(error) }));
    }
  };

  const saveAll = async (shown: readonly Piece[], fileName: string) => {
    saving.current?.abort();
    const stopper = new AbortController();
    saving.current = stopper;
    const { signal } = stopper;
    const whole = begun.current?.key === key ? begun.current : { key, text: new AnsiText(), next: state.next };
    if (whole !== begun.current) for (const piece of shown) whole.text.write(piece.text, stream);
    begun.current = whole;
    patch(() => ({ saving: { done: whole.next, all: likelyEnd }, error: undefined, isSaved: false }));
    try {
      for (let isOver = false; !isOver; ) {
        const { text, next_offset, end } = await readPatiently(whole.next, signal);
        if (signal.aborted) return;
        // A piece without anything is the end of what is there, whatever is still to come.
        isOver = next_offset >= end || next_offset <= whole.next;
        whole.text.write(text, stream);
        whole.next = next_offset;
        patch(() => ({ saving: { done: next_offset, all: end } }));
      }
      begun.current = undefined;
      downloadText(fileName, "text/plain;charset=utf-8", whole.text.text());
      patch(() => ({ saving: undefined, isSaved: true }));
    } catch (error) {
      if (!signal.aborted) patch(() => ({ saving: undefined, error: wordsOf(error) }));
    }
  };

  const stop = () => {
    saving.current?.abort();
    begun.current = undefined;
    patch(() => ({ saving: undefined }));
  };

  // What the machine said last counts, unless the command went on since.
  const keptThere = Math.min(written, kept + REST_MAX);
  const isSaid = state.end !== undefined && (isLive || state.isEndFinal === true);
  const likelyEnd = isSaid ? (state.end ?? 0) : Math.max(keptThere, state.end ?? 0);
  const more = Math.max(0, likelyEnd - state.next);
  const isBeyond = detail !== undefined && (isLive ? kept >= KEPT_MAX : detail.truncated && written > kept);
  return {
    loaded: state.loaded,
    isThere: isBeyond && (isLive || more > 0),
    more: isLive && !isSaid ? undefined : more,
    lost: isBeyond && !isLive ? Math.max(0, written - likelyEnd) : 0,
    isLoading: state.isLoading,
    error: state.error,
    saving: state.saving && {
      percent: Math.min(100, Math.floor((100 * state.saving.done) / Math.max(1, state.saving.all))),
      all: state.saving.all,
    },
    isSaved: state.isSaved,
    showMore: (place) => void showMore(place),
    saveAll: (shown, fileName) => void saveAll(shown, fileName),
    stop,
  };
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : "It could not be read.");

/** Both as they came, with what was loaded where it came. */
export function withLoaded(
  pieces: readonly Piece[],
  rests: { stream: Source; loaded: readonly LoadedPiece[] }[],
): readonly Piece[] {
  const all = rests.flatMap(({ stream, loaded }) => loaded.map(({ text, place }) => ({ stream, text, place })));
  if (all.length === 0) return pieces;
  const mixed: Piece[] = [];
  let begin = 0;
  for (const { place, stream, text } of all.sort((a, b) => a.place - b.place)) {
    mixed.push(...pieces.slice(begin, place));
    mixed.push({ stream, text });
    begin = Math.max(begin, place);
  }
  return mixed.concat(pieces.slice(begin));
}
