import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { openPage } from "@/test/open-page";
import { SavedViews } from "./saved-views";

it("brings back the columns with which a view was saved", async () => {
  const onColumns = vi.fn();
  openPage(
    {
      path: "/machines",
      component: () => <SavedViews search={{ os: "linux" }} columns={{ uptime: true }} onColumns={onColumns} />,
    },
    "/machines",
  );
  await userEvent.click(await screen.findByRole("button", { name: "Views" }));
  await userEvent.click(await screen.findByRole("menuitem", { name: "Save this view…" }));
  await userEvent.type(await screen.findByRole("textbox", { name: "Name of the view" }), "Uptimes{Enter}");
  await userEvent.click(screen.getByRole("button", { name: "Views" }));
  await userEvent.click(await screen.findByRole("menuitem", { name: "Uptimes" }));
  expect(onColumns).toHaveBeenCalledExactlyOnceWith({ uptime: true });
});
