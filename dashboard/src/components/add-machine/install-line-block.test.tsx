import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it } from "vitest";
import { queryClient } from "@/api/client";
import { signIn } from "@/test/me";
import { TooltipProvider } from "@/ui/tooltip";
import { InstallLineBlock } from "./install-line-block";

afterEach(() => queryClient.clear());

function show(publicUrl: string) {
  signIn([], { public_url: publicUrl });
  render(
    <QueryClientProvider client={queryClient}>
      <TooltipProvider>
        <InstallLineBlock siteKey="grmm_site_x" />
      </TooltipProvider>
    </QueryClientProvider>,
  );
  return within(screen.getByRole("region", { name: "Install line" }));
}

describe("the install line", () => {
  it("names the server's configured address, not the one of the page", () => {
    const line = show("https://rmm.example.com");
    expect(line.getByText(/--server https:\/\/rmm\.example\.com --site-key grmm_site_x$/)).toBeTruthy();
    expect(screen.queryByRole("note")).toBeNull();
  });

  it("says when it works on one machine only", () => {
    show("http://localhost:3001");
    expect(screen.getByRole("note").textContent).toMatch(/works on this machine only.*public_url/);
  });

  it("says that the agent refuses a plain connection, and offers to accept it", async () => {
    const line = show("http://192.0.2.5:3001");
    expect(line.queryByText(/--allow-insecure/)).toBeNull();
    expect(screen.getByRole("note").textContent).toMatch(/refuses an address without TLS/);
    await userEvent.click(screen.getByRole("checkbox", { name: /network that I trust/ }));
    expect(line.getByText(/--allow-insecure --site-key grmm_site_x$/)).toBeTruthy();
  });
});
