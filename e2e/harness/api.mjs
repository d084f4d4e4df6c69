/** The HTTP interface, for bringing about what a test looks at and for knowing what the page ought to show. */
import { generateKeyPairSync, randomUUID } from "node:crypto";

export class ApiFailure extends Error {
  /** @param {string} request @param {number} status @param {any} problem */
  constructor(request, status, problem) {
    super(`${request} answered ${status} ${JSON.stringify(problem)}`);
    this.status = status;
    this.code = problem?.code;
  }
}

export class Api {
  /** @param {string} origin @param {string} [token] */
  constructor(origin, token) {
    this.origin = origin;
    this.token = token;
  }

  /** @param {string} method @param {string} path @param {unknown} [body] @returns {Promise<any>} */
  async call(method, path, body) {
    const response = await fetch(`${this.origin}/api${path}`, {
      method,
      headers: {
        ...(this.token ? { authorization: `Bearer ${this.token}` } : {}),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const answer = text ? JSON.parse(text) : undefined;
    if (!response.ok) throw new ApiFailure(`${method} ${path}`, response.status, answer);
    return answer;
  }

  /** @param {string} path */
  get(path) {
    return this.call("GET", path);
  }

  /** @param {string} path @param {unknown} [body] */
  post(path, body) {
    return this.call("POST", path, body);
  }

  /** Every row of a list. @param {string} path */
  async all(path) {
    const rows = [];
    let after = "";
    do {
      const page = await this.get(`${path}${path.includes("?") ? "&" : "?"}limit=200${after}`);
      rows.push(...page.items);
      after = page.next ? `&after=${encodeURIComponent(page.next)}` : "";
    } while (after);
    return rows;
  }

  /**
   * Enrols a machine that exists nowhere: a row in every list, never online.
   * @param {string} siteKey @param {{ hostname: string, os: "linux" | "windows" | "macos", os_name: string, os_version: string }} facts
   */
  enrollRow(siteKey, facts) {
    const { publicKey } = generateKeyPairSync("ed25519");
    const raw = Buffer.from(publicKey.export({ format: "jwk" }).x ?? "", "base64url");
    return this.post("/enroll", {
      site_key: siteKey,
      device_id: randomUUID(),
      public_key: raw.toString("base64"),
      facts: { ...facts, kernel_version: null, arch: "x86_64", agent_version: "0.1.0", capabilities: [] },
    });
  }
}
