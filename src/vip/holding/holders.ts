// Everybody on this node who holds things in the kernel: the instances and the static ones. What goes from one to
// another is never taken off on the way.

import type { Thing } from "../model.ts";
import { type Entry, openLedger } from "./ledger.ts";
import { keyOfThing } from "./things.ts";

export type Holder = {
  /** They are not in the kernel yet, as far as duet knows. */
  readonly putOn: (things: readonly Thing[]) => void;
  /** They were another holder's and are there. */
  readonly adopt: (things: readonly Thing[]) => void;
  readonly takeOff: (things: readonly Thing[]) => void;
  /** Something was taken off beside them, which may have taken them along. */
  readonly ensure: () => void;
  /** A route or rule with one of these keys was taken off, and what is like it may have gone with it. */
  readonly ensureLike: (keys: ReadonlySet<string>) => void;
};

export type Holders = {
  /** What it holds from now on: done at once, or at the end of `together`. */
  readonly set: (holder: Holder, things: readonly Thing[]) => void;
  /** What several holders change is one change: new things first, then off with the old ones. */
  readonly together: <T>(change: () => T) => T;
};

export function openHolders(): Holders {
  const ledger = openLedger<Holder>();
  const all = new Set<Holder>();
  let isTogether = false;

  function settle(): void {
    const { replaced, on, moved, off } = ledger.settle();
    each(replaced, (holder, things) => holder.takeOff(things));
    each(on, (holder, things) => holder.putOn(things));
    each(moved, (holder, things) => holder.adopt(things));
    each(off, (holder, things) => holder.takeOff(things));
    const gone = [...replaced, ...off];
    for (const holder of new Set(gone.map((entry) => entry.holder))) holder.ensure();
    const keys = new Set(
      gone.flatMap(({ thing }) => (thing.kind === "address" ? [] : [keyOfThing(thing)])),
    );
    if (keys.size > 0) for (const holder of all) holder.ensureLike(keys);
  }

  return {
    set(holder, things) {
      ledger.set(holder, things);
      if (things.length > 0) all.add(holder);
      else all.delete(holder);
      if (!isTogether) settle();
    },
    together(change) {
      isTogether = true;
      try {
        return change();
      } finally {
        isTogether = false;
        settle();
      }
    },
  };
}

/** All of one holder at once, in their order. */
function each(
  entries: readonly Entry<Holder>[],
  act: (holder: Holder, things: readonly Thing[]) => void,
): void {
  const byHolder = new Map<Holder, Thing[]>();
  for (const { holder, thing } of entries) {
    const own = byHolder.get(holder);
    if (own === undefined) byHolder.set(holder, [thing]);
    else own.push(thing);
  }
  for (const [holder, things] of byHolder) act(holder, things);
}
