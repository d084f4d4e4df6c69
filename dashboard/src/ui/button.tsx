import { cva, type VariantProps } from "class-variance-authority";
import { Slot } from "radix-ui";
import type { ComponentProps } from "react";
import { cn } from "@/lib/cn";
import { toast } from "./toaster";
import { Tooltip } from "./tooltip";

const button = cva(
  "inline-flex shrink-0 select-none items-center justify-center gap-1.5 whitespace-nowrap rounded-md font-medium transition-colors aria-disabled:cursor-not-allowed aria-disabled:opacity-50 disabled:cursor-not-allowed disabled:opacity-50 [&_svg]:size-4 [&_svg]:shrink-0",
  {
    variants: {
      variant: {
        primary: "bg-accent text-accent-ink not-aria-disabled:hover:bg-accent-hover",
        secondary: "border border-line bg-surface text-ink shadow-xs not-aria-disabled:hover:bg-hover",
        ghost: "text-ink not-aria-disabled:hover:bg-hover",
        danger: "border border-line bg-surface text-bad not-aria-disabled:hover:bg-bad-soft",
      },
      size: {
        md: "h-8 px-3 text-sm max-sm:h-10",
        sm: "h-7 px-2 text-xs max-sm:h-9",
        icon: "size-8 max-sm:size-10",
        "icon-sm": "size-6",
      },
    },
    defaultVariants: { variant: "secondary", size: "md" },
  },
);

export interface ButtonProps extends ComponentProps<"button">, VariantProps<typeof button> {
  asChild?: boolean;
  /** Why the button cannot be used now. It stays reachable by keyboard, and says so. */
  disabledReason?: string | false | null | undefined;
  isPending?: boolean;
}

export function Button({ className, variant, size, asChild, disabledReason, isPending, ...props }: ButtonProps) {
  const Part = asChild ? Slot.Root : "button";
  const blocked = Boolean(disabledReason) || isPending === true;
  const element = (
    <Part
      type={asChild ? undefined : "button"}
      {...props}
      className={cn(button({ variant, size }), className)}
      aria-disabled={blocked || undefined}
      aria-busy={isPending || undefined}
      onClick={
        blocked
          ? (event) => {
              event.preventDefault();
              // A finger has no hover: it hears the reason when it presses.
              if (disabledReason && !isPending) toast("note", disabledReason);
            }
          : props.onClick
      }
    />
  );
  return disabledReason ? <Tooltip text={disabledReason}>{element}</Tooltip> : element;
}

/** A button that shows only an icon: the label is its name and its hover text. */
export function IconButton({ label, ...props }: Omit<ButtonProps, "aria-label"> & { label: string }) {
  const element = <Button variant="ghost" size="icon" {...props} aria-label={label} />;
  return props.disabledReason ? element : <Tooltip text={label}>{element}</Tooltip>;
}
