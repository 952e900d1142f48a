// Whether the adverts of one instance leave this machine: what its election is told of that, and what an operator.

import type { Clock } from "../../lib/clock.ts";
import type { Input } from "../../vrrp/states.ts";

/** What the election has to know of an advert: that it did not leave this machine, or again does. */
export type Sent = (Input & { readonly type: "sent" | "unsent" }) | undefined;

export type Leaving = {
  readonly failed: (cause: string) => void;
  /** An advert was sent to all it is for, of whom so many were to be had. */
  readonly done: (leftFor: number) => Sent;
  /** Why adverts do not leave, and how many did not; null = the last ones did. */
  readonly unsent: () => string | null;
};

/** A full queue (ENOBUFS) may lose one. */
const UNSENT_MIN = 2;

export function openLeaving(clock: Clock): Leaving {
  let failed = 0;
  let failedBefore = 0;
  let cause = "";
  let leftMs = -Infinity;
  let isMute = false;
  return {
    failed(text) {
      failed += 1;
      cause = text;
    },
    done(leftFor) {
      const nowMs = clock.nowMs();
      if (failed === failedBefore) failed = 0;
      failedBefore = failed;
      const wasMute = isMute;
      // To one of many peers is enough to be heard.
      isMute = leftFor === 0;
      if (isMute) return { type: "unsent", nowMs, leftMs };
      leftMs = nowMs;
      return wasMute ? { type: "sent", nowMs } : undefined;
    },
    unsent: () =>
      failed < UNSENT_MIN
        ? null
        : `the last ${failed} adverts did not leave, so the others take over: ${cause}`,
  };
}
