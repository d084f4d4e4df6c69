/** In which language a text is written, by what runs it, as far as the editor colours it. */
export type Language = "shell" | "powershell" | "python" | "plain";

export function languageOf(interpreter: string): Language {
  const program =
    interpreter
      .split(/[/\\]/)
      .at(-1)
      ?.toLowerCase()
      .replace(/\.exe$/, "") ?? "";
  if (/^(ba|z|k|da|a|)sh$/.test(program)) return "shell";
  if (/^(pwsh|powershell)/.test(program)) return "powershell";
  if (/^python/.test(program)) return "python";
  return "plain";
}

/** How a script of this interpreter reads a variable. */
export function readingOf(interpreter: string, variable: string): string {
  if (interpreter === "cmd") return `%${variable}%`;
  switch (languageOf(interpreter)) {
    case "shell":
      return `$${variable}`;
    case "powershell":
      return `$env:${variable}`;
    case "python":
      return `os.environ["${variable}"]`;
    default:
      return variable;
  }
}
