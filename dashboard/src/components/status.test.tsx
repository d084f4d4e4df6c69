import { render, screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { AgentStatus } from "./status";

it("says what keeps a machine from working in place of whether it is connected", () => {
  render(<AgentStatus status="offline" state="quarantined" />);
  expect(screen.getByText("Quarantined")).toBeTruthy();
  expect(screen.queryByText("Offline")).toBeNull();
});

it("says of every other whether it is connected", () => {
  render(<AgentStatus status="online" state="active" />);
  expect(screen.getByText("Online")).toBeTruthy();
});
