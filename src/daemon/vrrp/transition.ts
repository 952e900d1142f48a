// What is told of a transition and of a change of priority: who the other node is, why our priority is what it is, what is wrong.

import type { Event, FaultTold, PeerTold } from "../../control/events.ts";
import { wallTime } from "../../lib/clock.ts";
import type { FaultCause, StateName } from "../../vrrp/model.ts";
import { priorityWhy } from "../../vrrp/priority.ts";
import type { Action, Master } from "../../vrrp/states.ts";
import type { Tracking } from "./tracking.ts";

export type Moved = Action & { readonly type: "transition" };

type InstanceEvent = Event & { readonly kind: "instance_state" };

export type TransitionTold = {
  readonly level: "info" | "warn";
  readonly fields: Readonly<Record<string, unknown>>;
  readonly event: InstanceEvent;
};

export function transitionTold(about: {
  readonly moved: Moved;
  readonly instance: string;
  readonly at: string;
  readonly nowMs: number;
  readonly basePriority: number;
  readonly priority: number;
  readonly tracking: Tracking;
  readonly faults: readonly FaultCause[];
  /** Who was heard last; null = nobody. */
  readonly heard: Master | null;
  /** What INIT is called outside. */
  readonly lastWord: "STOP" | "DELETED";
}): TransitionTold {
  const { moved, instance, at, nowMs, basePriority, priority, tracking } = about;
  const { from, to, cause } = moved;
  const peer = peerTold(moved.peer ?? about.heard, nowMs);
  const priority_why = priorityWhy(basePriority, tracking.parts);
  const faults = to === "FAULT" ? faultsTold(about.faults, tracking) : [];
  return {
    level: to === "FAULT" ? "warn" : "info",
    fields: {
      from,
      to,
      cause,
      priority,
      priority_why,
      ...(peer === null
        ? { peer: null }
        : {
            peer: peer.address,
            peer_priority: peer.priority,
            peer_heard_ms_ago: peer.heard_ms_ago,
          }),
      ...(to === "FAULT" ? { faults } : {}),
    },
    event: {
      kind: "instance_state",
      at,
      instance,
      from,
      to: to === "INIT" ? about.lastWord : to,
      cause: to === "FAULT" ? about.faults.join(",") : cause,
      priority,
      base_priority: basePriority,
      priority_why,
      priority_parts: tracking.parts,
      peer,
      faults,
    },
  };
}

export function priorityTold(
  instance: string,
  state: StateName,
  from: number,
  to: number,
): Event & { readonly kind: "priority" } {
  return { kind: "priority", at: wallTime(), instance, state, from, to };
}

/** With what the watchers say of it. */
export function faultsTold(
  faults: readonly FaultCause[],
  { details }: Pick<Tracking, "details">,
): readonly FaultTold[] {
  return faults.map((cause) => {
    const { detail = null, since = null } = details.get(cause) ?? {};
    return { cause, detail, since };
  });
}

/** "FAULT: interface_down, track_script:chk (exit status 1)" */
export function faultText(faults: readonly FaultTold[]): string {
  const texts = faults.map(({ cause, detail }) =>
    detail === null ? cause : `${cause} (${detail})`,
  );
  return `FAULT: ${texts.join(", ")}`;
}

function peerTold(peer: Master | null, nowMs: number): PeerTold | null {
  if (peer === null) return null;
  const { address, priority, heardMs } = peer;
  return { address, priority, heard_ms_ago: Math.max(0, Math.round(nowMs - heardMs)) };
}
