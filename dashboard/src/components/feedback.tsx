import { CircleAlert, type LucideIcon, RotateCw } from "lucide-react";
import type { ReactNode } from "react";
import { ApiError, explain, isCode } from "@/api/problem";
import { cn } from "@/lib/cn";
import { Button } from "@/ui/button";

interface ErrorViewProps {
  error: unknown;
  onRetry?: () => void;
  retryLabel?: string;
  className?: string;
}

/** The same refusal, of something that was to be looked at. */
const HIDDEN = {
  title: "You may not see this",
  advice: "Your account lacks the permission. Ask an administrator to give it to you.",
};

/** What went wrong and what to do about it, where the data would be. */
export function ErrorView({ error, onRetry, retryLabel = "Try again", className }: ErrorViewProps) {
  const { title, advice } = isCode(error, "forbidden") ? HIDDEN : explain(error);
  const requestId = error instanceof ApiError ? error.requestId : undefined;
  return (
    <div
      role="alert"
      className={cn("flex flex-col items-center justify-center gap-2 px-6 py-10 text-center", className)}
    >
      <CircleAlert aria-hidden className="size-6 text-bad" />
      <p className="font-semibold text-base">{title}</p>
      <p className="max-w-md text-balance text-soft text-sm">{advice}</p>
      {requestId && <p className="font-mono text-2xs text-soft">Request {requestId}</p>}
      {onRetry && (
        <Button className="mt-1" onClick={onRetry}>
          <RotateCw /> {retryLabel}
        </Button>
      )}
    </div>
  );
}

interface EmptyStateProps {
  icon: LucideIcon;
  title: string;
  /** The next step, in words. */
  children?: ReactNode;
  action?: ReactNode;
  className?: string;
}

export function EmptyState({ icon: Icon, title, children, action, className }: EmptyStateProps) {
  return (
    <div className={cn("flex flex-col items-center justify-center gap-2 px-6 py-10 text-center", className)}>
      <Icon aria-hidden className="size-6 text-soft" />
      <p className="font-semibold text-base">{title}</p>
      {children && <p className="max-w-md text-balance text-soft text-sm">{children}</p>}
      {action && <div className="mt-1.5 flex flex-wrap justify-center gap-2">{action}</div>}
    </div>
  );
}

/** The error of a whole form, inline above its buttons. */
export function FormError({ message }: { message: string | undefined }) {
  if (!message) return null;
  return (
    <p role="alert" className="flex items-start gap-2 rounded-md bg-bad-soft px-3 py-2 text-bad text-sm">
      <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
      {message}
    </p>
  );
}
