import { expect, it } from "vitest";
import { keyRequest, linuxInstallLine } from "./install-line";

it("is one line for a shell", () => {
  expect(linuxInstallLine("https://rmm.example.com", "grmm_site_x")).toBe(
    "curl -fsSL https://rmm.example.com/install.sh | sudo sh -s -- --server https://rmm.example.com --site-key grmm_site_x",
  );
});

it("asks for no limit as null, and for an end as a time", () => {
  const now = Date.parse("2026-01-01T00:00:00Z");
  expect(keyRequest("s", { name: " n ", uses: "", lifetime: "" }, now)).toEqual({
    site_id: "s",
    name: "n",
    max_uses: null,
    expires_at: null,
  });
  expect(keyRequest("s", { name: "n", uses: "1", lifetime: "86400" }, now)).toMatchObject({
    max_uses: 1,
    expires_at: "2026-01-02T00:00:00.000Z",
  });
});
