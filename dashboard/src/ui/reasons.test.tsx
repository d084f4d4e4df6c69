import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { describe, expect, it, vi } from "vitest";
import { Button } from "./button";
import { Dialog } from "./dialog";
import { Menu, MenuBlocked, MenuItem } from "./menu";
import { Toaster, toast } from "./toaster";
import { TooltipProvider } from "./tooltip";

const show = (children: React.ReactNode) =>
  render(
    <TooltipProvider>
      {children}
      <Toaster />
    </TooltipProvider>,
  );

function Renaming() {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Menu trigger={<button type="button">Actions</button>}>
        <MenuItem onSelect={() => setOpen(true)}>Rename…</MenuItem>
        <MenuBlocked
          reason="It is not yours."
          items={[
            { id: "move", content: "Move…" },
            { id: "delete", content: "Delete…" },
          ]}
        />
      </Menu>
      <Dialog isOpen={isOpen} onClose={() => setOpen(false)} title="Rename">
        <input aria-label="Name" autoFocus />
      </Dialog>
    </>
  );
}

describe("what cannot be done now", () => {
  it("is explained when a blocked button is pressed, as a finger does", async () => {
    const onClick = vi.fn();
    show(
      <Button disabledReason="Your account lacks the permission." onClick={onClick}>
        Delete
      </Button>,
    );
    await userEvent.click(screen.getByRole("button", { name: "Delete" }));
    expect((await screen.findAllByText("Your account lacks the permission.")).length).toBeGreaterThan(0);
    expect(onClick).not.toHaveBeenCalled();
  });

  it("is explained in the menu that offers it, and reached by keyboard", async () => {
    const onSelect = vi.fn();
    show(
      <Menu trigger={<button type="button">Actions</button>}>
        <MenuItem disabledReason="It has sites: delete its sites first." onSelect={onSelect}>
          Delete…
        </MenuItem>
      </Menu>,
    );
    await userEvent.click(screen.getByRole("button", { name: "Actions" }));
    const item = await screen.findByRole("menuitem", { name: /delete its sites first/ });
    expect(item.getAttribute("aria-disabled")).toBe("true");
    await userEvent.keyboard("{ArrowDown}{Enter}");
    expect(document.activeElement).toBe(item);
    expect(onSelect).not.toHaveBeenCalled();
  });
});

describe("a dialog with something that is shown once", () => {
  it("closes by its buttons only", async () => {
    const onClose = vi.fn();
    show(
      <Dialog isOpen isShownOnce onClose={onClose} title="The new site key">
        grmm_site_x
      </Dialog>,
    );
    await userEvent.keyboard("{Escape}");
    expect(onClose).not.toHaveBeenCalled();
    await userEvent.click(screen.getByRole("button", { name: "Close" }));
    expect(onClose).toHaveBeenCalledOnce();
  });
});

describe("a message", () => {
  it("of a failure stays until it is closed; repeated, it is shown once", async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    show(null);
    toast("failed", "3 machines not moved", "web-1, web-2, web-3");
    toast("failed", "3 machines not moved", "web-1, web-2, web-3");
    await screen.findByText("3 machines not moved");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(screen.getAllByText("3 machines not moved")).toHaveLength(1);
    vi.useRealTimers();
  });
});

describe("a menu", () => {
  it("leaves the focus to the field of the dialog that it opens, and the dialog gives it back to its button", async () => {
    show(<Renaming />);
    await userEvent.click(screen.getByRole("button", { name: "Actions" }));
    await userEvent.click(await screen.findByRole("menuitem", { name: "Rename…" }));
    await new Promise((resolve) => setTimeout(resolve));
    expect(document.activeElement).toBe(screen.getByRole("textbox", { name: "Name" }));
    await userEvent.keyboard("{Escape}");
    await waitFor(() => expect(document.activeElement).toBe(screen.getByRole("button", { name: "Actions" })));
  });

  it("says once why several entries cannot be chosen, and of each to whoever hears it", async () => {
    show(<Renaming />);
    await userEvent.click(screen.getByRole("button", { name: "Actions" }));
    const items = await screen.findAllByRole("menuitem", { description: "It is not yours." });
    expect(items.map(({ textContent, title }) => [textContent, title])).toEqual([
      ["Move…", "It is not yours."],
      ["Delete…", "It is not yours."],
    ]);
    expect(screen.getAllByText("It is not yours.")).toHaveLength(1);
    await userEvent.click(items[0] as HTMLElement);
    expect(screen.getByRole("menu")).toBeTruthy();
  });
});
