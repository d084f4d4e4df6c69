import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen, within } from "@testing-library/react";
import { afterEach, describe, expect, it } from "vitest";
import { queryClient } from "@/api/client";
import type { Agent } from "@/api/types";
import { fakeServer } from "@/test/fake-server";
import { TooltipProvider } from "@/ui/tooltip";
import { NetworkTab } from "./network-tab";

afterEach(() => queryClient.clear());

function show(body: unknown, status = 200) {
  fakeServer(() => ({ status, body }));
  render(
    <QueryClientProvider client={queryClient}>
      <TooltipProvider>
        <NetworkTab agent={{ id: "a1" } as Agent} />
      </TooltipProvider>
    </QueryClientProvider>,
  );
}

describe("NetworkTab", () => {
  it("shows each interface with its state, hardware address and networks", async () => {
    const addresses = [{ address: "192.0.2.7", prefix_length: 24, cidr: "192.0.2.0/24" }];
    show({
      recorded_at: "2026-01-02T03:04:05Z",
      wan_address: "198.51.100.7",
      interfaces: [
        { name: "eth0", mac: "02:00:5e:00:53:01", is_up: true, addresses },
        { name: "wlan0", mac: null, is_up: false, addresses: [] },
      ],
    });
    const [wired, wireless] = within(await screen.findByRole("list", { name: "Interfaces" })).getAllByText(
      /^(Up|Down)$/,
    );
    expect([wired?.textContent, wireless?.textContent]).toEqual(["Up", "Down"]);
    expect(screen.getByText("198.51.100.7")).toBeTruthy();
    expect(within(screen.getByRole("list", { name: "Addresses of eth0" })).getByText("192.0.2.0/24")).toBeTruthy();
    expect(screen.getByText("02:00:5e:00:53:01")).toBeTruthy();
    expect(screen.getByText("No address")).toBeTruthy();
  });

  it("says what happens next when nothing was told yet", async () => {
    show({ recorded_at: null, wan_address: null, interfaces: [] });
    expect(await screen.findByText("The machine has not told its network state")).toBeTruthy();
  });

  it("offers another try when the server does not answer", async () => {
    show({ code: "internal" }, 500);
    expect(await screen.findByRole("button", { name: "Try again" })).toBeTruthy();
  });
});
