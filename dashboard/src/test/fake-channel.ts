type Message = { data: unknown };

/** Stands for `BroadcastChannel`: the tabs of one browser hear each other at once, unless one is frozen. */
export class FakeChannel {
  static all: FakeChannel[] = [];
  onmessage: ((message: Message) => void) | null = null;
  /** What a frozen tab neither hears nor says yet. */
  private held: (() => void)[] | undefined;
  constructor(readonly name: string) {
    FakeChannel.all.push(this);
  }
  postMessage(data: unknown) {
    const others = FakeChannel.all.filter((other) => other !== this && other.name === this.name);
    this.act(() => {
      for (const other of others) other.act(() => other.onmessage?.({ data }));
    });
  }
  close() {
    FakeChannel.all = FakeChannel.all.filter((other) => other !== this);
    this.onmessage = null;
  }
  /** Returns the way to let it go on. */
  freeze() {
    this.held = [];
    return () => {
      const held = this.held ?? [];
      this.held = undefined;
      for (const act of held) act();
    };
  }
  private act(act: () => void) {
    if (this.held) this.held.push(act);
    else act();
  }
}
