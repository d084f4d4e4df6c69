import { describe, expect, it } from "vitest";
import type { Permission } from "@/api/can";
import type { Agent, AgentState, Capability } from "@/api/types";
import { agentOf } from "@/test/agent";
import { grantOf } from "@/test/me";
import type { AllMatching } from "../actions";
import { ALL_PERMISSIONS } from "../can";
import { type MachineActionId, machineActions } from "./machine-actions";
import type { Who } from "./reasons";

const EVERYTHING: Who = { grants: [grantOf(ALL_PERMISSIONS)] };
const holding = (...permissions: Permission[]): Who => ({ grants: [grantOf(permissions)] });

const ids = (machines: Agent[], who = EVERYTHING, all?: AllMatching) =>
  machineActions(machines, who, all).map(({ id }) => id);

/** Why each cannot be done; nothing of those that can. */
function refusals(machines: Agent[], who = EVERYTHING, all?: AllMatching): Partial<Record<MachineActionId, string>> {
  const refused = machineActions(machines, who, all).filter(({ disabledReason }) => disabledReason);
  return Object.fromEntries(refused.map(({ id, disabledReason }) => [id, disabledReason]));
}

const inState = (state: AgentState, more: Partial<Agent> = {}) => agentOf({ state, ...more });
const able = (supported: boolean, reason?: string): Capability[] =>
  ["shell", "powershell", "python"].map((kind) => ({ name: `commands.${kind}`, supported, reason: reason ?? null }));

describe("what can be done with machines", () => {
  it("is all that the product does with one, in groups, and nothing that makes no sense", () => {
    expect(ids([agentOf({})])).toEqual([
      ...["run_command", "run_script", "show_commands", "cancel_waiting"],
      ...["rename", "labels", "move"],
      ...["quarantine", "rotate", "revoke", "delete"],
    ]);
    expect(ids([inState("waiting")])).toEqual(expect.arrayContaining(["approve", "reject"]));
    expect(ids([inState("quarantined")])).toContain("release");
    expect(ids([inState("quarantined")])).not.toContain("quarantine");
    expect(refusals([agentOf({})])).toEqual({});
    expect(ids([])).toEqual([]);
  });

  it("is for several what can be done with several", () => {
    expect(ids([agentOf({}), agentOf({ id: "a2" })])).toEqual([
      ...["run_command", "run_script", "add_tags", "remove_tags", "set_field", "move"],
      ...["quarantine", "rotate", "revoke", "delete"],
    ]);
  });

  it("is not refused while nobody knows who asks", () => {
    expect(refusals([agentOf({})], {})).toEqual({});
  });
});

describe("what one may not do", () => {
  it("is greyed with the permission that is lacking", () => {
    const why = refusals([agentOf({})], holding("agents.view", "commands.view"));
    expect(Object.keys(why)).toEqual(ids([agentOf({})]).filter((id) => id !== "show_commands"));
    expect(why.run_command).toBe("Your account lacks the permission “Run and cancel commands”.");
    expect(why.run_script).toBe("Your account lacks the permission “Run approved saved scripts”.");
    expect(why.rename).toMatch(/“Rename and tag machines/);
    expect(why.quarantine).toMatch(/“Let machines in, quarantine them/);
    expect(why.delete).toBe("Your account lacks the permission “Remove machines”.");
  });

  it("is asked at the place of the machine", () => {
    const who: Who = { grants: [grantOf(["agents.view"]), grantOf(["agents.delete"], { client_id: "other" })] };
    expect(refusals([agentOf({})], who).delete).toBe("Your account lacks the permission “Remove machines” here.");
    expect(refusals([agentOf({ client_id: "other" })], who).delete).toBeUndefined();
  });

  it("says on how many of several; what runs leaves those out by itself", () => {
    const who: Who = { grants: [grantOf(["agents.edit", "commands.run"], { client_id: "c1" })] };
    const machines = [agentOf({}), agentOf({ id: "a2", client_id: "other", site_id: "s2" })];
    const why = refusals(machines, who);
    expect(why.move).toMatch(/on 1 of these 2 machines\.$/);
    expect(why.run_command).toBeUndefined();
    expect(refusals(machines.slice(1), who).run_command).toMatch(/ here\.$/);
  });

  it("is told before anything else: a state does not matter to whoever may not anyway", () => {
    expect(refusals([inState("quarantined")], holding("agents.view")).run_command).toMatch(/lacks the permission/);
  });
});

describe("what cannot be done now", () => {
  it.each([
    ["waiting", /^It waits to be let in/],
    ["quarantined", /^It is quarantined/],
    ["revoked", /^Its key was revoked/],
    ["left", /^The agent was removed on it/],
  ] as const)("nothing is run on a machine that is %s", (state, words) => {
    const why = refusals([inState(state)]);
    expect(why.run_command).toMatch(words);
    expect(why.run_script).toMatch(words);
    expect(why.delete).toBeUndefined();
    expect(why.rename).toBeUndefined();
  });

  it("depends on whether it has a key, and whether another is on its way", () => {
    expect(refusals([inState("waiting")])).toMatchObject({
      quarantine: "It waits to be let in.",
      rotate: "It waits to be let in.",
    });
    expect(refusals([inState("waiting")]).revoke).toBeUndefined();
    expect(refusals([inState("revoked")]).revoke).toBe("Its key was revoked.");
    expect(refusals([inState("left")]).revoke).toBe("It left by itself.");
    const asked = agentOf({ rotate_requested_at: "2026-01-02T03:04:05Z" });
    expect(refusals([asked]).rotate).toBe("Another key waits for the machine already.");
    expect(refusals([asked, agentOf({ id: "a2" })]).rotate).toBeUndefined();
  });

  it("is decided about several only where all of them are in the state for it", () => {
    const waiting = inState("waiting", { id: "a2" });
    const mixed = refusals([agentOf({}), waiting, inState("quarantined", { id: "a3" })]);
    expect(mixed.approve).toBe("2 of these 3 machines are not waiting to be let in.");
    expect(mixed.release).toBe("2 of these 3 machines are not quarantined.");
    expect(mixed.quarantine).toBe("2 of these 3 machines are not active.");
    expect(mixed.run_command).toBeUndefined();
    const both = [waiting, inState("waiting", { id: "a4" })];
    expect(refusals(both).approve).toBeUndefined();
    expect(refusals(both).run_command).toMatch(/^None of these machines may work/);
  });

  it("is nothing that runs, while all commands are stopped", () => {
    const why = refusals([agentOf({})], { ...EVERYTHING, stopped: "Somebody stopped all commands." });
    expect(why).toEqual({
      run_command: "Somebody stopped all commands.",
      run_script: "Somebody stopped all commands.",
    });
  });

  it("is nothing that runs where a machine said that it can run nothing", () => {
    const unable = agentOf({ capabilities: able(false, "There is no shell") });
    expect(refusals([unable]).run_command).toBe("It cannot run commands: There is no shell.");
    expect(refusals([unable]).run_script).toBe("It cannot run commands: There is no shell.");
    expect(refusals([unable, agentOf({ id: "a2", capabilities: able(true) })]).run_command).toBeUndefined();
    expect(refusals([unable, unable]).run_command).toMatch(/^None of these machines can run commands/);
    // one kind is enough
    const shell = [...able(false), { name: "commands.shell", supported: true, reason: null }];
    expect(refusals([agentOf({ capabilities: shell })])).toEqual({});
  });

  it("is a field where there is none", () => {
    const machines = [agentOf({}), agentOf({ id: "a2" })];
    expect(refusals(machines, { ...EVERYTHING, noFields: "There is none." })).toEqual({ set_field: "There is none." });
  });
});

describe("everything that a filter matches", () => {
  const all = (count: number): AllMatching => ({ filter: { client_id: "c1" }, count });

  it("can be run on, and nothing else", () => {
    const why = refusals([agentOf({}), agentOf({ id: "a2" })], EVERYTHING, all(1_204));
    expect(why.run_command).toBeUndefined();
    expect(why.run_script).toBeUndefined();
    for (const id of ["add_tags", "remove_tags", "set_field", "move", "quarantine", "delete"] as const) {
      expect(why[id]).toMatch(/^This is done to chosen rows only/);
    }
    // one row of many that are meant is not one machine
    expect(ids([agentOf({})], EVERYTHING, all(1_204))).not.toContain("rename");
  });

  it("asks what may be run somewhere in it, and for no more than a run can be for", () => {
    const who: Who = { grants: [grantOf(["commands.run"], { client_id: "other" })] };
    expect(refusals([agentOf({})], who, all(3)).run_command).toMatch(/ here\.$/);
    expect(refusals([agentOf({})], EVERYTHING, all(20_001)).run_script).toBe("A run is for 20,000 machines at most.");
  });
});
