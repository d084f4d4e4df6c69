import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { q } from "@/api/client";
import type { Params } from "@/api/operations";
import { ApiError } from "@/api/problem";
import type { SchedulePreview } from "@/api/types";
import { useDebounced } from "@/lib/hooks";

type Body = Params<"schedule_preview">["body"];

export interface Preview {
  /** Nothing while it says too little to be looked up. */
  data: SchedulePreview | undefined;
  error: unknown;
  isAsked: boolean;
  retry: () => void;
  /** What is wrong, by the server's names of the fields. */
  wrong: Partial<Record<string, string>>;
}

const RESTS_MS = 400;
const NONE: Body = { trigger: { kind: "enrolment" } };

/** What a schedule would do, looked up when what is written has rested. */
export function usePreview(body: Body | undefined): Preview {
  const text = useDebounced(body ? JSON.stringify(body) : "", RESTS_MS);
  const asked = useMemo((): Body | undefined => (text ? JSON.parse(text) : undefined), [text]);
  const query = useQuery({
    ...q("schedule_preview", { body: asked ?? NONE }),
    enabled: asked !== undefined,
    gcTime: 0,
    placeholderData: (before) => before,
  });
  const isAsked = asked !== undefined;
  const errors = isAsked && query.error instanceof ApiError ? query.error.errors : [];
  return {
    data: isAsked ? query.data : undefined,
    error: isAsked ? query.error : null,
    isAsked,
    retry: () => void query.refetch(),
    wrong: Object.fromEntries(errors.map(({ field, message }) => [field, message])),
  };
}
