import { expect, it } from "vitest";
import { withLoaded } from "./use-rest";

const out = (text: string) => ({ stream: "stdout", text }) as const;
const err = (text: string) => ({ stream: "stderr", text }) as const;

it("mixes what was loaded with what came, so that nothing before it changes", () => {
  const pieces = [out("a"), err("b")];
  expect(withLoaded(pieces, [{ stream: "stdout", loaded: [] }])).toBe(pieces);
  const rests = [
    {
      stream: "stdout",
      loaded: [
        { text: "1", place: 2 },
        { text: "2", place: 3 },
      ],
    },
    { stream: "stderr", loaded: [{ text: "3", place: 3 }] },
  ] as const;
  expect(withLoaded(pieces, [...rests])).toEqual([out("a"), err("b"), out("1"), out("2"), err("3")]);
  const more = [...pieces, err("c"), err("d")];
  expect(withLoaded(more, [...rests])).toEqual([out("a"), err("b"), out("1"), err("c"), out("2"), err("3"), err("d")]);
});
