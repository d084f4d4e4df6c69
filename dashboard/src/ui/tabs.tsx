import { Tabs as Radix } from "radix-ui";
import { type ReactNode, useEffect, useRef } from "react";
import { cn } from "@/lib/cn";

export type TabsOf<Tab extends string> = { value: Tab; label: string; content: ReactNode }[];

interface TabsProps<Tab extends string> {
  label: string;
  value: Tab;
  onValue: (tab: Tab) => void;
  tabs: TabsOf<Tab>;
  /** Lets the open tab fill the rest of the page and scroll inside. */
  isFilling?: boolean;
}

export function Tabs<Tab extends string>({ label, value, onValue, tabs }: TabsProps<Tab>) {
  const strip = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another open tab is what has to come into view
  useEffect(() => {
    strip.current?.querySelector('[data-state="active"]')?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [value]);
  return (
    <Radix.Root
      value={value}
      onValueChange={(next) => onValue(next as Tab)}
      className="flex min-h-0 min-w-0 flex-1 flex-col"
    >
      <Radix.List
        ref={strip}
        aria-label={label}
        className="flex shrink-0 gap-1 overflow-x-auto border-line border-b px-4 max-md:px-2"
      >
        {tabs.map((tab) => (
          <Radix.Trigger
            key={tab.value}
            value={tab.value}
            className={cn(
              "-mb-px h-9 shrink-0 rounded-t border-transparent border-b-2 px-2.5 font-medium text-sm text-soft -outline-offset-2 hover:text-ink max-sm:h-11",
              "data-[state=active]:border-accent data-[state=active]:text-ink",
            )}
          >
            {tab.label}
          </Radix.Trigger>
        ))}
      </Radix.List>
      {tabs.map((tab) => (
        <Radix.Content
          key={tab.value}
          value={tab.value}
          className="flex min-h-0 flex-1 flex-col -outline-offset-2 data-[state=inactive]:hidden"
        >
          {tab.content}
        </Radix.Content>
      ))}
    </Radix.Root>
  );
}
