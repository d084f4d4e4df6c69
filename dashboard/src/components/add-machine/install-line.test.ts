import { expect, it } from "vitest";
import { keyRequest, linuxInstallLine, reachOf } from "./install-line";

it("is one line for a shell", () => {
  expect(linuxInstallLine("https://rmm.example.com", "grmm_site_x")).toBe(
    "curl -fsSL https://rmm.example.com/install.sh | sudo sh -s -- --server https://rmm.example.com --site-key grmm_site_x",
  );
});

it("accepts a plain connection only when told to", () => {
  expect(linuxInstallLine("http://192.0.2.5:3001", "grmm_site_x", true)).toBe(
    "curl -fsSL http://192.0.2.5:3001/install.sh | sudo sh -s -- --server http://192.0.2.5:3001 --allow-insecure --site-key grmm_site_x",
  );
});

it("tells how far the address of the server reaches", () => {
  for (const here of ["http://localhost:3001", "http://127.0.0.1:3001", "http://[::1]:3001", "https://localhost"]) {
    expect(reachOf(here)).toBe("here");
  }
  for (const plain of ["http://192.0.2.5:3001", "http://rmm.example.com/rmm", "http://127.example.com"]) {
    expect(reachOf(plain)).toBe("in_the_clear");
  }
  expect(reachOf("https://rmm.example.com")).toBe("everywhere");
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
