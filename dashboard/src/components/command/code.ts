/** The words of a command's text by what they are, so that they can have colours. It guesses: a text is never changed by it. */
import type { CommandType } from "@/api/types";

export type CodeKind = "plain" | "comment" | "string" | "variable" | "keyword" | "number";
export interface CodePart {
  text: string;
  kind: CodeKind;
}
type Language = "shell" | "powershell" | "python" | "other";

const words = (text: string): ReadonlySet<string> => new Set(text.split(" "));
const KEYWORDS: Record<Language, ReadonlySet<string>> = {
  shell: words(
    "if then else elif fi for in do done while until case esac function return exit export local set shift trap break continue select time",
  ),
  powershell: words(
    "if else elseif foreach for while do until switch function param return exit try catch finally throw begin process end in break continue trap class enum using",
  ),
  python: words(
    "and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield True False None match case",
  ),
  other: words(
    "if else elsif elseif unless for foreach while until do end begin def function func sub my our local var let const return exit import require use class new try catch rescue finally throw raise in of then next last break continue puts print echo true false nil null undef",
  ),
};

/** Comment, string, variable, number, word: whatever comes first, in this order; the rest is plain. */
const GRAMMAR: Record<Language, RegExp> = {
  shell:
    /((?<![^\s;|&(])#[^\n]*)|("(?:\\[\s\S]|[^"\\])*"?|'[^']*'?)|(\$\{[^}\n]*\}?|\$[\w@*#?$!-]+)|\b(\d+(?:\.\d+)?)\b|([A-Za-z_][\w-]*)/g,
  powershell:
    /(<#[\s\S]*?(?:#>|$)|#[^\n]*)|("(?:`[\s\S]|""|[^"`])*"?|'(?:''|[^'])*'?)|(\$\{[^}\n]*\}?|\$[\w:?^$]+)|\b(\d+(?:\.\d+)?)\b|([A-Za-z_][\w-]*)/g,
  python:
    /(#[^\n]*)|("""[\s\S]*?(?:"""|$)|'''[\s\S]*?(?:'''|$)|"(?:\\[\s\S]|[^"\\\n])*"?|'(?:\\[\s\S]|[^'\\\n])*'?)|(@[A-Za-z_][\w.]*)|\b(\d+(?:\.\d+)?)\b|([A-Za-z_]\w*)/g,
  other:
    /((?<!\S)(?:#|\/\/)[^\n]*)|("(?:\\[\s\S]|[^"\\\n])*"?|'(?:\\[\s\S]|[^'\\\n])*'?)|([$@][A-Za-z_]\w*)|\b(\d+(?:\.\d+)?)\b|([A-Za-z_]\w*)/g,
};

function languageOf(type: CommandType, interpreter: string | null | undefined): Language | undefined {
  if (type === "claude_task") return undefined;
  if (type !== "script") return type;
  const program = (interpreter ?? "").split(/[/\\]/).at(-1)?.toLowerCase() ?? "";
  if (/^(ba|z|k|da|a)?sh(\b|$)/.test(program)) return "shell";
  if (/^python/.test(program)) return "python";
  if (/^(pwsh|powershell)/.test(program)) return "powershell";
  return "other";
}

export function codeParts(text: string, type: CommandType, interpreter?: string | null): CodePart[] {
  const language = languageOf(type, interpreter);
  if (!language) return [{ text, kind: "plain" }];
  const parts: CodePart[] = [];
  const add = (piece: string, kind: CodeKind) => {
    const last = parts.at(-1);
    if (piece === "") return;
    if (last?.kind === kind) last.text += piece;
    else parts.push({ text: piece, kind });
  };
  let at = 0;
  for (const found of text.matchAll(GRAMMAR[language])) {
    add(text.slice(at, found.index), "plain");
    add(found[0], kindOf(found, KEYWORDS[language], language));
    at = found.index + found[0].length;
  }
  add(text.slice(at), "plain");
  return parts;
}

function kindOf(found: RegExpMatchArray, keywords: ReadonlySet<string>, language: Language): CodeKind {
  if (found[1] !== undefined) return "comment";
  if (found[2] !== undefined) return "string";
  if (found[3] !== undefined) return "variable";
  if (found[4] !== undefined) return "number";
  const word = language === "powershell" ? found[0].toLowerCase() : found[0];
  return keywords.has(word) ? "keyword" : "plain";
}
