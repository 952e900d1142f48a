// Once a second: what is wrong that no state shows. Whatever strangers do, it is told at this pace.

import type { DegradedKind } from "../../control/degraded.ts";
import type { Network } from "../../kernel/network.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Vip } from "../../vip/model.ts";
import { PRIORITY_OWNER } from "../../vrrp/model.ts";
import type { DegradedBook } from "../process/degraded-book.ts";
import { heldVips } from "./holding.ts";
import type { Instance } from "./instance.ts";
import type { Wrong } from "./instance-health.ts";
import { otherStatus, otherText } from "./other-text.ts";
import type { SecondOwners } from "./second-owner.ts";
import type { Unknown } from "./unknown.ts";

/** Judged here, and by nobody else. */
const KINDS: readonly DegradedKind[] = [
  "not_held",
  "adverts_not_sent",
  "vip_on_backup",
  "setting_refused",
  "other_master",
  "address_list",
  "other_router",
  "second_address_owner",
];
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
  readonly secondOwners: Pick<SecondOwners, "texts">;
  readonly network: Pick<Network, "link" | "addressesOf">;
}): Health {
  const { clock, degraded, instances, unknown, secondOwners, network } = parts;
  /** Seen at the last look: what is about to go with the mastership is there for a moment. */
  let present: ReadonlySet<string> = new Set();
  let lookAtMs = -Infinity;

  function wrongs(nowMs: number): readonly WrongOf[] {
    const own = Array.from(instances, ([subject, instance]) =>
      instance.wrongs().map((wrong): WrongOf => ({ subject, ...wrong })),
    );
    const second = secondOwners
      .texts(nowMs)
      .map((each): WrongOf => ({ kind: "second_address_owner", ...each }));
    for (const { subject } of second) instances.get(subject)?.port().hearOwner();
    return [...own.flat(), ...strayAddresses(), ...otherRouters(nowMs), ...second];
  }

  /** Virtual addresses on a node that is not their master: clients may find it. What duet did not put there it does not remove. */
  function strayAddresses(): readonly WrongOf[] {
    const before = present;
    const found = Array.from(instances.values())
      .filter((each) => !each.isMaster() && each.config().vrrp.priority !== PRIORITY_OWNER)
      .flatMap((each) =>
        heldVips(each.config()).map((vip) => ({ vip, of: each.config().vrrp.name })),
      )
      .filter(({ vip }) => isThere(vip))
      .map(({ vip: { address, interface: device }, of }): WrongOf => {
        const text = `${address} is on ${device} although this node is not MASTER: ip address del it, or find out who put it there`;
        return { kind: "vip_on_backup", subject: of, text };
      });
    present = new Set(found.map(({ text }) => text));
    return found.filter(({ text }) => before.has(text));
  }

  function isThere({ address, interface: device }: Vip): boolean {
    const index = network.link(device)?.index;
    return (
      index !== undefined && network.addressesOf(index).some((each) => each.address === address)
    );
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
