// What one master holds in the kernel: virtual addresses under a lease, routes and rules, and the announcements that
// the addresses are here.

import type { VrrpInstanceConfig } from "../../config/model.ts";
import type { NotHeldStatus } from "../../control/status.ts";
import { type Drive, drive } from "../../lib/drive.ts";
import * as announce from "../../vip/announce.ts";
import type { OnThere, Wanted } from "../../vip/holding/hands.ts";
import { Keeper, type KeeperParts } from "../../vip/holding/keeper.ts";
import { CLEANER_S, leaseSOf } from "../../vip/holding/lease.ts";
import { promotePath } from "../../vip/holding/secondaries.ts";
import { type Gone, nameOf, thingsOf } from "../../vip/holding/things.ts";
import type { AnnounceConfig, Thing, Vip } from "../../vip/model.ts";
import type { FaultCause } from "../../vrrp/model.ts";
import type { Announcer } from "./announcer.ts";
import type { Firewall } from "./firewall.ts";
import { type Ability, type NotHeld, openNotHeld } from "./not-held.ts";

export type HoldingParts = KeeperParts & {
  readonly ability: Ability;
  readonly announcer: Announcer;
  readonly firewall: Pick<Firewall, "deny">;
  /** Of milliseconds: see leases.ts. */
  readonly leases: { readonly areKept: () => boolean };
};

export class Holding {
  readonly #parts: HoldingParts;
  readonly #keeper: Keeper;
  readonly #notHeld: NotHeld;
  readonly #announcing: Drive<AnnounceConfig, announce.AnnounceState, announce.AnnounceInput>;
  #config: VrrpInstanceConfig;
  #isHeld = false;

  constructor(config: VrrpInstanceConfig, parts: HoldingParts) {
    this.#config = config;
    this.#parts = parts;
    this.#notHeld = openNotHeld(parts);
    this.#keeper = new Keeper(parts, "virtual", (...there) => this.#areThere(...there));
    this.#announcing = drive({
      engine: announce,
      config: config.announce,
      state: announce.QUIET,
      clock: parts.clock,
      timerInput: (nowMs): announce.AnnounceInput => ({ type: "timer", nowMs }),
      perform: ({ type, count }: announce.AnnounceAction): undefined => {
        this.#send(count, type === "extra" ? quietVips(this.#config) : heldVips(this.#config));
      },
    });
  }

  /** Puts the virtual addresses on and keeps them there; false = there are some, and none of them could be put on. */
  hold(): boolean {
    this.#isHeld = true;
    this.#deny();
    this.#keeper.hold(this.#wanted());
    this.#promoteSecondaries();
    const vips = heldVips(this.#config);
    const off = this.#keeper.failed().filter(({ thing }) => thing.kind === "address");
    const isNone = vips.length > 0 && off.length === vips.length;
    this.#notHeld.tried(isNone ? this.#failures() : null);
    return !isNone;
  }

  release(): void {
    this.#isHeld = false;
    this.hush();
    this.#keeper.release();
    this.#parts.firewall.deny(this, []);
    this.#parts.sysctls.release(this);
  }

  /** Another configuration; what is held changes by the difference. */
  reconfigure(next: VrrpInstanceConfig): void {
    const before = this.#config;
    const stay = new Set(heldVips(next).map(({ address }) => address));
    const goes = heldVips(before).some(({ address }) => !stay.has(address));
    // What waits to be announced may be ours no more.
    if (before.vrrp.name !== next.vrrp.name || goes) this.#parts.announcer.drop(before.vrrp.name);
    this.#config = next;
    this.#announcing.reconfigure(next.announce);
    if (!this.#isHeld) return;
    // Rules come before the addresses, and go after them.
    if (!next.holds.accept) this.#deny();
    this.#keeper.hold(this.#wanted());
    this.#deny();
    this.#promoteSecondaries();
  }

  /** Leases of milliseconds are kept now, or no more. */
  leasesChanged(): void {
    if (this.#isHeld) this.#keeper.hold(this.#wanted());
  }

  /** Looks whether this machine could hold them; true = that has changed. */
  look(): boolean {
    return this.#notHeld.look(this.#config, heldVips(this.#config));
  }

  faults(): readonly FaultCause[] {
    return this.#notHeld.faults();
  }

  notHeld(): readonly NotHeldStatus[] {
    return this.#isHeld ? this.#failures() : this.#notHeld.list();
  }

  /** Starts the schedule of gratuitous ARP, or starts it again. */
  announce(why: announce.AnnounceWhy): void {
    this.#announcing.give({ type: "start", why, nowMs: this.#parts.clock.nowMs() });
  }

  /** Says nothing any more, and keeps what it holds. */
  hush(): void {
    this.#announcing.give({ type: "stop" });
    this.#parts.announcer.drop(this.#config.vrrp.name);
  }

  /** Its own address, for peers whose caches may be old: once, as keepalived does when a unicast instance leaves FAULT. */
  announceOwn(address: string | undefined): void {
    const { way, vrrp } = this.#config;
    if (address === undefined || way.peers.length === 0) return;
    const own = { address, interface: vrrp.interface, prefixLength: 32 };
    this.#send(1, [{ ...own, scope: "global", label: null, broadcast: null }]);
  }

  /** What is configured, without what is the machine's own. */
  removable(): readonly Thing[] {
    return this.#parts.machines.without(wantedBy(this.#config).things);
  }

  gone(gone: readonly Gone[]): void {
    this.#keeper.gone(gone);
  }

  lookAgain(): void {
    this.#keeper.lookAgain();
  }

  /** true = what is held is elsewhere now. */
  linksChanged(): boolean {
    return this.#keeper.linksChanged();
  }

  close(): void {
    this.#announcing.stop();
  }

  #areThere(...[things, why]: Parameters<OnThere>): void {
    const vips = things.flatMap((thing) => (thing.kind === "address" ? [thing.vip] : []));
    if (why === "back") this.#send(this.#config.announce.repeat, vips);
    else if (vips.length > 0) this.announce("new-master");
  }

  #send(count: number, vips: readonly Vip[]): void {
    const failed = new Set(this.#keeper.failed().map(({ thing }) => nameOf(thing)));
    const there = failed.size === 0 ? vips : vips.filter(({ address }) => !failed.has(address));
    this.#parts.announcer.announce(this.#config.vrrp.name, there, count);
  }

  #promoteSecondaries(): void {
    const { sysctls } = this.#parts;
    const { holds, vrrp } = this.#config;
    if (holds.promoteSecondaries) sysctls.need(this, promotePath(vrrp.interface), "1");
    else sysctls.release(this);
  }

  #wanted(): Wanted {
    return wantedBy(this.#config, this.#parts.leases.areKept());
  }

  #deny(): void {
    this.#parts.firewall.deny(this, this.#config.holds.accept ? [] : heldVips(this.#config));
  }

  #failures(): readonly NotHeldStatus[] {
    return this.#keeper.failed().map(({ thing, cause }) => ({ what: nameOf(thing), cause }));
  }
}

/** The addresses that are held, told in adverts or not. */
export function heldVips({ vips, holds }: VrrpInstanceConfig): readonly Vip[] {
  return [...vips, ...holds.excluded];
}

/** Those on interfaces by which no adverts leave: garp_extra_if is for them. */
export function quietVips(config: VrrpInstanceConfig): readonly Vip[] {
  const { link, announce: how } = config;
  const virtual = new Set([link, ...config.addressLinks].map((each) => each?.name));
  const speaking = speakingInterface(config);
  return heldVips(config).filter(
    ({ interface: device }) => device !== speaking && (how.extraAll || virtual.has(device)),
  );
}

/** By which the adverts leave. */
export function speakingInterface({ link, vrrp }: VrrpInstanceConfig): string {
  return link === null || link.xmitBase ? vrrp.interface : link.name;
}

/** `isCleaner`: another lease keeps the addresses silent when nobody renews it, so that this one has time. */
export function wantedBy(config: VrrpInstanceConfig, isCleaner = false): Wanted {
  const { routes, rules } = config.holds;
  return {
    things: thingsOf({ vips: heldVips(config), routes, rules }),
    leaseS: isCleaner ? CLEANER_S : leaseSOf(config.vrrp.advertIntervalMs),
  };
}
