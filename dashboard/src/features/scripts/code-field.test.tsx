import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { expect, it } from "vitest";
import { CodeField } from "./code-field";

function Page() {
  const [value, setValue] = useState("df -h\n");
  return (
    <>
      <CodeField label="Text" value={value} onValue={setValue} language="shell" />
      <output>{value}</output>
      <button type="button" onClick={() => setValue("uptime\n")}>
        Another
      </button>
    </>
  );
}

it("begins as a plain field and becomes the editor with what was written meanwhile", async () => {
  const { container } = render(<Page />);
  const plain = screen.getByRole("textbox", { name: "Text" });
  expect(plain.tagName).toBe("TEXTAREA");
  await userEvent.type(plain, "x");
  await waitFor(() => expect(container.querySelector(".cm-content")).toBeTruthy());
  const editor = screen.getByRole("textbox", { name: "Text" });
  expect(editor.className).toContain("cm-content");
  expect(editor.textContent).toContain("x");
  expect(screen.getByRole("status").textContent).toContain("x");
  await userEvent.click(screen.getByRole("button", { name: "Another" }));
  expect(editor.textContent).toBe("uptime");
});
