import { describe, expect, it } from "vitest";
import { scopeOf } from "@/components/scope";
import { machineSearch, machinesSearch } from "./agents/search";
import { commandsSearch } from "./commands/search";

describe("search schemas", () => {
  it("take what is known and drop what is not, so that a mistyped address still opens", () => {
    expect(machinesSearch.parse({ search: "web", status: "asleep", os: "linux", sort: "cpu", order: "up" })).toEqual({
      search: "web",
      status: undefined,
      os: "linux",
      sort: "cpu",
      order: undefined,
    });
    expect(machineSearch.parse({ tab: "metrics", range: "2y" })).toMatchObject({ tab: "metrics", range: undefined });
  });

  it("keep only known words of a list of statuses", () => {
    expect(commandsSearch.parse({ status: "failed,nonsense,timeout" }).status).toBe("failed,timeout");
    expect(commandsSearch.parse({ status: "nonsense" }).status).toBeUndefined();
    expect(commandsSearch.parse({}).status).toBeUndefined();
  });

  it("narrow by the site alone when both are chosen", () => {
    expect(scopeOf({ client_id: "c", site_id: "s" })).toEqual({ site_id: "s" });
    expect(scopeOf({ client_id: "c" })).toEqual({ client_id: "c" });
    expect(scopeOf({})).toEqual({});
  });
});
