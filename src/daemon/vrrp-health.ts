// Once a second: what is wrong that no state shows. Whatever strangers do, it is told at this pace.

import type { DegradedKind } from "../control/degraded.ts";
import type { Clock } from "../lib/clock.ts";
import type { DegradedBook } from "./degraded-book.ts";
import { heldVips } from "./vrrp-holding.ts";
import type { Instance } from "./vrrp-instance.ts";
import type { Wrong } from "./vrrp-instance-health.ts";
import { otherStatus, otherText } from "./vrrp-other-text.ts";
import type { Unknown } from "./vrrp-unknown.ts";

/** Judged here, and by nobody else. */
const KINDS: readonly DegradedKind[] = ["not_held", "other_master", "address_list", "other_router"];
const LOOK_EVERY_MS = 1000;

type WrongOf = Wrong & { readonly subject: string };

export type Health = {
  /** To be called at least as often as it looks. */
  readonly look: () => void;
};

export function openHealth(parts: {
  readonly clock: Clock;
  readonly degraded: DegradedBook;
  readonly instances: ReadonlyMap<string, Instance>;
  readonly unknown: Pick<Unknown, "others">;
}): Health {
  const { clock, degraded, instances, unknown } = parts;
  let lookAtMs = -Infinity;

  function wrongs(nowMs: number): readonly WrongOf[] {
    const own = Array.from(instances, ([subject, instance]) =>
      instance.wrongs().map((wrong): WrongOf => ({ subject, ...wrong })),
    );
    return [...own.flat(), ...otherRouters(nowMs)];
  }

  /** Routers with an address of ours and a number of their own. */
  function otherRouters(nowMs: number): readonly WrongOf[] {
    return unknown.others.lasting(nowMs).flatMap((other) => {
      const theirs = otherStatus(other, nowMs);
      const told = new Set(theirs.virtual_addresses);
      return Array.from(instances.values(), (instance) => instance.config())
        .filter((config) => heldVips(config).some(({ address }) => told.has(address)))
        .map((config): WrongOf => {
          const subject = config.vrrp.name;
          return { kind: "other_router", subject, text: otherText(theirs, config) };
        });
    });
  }

  return {
    look() {
      const nowMs = clock.nowMs();
      if (nowMs < lookAtMs) return;
      lookAtMs = nowMs + LOOK_EVERY_MS;
      const all = wrongs(nowMs);
      for (const kind of KINDS) {
        const texts = new Map<string, string>();
        for (const each of all) {
          if (each.kind !== kind) continue;
          const before = texts.get(each.subject);
          texts.set(each.subject, before === undefined ? each.text : `${before}; ${each.text}`);
        }
        degraded.setAll(kind, texts);
      }
    },
  };
}
