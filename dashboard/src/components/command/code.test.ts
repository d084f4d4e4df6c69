import { describe, expect, it } from "vitest";
import { type CodeKind, codeParts } from "./code";

const found = (kind: CodeKind, ...text: Parameters<typeof codeParts>) =>
  codeParts(...text).flatMap((part) => (part.kind === kind ? [part.text] : []));

describe("code", () => {
  it("has its words by what they are", () => {
    const shell = `# look\nif [ "$1" = 'x#y' ]; then echo $HOME \${A:-b} 12 a#b; fi # end`;
    expect(found("comment", shell, "shell")).toEqual(["# look", "# end"]);
    expect(found("keyword", shell, "shell")).toEqual(["if", "then", "fi"]);
    expect(found("string", shell, "shell")).toEqual(['"$1"', "'x#y'"]);
    expect(found("variable", shell, "shell")).toEqual(["$HOME", `$${"{A:-b}"}`]);
    expect(found("number", shell, "shell")).toEqual(["12"]);
    expect(found("comment", "<# long\n#> Get-Item $env:X", "powershell")).toEqual(["<# long\n#>"]);
    expect(found("variable", "ForEach ($x in 1) {}", "powershell")).toEqual(["$x"]);
    expect(found("keyword", "ForEach ($x in 1) {}", "powershell")).toEqual(["ForEach", "in"]);
    expect(found("string", `x = """a\n"b" """ # c`, "python")).toEqual([`"""a\n"b" """`]);
  });

  it("is read as its interpreter reads it", () => {
    expect(found("keyword", "if true; then :; fi", "script", "/bin/bash")).toContain("fi");
    expect(found("keyword", "def f(): pass", "script", "python3.12")).toEqual(["def", "pass"]);
    expect(found("variable", "my $x = 1;", "script", "perl")).toEqual(["$x"]);
    expect(codeParts("if this is a task, do it", "claude_task")).toEqual([
      { text: "if this is a task, do it", kind: "plain" },
    ]);
  });

  it("is the same text, whatever it is, and soon", () => {
    const texts = ["", `"never closed`, "'''", "<#", "${", "$", "#", `"${"\\".repeat(30_000)}`, "#".repeat(60_000)];
    const began = performance.now();
    for (const text of [...texts, `<# ${"#".repeat(60_000)}`, `"""${'"" '.repeat(20_000)}`, "<#".repeat(30_000)]) {
      for (const type of ["shell", "powershell", "python", "script", "claude_task"] as const) {
        const parts = codeParts(text, type, "perl");
        expect(parts.map((part) => part.text).join("")).toBe(text);
      }
    }
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});
