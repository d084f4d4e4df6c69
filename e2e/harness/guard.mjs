/**
 * What a page must never do, recorded from its first moment on: speak on the console, throw, fail a request, or ask any
 * other host than the server. What a test provokes on purpose it names beforehand.
 */

/** Leaving a page ends its live stream and the requests it no longer needs. */
const ABORTED = "net::ERR_ABORTED";
/** What the browser says of a server that is not there, or that went away in the middle of an answer. */
const AWAY =
  /net::ERR_(CONNECTION_REFUSED|CONNECTION_RESET|CONNECTION_CLOSED|EMPTY_RESPONSE|INCOMPLETE_CHUNKED_ENCODING|INTERNET_DISCONNECTED|NETWORK_CHANGED|SOCKET_NOT_CONNECTED)/;

export class Guard {
  /** @type {string[]} */
  #faults = [];
  /** @type {{ status: number, path: RegExp, seen: boolean }[]} */
  #expected = [];
  #requests = 0;
  #mayBeAway = false;
  #wasAway = false;

  /** @param {import("playwright-core").BrowserContext} context @param {string} origin */
  constructor(context, origin) {
    this.hosts = [new URL(origin).host];
    context.on("console", (message) => this.#onConsole(message));
    context.on("weberror", (error) => this.#faults.push(`uncaught: ${error.error().stack ?? error.error().message}`));
    context.on("request", (request) => this.#onRequest(request.url()));
    context.on("requestfailed", (request) => {
      const reason = request.failure()?.errorText ?? "";
      if (reason !== ABORTED && !this.#isAway(reason))
        this.#faults.push(`failed: ${request.method()} ${request.url()} (${reason})`);
    });
    context.on("response", (response) => {
      if (response.status() < 400) return;
      const expected = this.#expectedFor(response.status(), response.url());
      if (expected) expected.seen = true;
      else this.#faults.push(`${response.status()}: ${response.request().method()} ${response.url()}`);
    });
  }

  /** The test makes the server refuse this. @param {number} status @param {RegExp} path */
  expect(status, path) {
    this.#expected.push({ status, path, seen: false });
  }

  /** Another way to the same server. @param {string} origin */
  allow(origin) {
    this.hosts.push(new URL(origin).host);
  }

  /**
   * During `act` the test takes the server or the network away, and brings it back: the pages must notice.
   * @param {() => Promise<void>} act
   */
  async outage(act) {
    this.#mayBeAway = true;
    this.#wasAway = false;
    await act();
    this.#mayBeAway = false;
    if (!this.#wasAway) this.#faults.push("the pages did not notice that the server was away");
  }

  /** @param {string} text */
  #isAway(text) {
    if (!this.#mayBeAway || !AWAY.test(text)) return false;
    this.#wasAway = true;
    return true;
  }

  /** @param {number} status @param {string} url */
  #expectedFor(status, url) {
    const { pathname } = new URL(url);
    return this.#expected.find((entry) => entry.status === status && entry.path.test(pathname));
  }

  /** @param {string} url */
  #onRequest(url) {
    this.#requests += 1;
    const { protocol, host } = new URL(url);
    if (protocol === "blob:" || protocol === "data:") return;
    if (!this.hosts.includes(host)) this.#faults.push(`asked another host: ${url}`);
  }

  /** @param {import("playwright-core").ConsoleMessage} message */
  #onConsole(message) {
    if (message.type() !== "error" && message.type() !== "warning") return;
    // The browser itself writes down each refused request; whether it was expected is judged by the response.
    const status = /the server responded with a status of (\d+)/.exec(message.text())?.[1];
    if (status && this.#expectedFor(Number(status), message.location().url)) return;
    if (this.#isAway(message.text())) return;
    this.#faults.push(`console ${message.type()}: ${message.text()} (${message.location().url})`);
  }

  /** Fails when the pages did anything they must not, or did not do what the test expected them to. */
  check() {
    const missing = this.#expected
      .filter((entry) => !entry.seen)
      .map((entry) => `no ${entry.status} from ${entry.path}`);
    const faults = [...this.#faults, ...missing];
    if (this.#requests === 0) faults.push("the pages asked for nothing at all");
    if (faults.length > 0) throw new Error(`the browser was not clean:\n  ${faults.join("\n  ")}`);
  }
}
