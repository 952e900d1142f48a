// Everybody on this node who holds things in the kernel: the instances and the static ones. What goes from one to
// another is never taken off on the way.

import type { Thing } from "../model.ts";
import { type Entry, openLedger } from "./ledger.ts";
import { keyOfThing } from "./things.ts";

/** Whose hands the ledger moves. */
export type Holder = {
  /** They are not in the kernel yet, as far as duet knows. */
  readonly put: (things: readonly Thing[]) => void;
  /** They were another holder's and are there. */
  readonly adopt: (things: readonly Thing[]) => void;
  readonly takeOff: (things: readonly Thing[]) => void;
  /**
   * Something was taken off beside all that it holds, which may have taken them along; or a route or rule with one of these
   * keys, with which what is like it may have gone.
   */
  readonly ensure: (keys?: ReadonlySet<string>) => void;
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
    for (const [holder, things] of byHolder(replaced)) holder.takeOff(things);
    for (const [holder, things] of byHolder(on)) holder.put(things);
    for (const [holder, things] of byHolder(moved)) holder.adopt(things);
    for (const [holder, things] of byHolder(off)) holder.takeOff(things);
    const gone = [...replaced, ...off];
    for (const holder of byHolder(gone).keys()) holder.ensure();
    const keys = new Set(
      gone.flatMap(({ thing }) => (thing.kind === "address" ? [] : [keyOfThing(thing)])),
    );
    if (keys.size > 0) for (const holder of all) holder.ensure(keys);
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
function byHolder(entries: readonly Entry<Holder>[]): ReadonlyMap<Holder, readonly Thing[]> {
  const things = new Map<Holder, Thing[]>();
  for (const { holder, thing } of entries) {
    const own = things.get(holder);
    if (own === undefined) things.set(holder, [thing]);
    else own.push(thing);
  }
  return things;
}
