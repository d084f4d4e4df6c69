import type { LiveSource } from "@/api/live-source";

/** Stands for `LiveSource`: the test is the server. */
export class FakeSource implements Pick<LiveSource, keyof LiveSource> {
  static readonly all: FakeSource[] = [];
  onopen = (): void => {};
  onevent: LiveSource["onevent"] = () => {};
  onerror = (): void => {};
  isClosed = false;
  constructor(readonly url: string) {
    FakeSource.all.push(this);
  }
  close() {
    this.isClosed = true;
  }
  emit(type: string, data: unknown) {
    if (!this.isClosed) this.onevent(type, JSON.stringify(data));
  }
}
