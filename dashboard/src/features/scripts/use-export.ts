import { useMutation } from "@tanstack/react-query";
import { call } from "@/api/client";
import { explain } from "@/api/problem";
import { downloadText } from "@/lib/download";
import { toast } from "@/ui/toaster";

/** Saves a version of a script as a file: the newest unless its number is told. */
export function useExport(id: string) {
  return useMutation({
    mutationFn: (number: number | undefined) =>
      call("script_file", { path: { id }, ...(number === undefined ? {} : { query: { number } }) }),
    onSuccess: ({ file_name, content }) => downloadText(file_name, "text/plain;charset=utf-8", content),
    onError: (error) => {
      const { title, advice } = explain(error);
      toast("failed", title, advice);
    },
  });
}
