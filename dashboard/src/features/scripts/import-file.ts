/** A file on its way into the library. */
import { call } from "@/api/client";
import { ApiError } from "@/api/problem";
import type { ScriptImported } from "@/api/types";
import { sentence } from "@/components/form";

export type ImportState =
  | { step: "waiting" }
  | { step: "sending" }
  | { step: "done"; answer: ScriptImported }
  | { step: "failed"; reason: string };

/** Longest file that the server takes, bytes. */
const FILE_MAX = 384 * 1024;
/** So many bytes can be arguments of one call. */
const CHUNK = 0x8000;

export const ENDINGS = ".sh,.bash,.ps1,.psm1,.cmd,.bat,.py,.pl,.rb,.js,.txt";

export async function importFile(file: File): Promise<ImportState> {
  if (file.size > FILE_MAX) return { step: "failed", reason: `A file has at most ${FILE_MAX / 1024} KiB.` };
  try {
    const content = base64(new Uint8Array(await file.arrayBuffer()));
    const answer = await call("script_import", { body: { file_name: file.name, content } });
    return { step: "done", answer };
  } catch (error) {
    return { step: "failed", reason: reasonOf(error) };
  }
}

function base64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += CHUNK) text += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  return btoa(text);
}

/** What is wrong in the file, with its line where the server names it. */
function reasonOf(error: unknown): string {
  const named = error instanceof ApiError ? error.errors : [];
  if (named.length === 0) return error instanceof ApiError || error instanceof Error ? told(error) : sentence(error);
  return named.map(({ field, message }) => (field === "content" ? message : `${field}: ${message}`)).join(" ");
}

/** A folder, or a file that is gone, cannot be read. */
const told = (error: ApiError | Error): string =>
  error instanceof ApiError ? sentence(error) : "The browser could not read it.";
