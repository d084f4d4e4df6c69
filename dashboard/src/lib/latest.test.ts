import { expect, it, vi } from "vitest";
import { latest } from "./latest";

it("works one at a time, and once more for any number of calls meanwhile", async () => {
  const ends: (() => void)[] = [];
  const work = vi.fn(
    () =>
      new Promise<void>((resolve, reject) => {
        ends.push(ends.length === 0 ? () => reject(new Error("no")) : resolve);
      }),
  );
  const call = latest(work);
  for (let i = 0; i < 1440; i += 1) call();
  expect(work).toHaveBeenCalledTimes(1);
  ends[0]?.();
  await vi.waitFor(() => expect(work).toHaveBeenCalledTimes(2));
  ends[1]?.();
  await Promise.resolve();
  expect(work).toHaveBeenCalledTimes(2);
});
