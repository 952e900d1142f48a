// Who wants what in the kernel, over everybody on this node who holds things. A thing that leaves one holder while
// another wants it stays where it is. No input or output of its own.

import type { Thing } from "../model.ts";
import { identityOf, placeOf } from "./things.ts";

export type Entry<Holder> = { readonly holder: Holder; readonly thing: Thing };

/** To be carried out in this order. */
export type Settlement<Holder> = {
  /** Makes room for something of `on` in the same place. */
  readonly replaced: readonly Entry<Holder>[];
  readonly on: readonly Entry<Holder>[];
  /** There already, now this holder's. */
  readonly moved: readonly Entry<Holder>[];
  readonly off: readonly Entry<Holder>[];
};

export type Ledger<Holder> = {
  /** All that this holder wants from now on. */
  readonly set: (holder: Holder, things: readonly Thing[]) => void;
  /** What has to happen since the last time. */
  readonly settle: () => Settlement<Holder>;
};

export function openLedger<Holder extends object>(): Ledger<Holder> {
  const wantedBy = new Map<Holder, ReadonlyMap<string, Thing>>();
  /** Of several who want the same place, the last one has it. */
  const claims = new Map<string, readonly Entry<Holder>[]>();
  const before = new Map<string, Entry<Holder> | undefined>();

  function claim(place: string, holder: Holder, thing: Thing | undefined): void {
    const old = claims.get(place) ?? [];
    if (!before.has(place)) before.set(place, old.at(-1));
    const next =
      thing === undefined
        ? old.filter((each) => each.holder !== holder)
        : old.some((each) => each.holder === holder)
          ? old.map((each) => (each.holder === holder ? { holder, thing } : each))
          : [...old, { holder, thing }];
    if (next.length === 0) claims.delete(place);
    else claims.set(place, next);
  }

  return {
    set(holder, things) {
      const old = wantedBy.get(holder) ?? new Map<string, Thing>();
      const next = new Map(things.map((thing) => [placeOf(thing), thing]));
      for (const place of old.keys()) if (!next.has(place)) claim(place, holder, undefined);
      for (const [place, thing] of next) claim(place, holder, thing);
      if (next.size === 0) wantedBy.delete(holder);
      else wantedBy.set(holder, next);
    },
    settle() {
      const replaced: Entry<Holder>[] = [];
      const on: Entry<Holder>[] = [];
      const moved: Entry<Holder>[] = [];
      const off: Entry<Holder>[] = [];
      for (const [place, was] of before) {
        const now = claims.get(place)?.at(-1);
        if (was === undefined || now === undefined) {
          if (was !== undefined) off.push(was);
          if (now !== undefined) on.push(now);
        } else if (identityOf(was.thing) !== identityOf(now.thing)) {
          replaced.push(was);
          on.push(now);
        } else if (was.holder !== now.holder) moved.push(now);
      }
      before.clear();
      return { replaced, on, moved, off };
    },
  };
}
