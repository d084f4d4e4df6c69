import { type ReactNode, useEffect } from "react";

/** The frame of the pages before the login. */
export function FrontPage({ title, subtitle, children }: { title: string; subtitle?: ReactNode; children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · GuruRMM`;
  }, [title]);
  return (
    <main className="flex h-dvh flex-col items-center overflow-y-auto bg-bg px-4 py-[max(2rem,8vh)]">
      <div className="flex w-full max-w-sm flex-col gap-5">
        <div className="flex items-center gap-2.5">
          <img src="/favicon.svg" alt="" className="size-7" />
          <span className="font-semibold text-lg tracking-tight">GuruRMM</span>
        </div>
        <div className="rounded-lg border border-line bg-surface p-5">
          <h1 className="font-semibold text-xl">{title}</h1>
          {subtitle && <div className="mt-1 text-sm text-soft">{subtitle}</div>}
          <div className="mt-4">{children}</div>
        </div>
      </div>
    </main>
  );
}
