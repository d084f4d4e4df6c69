import { expect, it } from "vitest";
import { eachMachine, namesOf } from "./each-machine";

const machines = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ id: `${index}`, name: `web-${index}` }));

it("tries every machine, though the first eight fail, and names those that failed", async () => {
  const tried: string[] = [];
  const outcome = await eachMachine(machines(20), async (id) => {
    tried.push(id);
    if (Number(id) < 9) throw new Error(`no ${id}`);
    return id;
  });
  expect(tried).toHaveLength(20);
  expect(outcome.done).toHaveLength(11);
  expect(outcome.failed.map(({ id }) => id)).toEqual(["0", "1", "2", "3", "4", "5", "6", "7", "8"]);
  expect(outcome.reason).toEqual(new Error("no 0"));
  expect(namesOf(outcome.failed)).toBe("web-0, web-1, web-2, web-3, web-4 and 4 more");
});

it("has few under way at once", async () => {
  let running = 0;
  let most = 0;
  await eachMachine(machines(30), async () => {
    running += 1;
    most = Math.max(most, running);
    await Promise.resolve();
    running -= 1;
  });
  expect(most).toBe(8);
});
