// An AbortSignal as far as it is used here, and one that costs nothing: those of Node are event targets with weak
// references, which thousands a second are felt by the garbage collector.

export type Abort = {
  readonly aborted: boolean;
  addEventListener(type: "abort", listener: () => void): void;
  removeEventListener(type: "abort", listener: () => void): void;
};

export class AbortFlag implements Abort {
  aborted = false;
  #listeners: readonly (() => void)[] = [];

  addEventListener(_type: "abort", listener: () => void): void {
    this.#listeners = [...this.#listeners, listener];
  }

  removeEventListener(_type: "abort", listener: () => void): void {
    this.#listeners = this.#listeners.filter((each) => each !== listener);
  }

  /** The listeners run at once; a second time nothing happens. */
  abort(): void {
    if (this.aborted) return;
    this.aborted = true;
    for (const listener of this.#listeners) listener();
  }
}
