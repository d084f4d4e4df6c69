import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { builtInRoles, type Permission, permissions } from "@/api/can";
import { closed, decide, type Grant, isHeld, mayTouch, notOwn, wonByMove } from "./can";
import { whyNot } from "./me";

interface Case {
  name: string;
  grants: { effect: "allow" | "deny"; permissions: Permission[]; client?: string; site?: string }[];
  ask: { permission: Permission; client?: string; site?: string; allowed: boolean }[];
}

/** The cases that the server's own rule is tested with. */
const CASES: Case[] = JSON.parse(readFileSync("../crates/server/tests/fixtures/access.json", "utf8"));

const grant = (names: Permission[], more: Partial<Grant> = {}): Grant => ({
  id: JSON.stringify([names, more]),
  effect: "allow",
  permissions: names,
  ...more,
});

describe("the rule", () => {
  for (const { name, grants, ask } of CASES) {
    it(`is the server's: ${name}`, () => {
      const held = grants.map(({ effect, permissions: names, client, site }) =>
        grant(names, { effect, client_id: client ?? null, site_id: site ?? null }),
      );
      for (const { permission, client, site, allowed } of ask) {
        const place = { clientId: client, siteId: site };
        expect(decide(held, permission, place).isAllowed, `${permission} at ${client}/${site}`).toBe(allowed);
        if (allowed) expect(isHeld(held, permission, place)).toBe(true);
      }
    });
  }

  it("names the grants that decide", () => {
    const allow = grant(["commands.run"]);
    const deny = grant(["agents.view"], { effect: "deny", client_id: "acme" });
    expect(decide([allow, deny], "commands.run", {})).toEqual({ isAllowed: true, because: [allow.id] });
    expect(decide([allow, deny], "commands.run", { clientId: "acme" })).toEqual({
      isAllowed: false,
      because: [deny.id],
    });
    expect(decide([allow, deny], "audit.view", {})).toEqual({ isAllowed: false, because: [] });
  });

  it("asks what has no place of the organisation alone", () => {
    const onClient = [grant(["users.view", "agents.view"], { client_id: "acme" })];
    expect(isHeld(onClient, "users.view")).toBe(false);
    expect(isHeld(onClient, "agents.view")).toBe(true);
    expect(isHeld(onClient, "agents.view", { clientId: "other" })).toBe(false);
    expect(isHeld([...onClient, grant(["sites.view"], { effect: "deny" })], "agents.view")).toBe(false);
  });
});

describe("what may be passed on", () => {
  const own = [
    grant([...builtInRoles.administrator.permissions]),
    grant(["agents.view"], { effect: "deny", client_id: "acme", site_id: "vault" }),
  ];

  it("is what is held there and denied nowhere within", () => {
    expect(notOwn(own, ["agents.edit"], { clientId: "other" })).toEqual([]);
    expect(notOwn(own, ["agents.edit"], { clientId: "acme" })).toEqual(["agents.view", "agents.edit"]);
    expect(notOwn(own, ["agents.edit"], {})).toEqual(["agents.view", "agents.edit"]);
    expect(notOwn(own, ["users.edit"], {})).toEqual([]);
    expect(notOwn(own, builtInRoles.owner.permissions, { clientId: "other" })).toEqual(["owners.edit"]);
  });

  it("decides who may be touched; what is denied to somebody lifts them above nobody", () => {
    const owner = grant([...builtInRoles.owner.permissions]);
    expect(mayTouch(own, [owner])).toBe(false);
    expect(mayTouch([owner], own)).toBe(true);
    expect(mayTouch(own, [{ ...owner, effect: "deny" }])).toBe(true);
  });
});

it("finds what a move of a machine would win", () => {
  const own = [grant(["agents.edit"]), grant(["commands.run"], { client_id: "acme" })];
  expect(wonByMove(own, { clientId: "other" }, { clientId: "acme" })).toBe("commands.view");
  expect(wonByMove(own, { clientId: "acme" }, { clientId: "other" })).toBeUndefined();
});

it("says in words what is lacking, and whether only here", () => {
  const held = [grant(["commands.run"], { client_id: "acme" })];
  expect(whyNot(held, "commands.run")).toBeUndefined();
  expect(whyNot(held, "commands.run", { clientId: "acme", siteId: "office" })).toBeUndefined();
  const title = permissions["commands.run"].title;
  expect(whyNot(held, "commands.run", {})).toBe(`Your account lacks the permission “${title}” here.`);
  expect(whyNot([], "commands.run", {})).toBe(`Your account lacks the permission “${title}”.`);
});

it("closes a set over what it implies", () => {
  expect(closed(["sites.view", "a.newer.one"])).toEqual(["clients.view", "sites.view"]);
});
