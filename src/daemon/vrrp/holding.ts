// What one master holds in the kernel: virtual addresses under a lease, routes and rules, and the announcements that
// the addresses are here.

import type { VrrpInstanceConfig } from "../../config/model.ts";
import type { NotHeldStatus } from "../../control/status.ts";
import { drive } from "../../lib/drive.ts";
import * as announce from "../../vip/announce.ts";
import { type Kept, type KeptParts, openKept, type Wanted } from "../../vip/holding/kept.ts";
import { leaseSOf } from "../../vip/holding/lease.ts";
import { promotePath } from "../../vip/holding/secondaries.ts";
import { nameOf, thingsOf } from "../../vip/holding/things.ts";
import type { Thing, Vip } from "../../vip/model.ts";
import type { DegradedBook } from "../process/degraded-book.ts";
import type { Announcer } from "./announcer.ts";
import type { Firewall } from "./firewall.ts";
import { type Ability, type NotHeld, openNotHeld } from "./not-held.ts";

export type HoldingParts = KeptParts & {
  readonly ability: Ability;
  readonly announcer: Announcer;
  readonly firewall: Pick<Firewall, "deny">;
  readonly degraded: DegradedBook;
};

export type Holding = {
  /** Puts the virtual addresses on and keeps them there; false = there are some, and none of them could be put on. */
  readonly hold: () => boolean;
  /** Looks whether this machine could hold them; true = that has changed. */
  readonly look: () => boolean;
  readonly faults: NotHeld["faults"];
  readonly notHeld: () => readonly NotHeldStatus[];
  readonly release: () => undefined;
  /** Starts the schedule of gratuitous ARP, or starts it again. */
  readonly announce: (why: announce.AnnounceWhy) => undefined;
  /** Says nothing any more, and keeps what it holds. */
  readonly hush: () => undefined;
  /** Its own address, for peers whose caches may be old: once, as keepalived does when a unicast instance leaves FAULT. */
  readonly announceOwn: (address: string | undefined) => void;
  /** What is configured, without what is the machine's own. */
  readonly removable: () => readonly Thing[];
  /** Another configuration; what is held changes by the difference. */
  readonly reconfigure: (config: VrrpInstanceConfig) => void;
  /** Somebody removed something: ours is put back. */
  readonly gone: Kept["gone"];
  /** Routes and rules may have gone unheard. */
  readonly lookAgain: () => void;
  readonly linksChanged: Kept["linksChanged"];
  readonly close: () => void;
};

export function openHolding(first: VrrpInstanceConfig, parts: HoldingParts): Holding {
  const { clock, announcer } = parts;
  /** Whoever needs settings of the kernel. */
  const self = {};
  let config = first;
  let held = false;

  const notHeld = openNotHeld(parts);

  const announcing = drive({
    engine: announce,
    config: config.announce,
    state: announce.QUIET,
    clock,
    timerInput: (nowMs): announce.AnnounceInput => ({ type: "timer", nowMs }),
    perform: ({ type, count }: announce.AnnounceAction): undefined =>
      send(count, type === "extra" ? quietVips(config) : heldVips(config)),
  });
  const kept = openKept(parts, "virtual", {
    onBack(back) {
      const vips = back.flatMap((thing) => (thing.kind === "address" ? [thing.vip] : []));
      send(config.announce.repeat, vips);
    },
    onMore(more) {
      if (!more.some(({ kind }) => kind === "address")) return;
      announcing.give({ type: "start", why: "new-master", nowMs: clock.nowMs() });
    },
  });

  function send(count: number, vips: readonly Vip[]): undefined {
    const failed = new Set(kept.failed().map(({ thing }) => nameOf(thing)));
    const there = failed.size === 0 ? vips : vips.filter(({ address }) => !failed.has(address));
    announcer.announce(config.vrrp.name, there, count);
  }

  function hush(): undefined {
    announcing.give({ type: "stop" });
    announcer.drop(config.vrrp.name);
  }

  function promoteSecondaries(): void {
    if (config.holds.promoteSecondaries)
      parts.sysctls.need(self, promotePath(config.vrrp.interface), "1");
    else parts.sysctls.release(self);
  }

  function deny(): void {
    parts.firewall.deny(self, config.holds.accept ? [] : heldVips(config));
  }

  function failures(): readonly NotHeldStatus[] {
    return kept.failed().map(({ thing, cause }) => ({ what: nameOf(thing), cause }));
  }

  return {
    hold() {
      held = true;
      deny();
      kept.putOn(wantedBy(config));
      promoteSecondaries();
      const vips = heldVips(config);
      const off = kept.failed().filter(({ thing }) => thing.kind === "address");
      const isNone = vips.length > 0 && off.length === vips.length;
      notHeld.tried(isNone ? failures() : null);
      return !isNone;
    },
    look: () => notHeld.look(config, heldVips(config)),
    faults: notHeld.faults,
    notHeld: () => (held ? failures() : notHeld.list()),
    release() {
      held = false;
      hush();
      kept.takeOff();
      parts.firewall.deny(self, []);
      parts.sysctls.release(self);
    },
    announce(why) {
      announcing.give({ type: "start", why, nowMs: clock.nowMs() });
    },
    hush,
    announceOwn(address) {
      if (address === undefined || config.way.peers.length === 0) return;
      const own = { address, interface: config.vrrp.interface, prefixLength: 32 };
      send(1, [{ ...own, scope: "global", label: null, broadcast: null }]);
    },
    removable: () => kept.ours(wantedBy(config).things),
    reconfigure(next) {
      const stay = new Set(heldVips(next).map(({ address }) => address));
      // What waits to be announced may be ours no more.
      const renamed = config.vrrp.name !== next.vrrp.name;
      if (renamed || heldVips(config).some(({ address }) => !stay.has(address))) {
        announcer.drop(config.vrrp.name);
      }
      config = next;
      announcing.reconfigure(next.announce);
      // Rules come before the addresses, and go after them.
      if (held && !config.holds.accept) deny();
      kept.change(wantedBy(config));
      if (!held) return;
      deny();
      promoteSecondaries();
    },
    gone: kept.gone,
    lookAgain: kept.lookAgain,
    linksChanged: kept.linksChanged,
    close: () => announcing.stop(),
  };
}

/** The addresses that are held, told in adverts or not. */
export function heldVips({ vips, holds }: VrrpInstanceConfig): readonly Vip[] {
  return [...vips, ...holds.excluded];
}

/** Those on interfaces by which no adverts leave: garp_extra_if is for them. */
export function quietVips(config: VrrpInstanceConfig): readonly Vip[] {
  const { link, announce: how, vrrp } = config;
  const speaking = link === null || link.xmitBase ? vrrp.interface : link.name;
  return heldVips(config).filter(
    ({ interface: device }) => device !== speaking && (how.extraAll || device === link?.name),
  );
}

function wantedBy(config: VrrpInstanceConfig): Wanted {
  const { routes, rules } = config.holds;
  return {
    things: thingsOf({ vips: heldVips(config), routes, rules }),
    leaseS: leaseSOf(config.vrrp.advertIntervalMs),
  };
}
