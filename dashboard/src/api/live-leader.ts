/**
 * Which tab leads where a browser gives no web locks, as on plain HTTP. A tab asks who leads and leads itself when nobody
 * answers; of two that lead, the older stays. The leader speaks only when it is asked: a browser may let the timers of a
 * hidden tab run once a minute only, but hands it its messages at once.
 */
type Word = { kind: "who" } | { kind: "leader"; tab: string } | { kind: "gone" };

/** A tab that has just opened, or whose leader has said that it goes, waits only so long for an answer. */
const FIRST_ANSWER_MS = 250;
/** A leader that is frozen or was killed is replaced when it has not been heard for the sum of both. */
const QUIET_MS = 2000;
const ANSWER_MS = 3000;
/** Who acts first saves the others from it. */
const SPREAD_MS = 250;

/**
 * Takes part until the returned function is called; the older a tab, the smaller its name. `lead` may come again while
 * this tab leads: another led too, so events may have been missed. `follow` tells that it does not lead, or no longer.
 */
export function electLeader(tab: string, lead: () => void, follow: () => void): () => void {
  const channel = new BroadcastChannel("gururmm-live-leader-2");
  const say = (word: Word) => channel.postMessage(word);
  let role: "leader" | "follower" | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function later(delay: number, act: () => void): void {
    clearTimeout(timer);
    timer = setTimeout(act, delay + Math.random() * SPREAD_MS);
  }

  function ask(patience: number): void {
    later(patience, claim);
    say({ kind: "who" });
  }

  function join(): void {
    role = undefined;
    ask(FIRST_ANSWER_MS);
  }

  function claim(): void {
    role = "leader";
    lead();
    say({ kind: "leader", tab });
  }

  function hear(leader: string): void {
    if (role === "leader" && tab < leader) {
      claim();
      return;
    }
    later(QUIET_MS, () => ask(ANSWER_MS));
    if (role === "follower") return;
    role = "follower";
    follow();
  }

  function release(): void {
    const hasLed = role === "leader";
    role = undefined;
    clearTimeout(timer);
    if (hasLed) say({ kind: "gone" });
  }

  channel.onmessage = ({ data: word }: MessageEvent<Word>) => {
    if (word.kind === "who" && role === "leader") say({ kind: "leader", tab });
    if (word.kind === "leader") hear(word.tab);
    if (word.kind === "gone" && role !== "leader") join();
  };
  const hide = () => {
    const hasLed = role === "leader";
    release();
    if (hasLed) follow();
  };
  // A page that the browser has kept comes back as it was left.
  const show = (event: PageTransitionEvent) => event.persisted && join();
  window.addEventListener("pagehide", hide);
  window.addEventListener("pageshow", show);
  join();
  return () => {
    release();
    window.removeEventListener("pagehide", hide);
    window.removeEventListener("pageshow", show);
    channel.close();
  };
}
