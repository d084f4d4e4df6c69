import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { afterEach, expect, it, vi } from "vitest";
import { queryClient } from "@/api/client";
import { fakeServer } from "@/test/fake-server";
import { openPage } from "@/test/open-page";
import { FieldNarrowing, TagFilter } from "./tag-filter";

afterEach(() => queryClient.clear());

const TAGS = [
  { tag: "Render farm", agent_count: 3 },
  { tag: "web", agent_count: 1 },
];

function Example({ onValue }: { onValue: (value: string | undefined) => void }) {
  const [value, setValue] = useState<string>();
  return (
    <TagFilter
      value={value}
      onValue={(next) => {
        onValue(next);
        setValue(next);
      }}
    />
  );
}

function open(items: object[]) {
  const onValue = vi.fn();
  fakeServer(() => ({ body: { items } }));
  openPage({ path: "/machines", component: () => <Example onValue={onValue} /> }, "/machines");
  return onValue;
}

it("chooses one tag after the other, and takes each away again", async () => {
  const onValue = open(TAGS);
  for (const name of [/^Render farm/, /^web/]) {
    await userEvent.click(await screen.findByRole("combobox", { name: "Tag" }));
    await userEvent.click(await screen.findByRole("option", { name }));
  }
  expect(onValue.mock.calls).toEqual([["Render farm"], ["Render farm,web"]]);
  await userEvent.click(screen.getByRole("combobox", { name: "Tag" }));
  expect(await screen.findByText("There is no other tag.")).toBeTruthy();
  await userEvent.keyboard("{Escape}");
  await userEvent.click(screen.getByRole("button", { name: "Remove the filter: Tag: Render farm" }));
  await userEvent.click(screen.getByRole("button", { name: "Remove the filter: Tag: web" }));
  expect(onValue.mock.calls.slice(2)).toEqual([["web"], [undefined]]);
});

it("says how a first tag is made", async () => {
  open([]);
  await userEvent.click(await screen.findByRole("combobox", { name: "Tag" }));
  expect(await screen.findByText("No machine has a tag yet. Select machines to tag them.")).toBeTruthy();
});

it("names the field and the value that the list was narrowed to", async () => {
  fakeServer(() => ({ body: { items: [{ id: "f", name: "Leased", kind: "checkbox", choices: [] }] } }));
  const onRemove = vi.fn();
  openPage({ path: "/machines", component: () => <FieldNarrowing value="f:true" onRemove={onRemove} /> }, "/machines");
  await userEvent.click(await screen.findByRole("button", { name: "Remove the filter: Leased: Yes" }));
  expect(onRemove).toHaveBeenCalledOnce();
});
