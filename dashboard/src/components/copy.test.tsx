import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { Toaster } from "@/ui/toaster";
import { TooltipProvider } from "@/ui/tooltip";
import { CopyButton } from "./copy";

it("says when the browser does not let it copy, and shows what to copy by hand", async () => {
  const user = userEvent.setup();
  vi.spyOn(navigator.clipboard, "writeText").mockRejectedValue(new Error("refused"));
  document.execCommand = () => false;
  render(
    <TooltipProvider>
      <CopyButton text="grmm_site_x" />
      <Toaster />
    </TooltipProvider>,
  );
  await user.click(screen.getByRole("button", { name: "Copy" }));
  expect(await screen.findByText("Select the text and copy it: grmm_site_x")).toBeTruthy();
});
