import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { afterEach, expect, it } from "vitest";
import { queryClient } from "@/api/client";
import { fakeServer } from "@/test/fake-server";
import { Field } from "@/ui/field";
import { TagInput, withTyped } from "./tag-input";

afterEach(() => queryClient.clear());

function Example() {
  const [tags, setTags] = useState(["web"]);
  const [text, setText] = useState("");
  return (
    <Field label="Tags" hint={tags.join("|")}>
      {(control) => <TagInput control={control} tags={tags} onTags={setTags} text={text} onText={setText} />}
    </Field>
  );
}

it("is used with the keyboard alone", async () => {
  fakeServer(() => ({
    body: {
      items: [
        { tag: "Tier 1", agent_count: 2 },
        { tag: "Web", agent_count: 1 },
      ],
    },
  }));
  const { container } = render(
    <QueryClientProvider client={queryClient}>
      <Example />
    </QueryClientProvider>,
  );
  const input = screen.getByRole("combobox", { name: "Tags" });
  await userEvent.type(input, "db{Enter}WEB{Enter}tier 2,");
  expect(screen.getByText("web|db|tier 2")).toBeTruthy();
  await userEvent.type(input, "{Backspace}");
  expect(screen.getByText("web|db")).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Remove the tag web" }));
  expect(document.activeElement).toBe(input);
  expect(screen.getByText("db", { selector: "p" })).toBeTruthy();
  await userEvent.type(input, "t");
  const offered = [...container.querySelectorAll("option")].map((option) => option.value);
  expect(offered).toEqual(["Tier 1", "Web"]);
});

it("takes what was typed and not ended too", () => {
  expect(withTyped(["web"], " db , WEB,, x ")).toEqual(["web", "db", "x"]);
  expect(withTyped(["web"], " ")).toEqual(["web"]);
});
