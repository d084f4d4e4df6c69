import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { copyText } from "@/lib/clipboard";
import { Button, IconButton } from "@/ui/button";
import { toast } from "@/ui/toaster";

function useCopied() {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async (text: string) => {
    const isDone = await copyText(text);
    setCopied(isDone);
    // Shown whole, because some texts stand in short on the page.
    if (!isDone) toast("failed", "The browser did not allow copying", `Select the text and copy it: ${text}`);
  };
  return [copied, copy] as const;
}

/** An id in short, with its whole on hover and a way to copy it. */
export function Id({ value, label = "id" }: { value: string; label?: string }) {
  const [copied, copy] = useCopied();
  const short = value.length > 14 ? `…${value.slice(-12)}` : value;
  return (
    <span className="inline-flex items-center gap-1">
      <code title={value} className="font-mono text-xs">
        {short}
      </code>
      <IconButton size="icon-sm" label={copied ? "Copied" : `Copy ${label}`} onClick={() => void copy(value)}>
        {copied ? <Check className="size-3.5! text-ok" /> : <Copy className="size-3.5! text-soft" />}
      </IconButton>
    </span>
  );
}

export function CopyButton({
  text,
  label = "Copy",
  variant = "secondary",
  size = "md",
}: {
  /** A long text is made only when it is asked for. */
  text: string | (() => string);
  label?: string;
  variant?: "primary" | "secondary";
  size?: "md" | "sm";
}) {
  const [copied, copy] = useCopied();
  return (
    <Button variant={variant} size={size} onClick={() => void copy(typeof text === "string" ? text : text())}>
      {copied ? <Check /> : <Copy />}
      <span aria-live="polite">{copied ? "Copied" : label}</span>
    </Button>
  );
}

/** A text to be taken elsewhere whole: a key, a shell line. */
export function CopyBlock({ text, label }: { text: string; label: string }) {
  return (
    <div className="flex flex-col gap-2">
      <section
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region has to be reachable by keyboard
        tabIndex={0}
        aria-label={label}
        className="max-h-40 overflow-auto rounded-md bg-console px-3 py-2.5"
      >
        <pre className="whitespace-pre-wrap break-all font-mono text-console-ink text-xs">{text}</pre>
      </section>
      <div className="flex justify-end">
        <CopyButton text={text} label={`Copy ${label.toLowerCase()}`} variant="primary" />
      </div>
    </div>
  );
}
