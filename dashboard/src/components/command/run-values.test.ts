import { describe, expect, it } from "vitest";
import { commandOf } from "@/test/command";
import { bodyOf, NEW_RUN, optionsWords, valuesOf } from "./run-values";

describe("the fields of a command", () => {
  it("come back as they were asked for", () => {
    const asked = {
      command: "x",
      command_type: "script",
      interpreter: "bash",
      arguments: ["a b", ""],
      context: "user_session",
      timeout_seconds: 10,
      on_disconnect: "abort",
    } as const;
    const command = commandOf({
      ...asked,
      arguments: [...asked.arguments],
      variables: ["A"],
      created_at: "2026-01-02T03:04:05.123Z",
      expires_at: "2026-01-09T03:04:05.123Z",
    });
    expect(bodyOf(valuesOf(command))).toEqual({ ...asked, environment: { A: "" }, expires_in_seconds: 604_800 });
  });

  it("name an interpreter only where there is one, and no variable that was not written", () => {
    const body = bodyOf({ ...NEW_RUN, interpreter: "bash", variables: [{ name: " ", value: "" }] });
    expect(body).not.toHaveProperty("interpreter");
    expect(body).not.toHaveProperty("environment");
    expect(bodyOf({ ...NEW_RUN, type: "script", interpreter: " bash " }).interpreter).toBe("bash");
  });

  it("are told in a line", () => {
    expect(optionsWords(NEW_RUN)).toBe("as the system account · at most 5 min · waits up to 24 hours");
    expect(
      optionsWords({
        ...NEW_RUN,
        args: [{ text: "" }],
        variables: [{ name: "A", value: "" }],
        context: "user_session",
        timeout: "x",
        wait: 30,
        keepRunning: false,
      }),
    ).toBe("1 argument · 1 variable · as the logged-in user · only if it is online · stops when disconnected");
  });
});
