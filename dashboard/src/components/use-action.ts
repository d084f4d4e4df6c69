import { useMutation } from "@tanstack/react-query";
import { call, invalidate } from "@/api/client";
import type { Answer, Operation, Params } from "@/api/operations";
import { explain } from "@/api/problem";
import { toast } from "@/ui/toaster";

interface ActionOptions<Op extends Operation> {
  /** Operations whose answers the change makes stale. */
  stale?: Operation[];
  done?: (answer: Answer<Op>) => string | undefined;
  /** What follows a success; the action counts as under way until it is done. */
  after?: (answer: Answer<Op>) => Promise<unknown>;
  /** A form shows its errors itself, inline. */
  hasForm?: boolean;
}

/** One changing operation: does it, marks what it changed, says that it is done or why not. */
export function useAction<Op extends Operation>(operation: Op, options: ActionOptions<Op> = {}) {
  return useMutation({
    mutationKey: [operation],
    mutationFn: (params: Params<Op>) => call(operation, params),
    onSuccess: (answer) => {
      if (options.stale) void invalidate(...options.stale);
      const message = options.done?.(answer);
      if (message) toast("done", message);
      return options.after?.(answer);
    },
    onError: (error) => {
      if (options.hasForm) return;
      const { title, advice } = explain(error);
      toast("failed", title, advice);
    },
  });
}
