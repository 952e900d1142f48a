// What one master holds in the kernel: virtual addresses under a lease, and the announcements that they are here.

import type { VrrpInstanceConfig } from "../config/model.ts";
import type { Address } from "../kernel/addresses.ts";
import type { Netlink } from "../kernel/netlink.ts";
import type { PacketSocket } from "../kernel/packet-socket.ts";
import type { Clock } from "../lib/clock.ts";
import { drive } from "../lib/drive.ts";
import { errorText } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import * as announce from "../vip/announce.ts";
import {
  type Applied,
  addVips,
  announcementFrames,
  type LinkOf,
  removeVips,
  renewVips,
} from "../vip/apply.ts";
import { leaseSOf, renewEveryMs } from "../vip/lease.ts";
import type { Vip } from "../vip/model.ts";
import { planChange } from "../vip/plan.ts";
import { PRIORITY_OWNER } from "../vrrp/model.ts";

export type HoldingParts = {
  readonly clock: Clock;
  readonly netlink: Netlink;
  readonly packets: PacketSocket;
  readonly linkOf: LinkOf;
  readonly log: Log;
};

export type Holding = {
  /** Puts the virtual addresses on and keeps them there. */
  readonly hold: () => void;
  readonly release: () => void;
  /** Starts the schedule of gratuitous ARP, or starts it again. */
  readonly announce: (why: "new-master" | "lower-priority") => void;
  /** What is configured, without addresses that are the node's own (priority 255). */
  readonly removable: () => readonly Vip[];
  /** Another configuration; what is held changes by the difference. */
  readonly reconfigure: (config: VrrpInstanceConfig) => void;
  /** Somebody removed an address: ours is put back. */
  readonly addressGone: (address: Address) => void;
  /** Links changed: what could not be put on may go on now. */
  readonly linksChanged: () => void;
  readonly close: () => void;
};

export function openHolding(first: VrrpInstanceConfig, parts: HoldingParts): Holding {
  const { clock, netlink, linkOf, log } = parts;
  let config = first;
  let held = false;
  /** Addresses of an owner that were there before us; they stay when we go. */
  let owned: ReadonlySet<string> = new Set();
  /** The links that the addresses were put on; another link of the same name has none of them. */
  let heldOn = "";

  const renewal = clock.alarm(renew);
  const announcing = drive({
    engine: announce,
    config: config.announce,
    state: announce.QUIET,
    clock,
    timerInput: (nowMs): announce.AnnounceInput => ({ type: "timer", nowMs }),
    perform: ({ count }: announce.AnnounceAction): undefined => send(count, config.vips),
  });

  function add(vips: readonly Vip[]): readonly Vip[] {
    const { changed } = attempt("added", () => addVips(netlink, vips, linkOf, leaseS()));
    if (config.vrrp.priority === PRIORITY_OWNER) {
      const put = new Set(changed);
      const ownNow = vips.filter((vip) => !put.has(vip)).map(({ address }) => address);
      owned = new Set([...owned, ...ownNow]);
    }
    return changed;
  }

  function remove(vips: readonly Vip[]): void {
    attempt("removed", () => removeVips(netlink, vips.filter(isOurs), linkOf));
  }

  function renew(): void {
    attempt("renewed", () => renewVips(netlink, config.vips.filter(isOurs), linkOf, leaseS()));
    renewal.set(clock.nowMs() + renewEveryMs(leaseS()));
  }

  function putBack(vips: readonly Vip[]): readonly Vip[] {
    const changed = add(vips);
    if (changed.length > 0) send(config.announce.repeat, changed);
    return changed;
  }

  function send(count: number, vips: readonly Vip[]): undefined {
    const frames = announcementFrames(vips, linkOf);
    try {
      for (let round = 0; round < count; round += 1) {
        for (const { interfaceIndex, bytes } of frames) parts.packets.send(interfaceIndex, bytes);
      }
    } catch (error) {
      log.warn({ error: errorText(error) }, "announcement not sent");
    }
  }

  /** The kernel may refuse one address or everything: both are told, neither stops an election. */
  function attempt(done: string, change: () => Applied): Applied {
    try {
      const applied = change();
      for (const { vip, cause } of applied.failed) {
        log.error({ address: vip.address, cause }, `virtual address not ${done}`);
      }
      return applied;
    } catch (error) {
      log.error({ error: errorText(error) }, `virtual addresses not ${done}`);
      return { changed: [], failed: [] };
    }
  }

  function isOurs({ address }: Vip): boolean {
    return !owned.has(address);
  }

  function leaseS(): number {
    return leaseSOf(config.vrrp.advertIntervalMs);
  }

  function linksOfVips(): string {
    return config.vips.map((vip) => linkOf(vip.interface)?.index ?? "-").join();
  }

  return {
    hold() {
      held = true;
      heldOn = linksOfVips();
      owned = new Set();
      add(config.vips);
      renewal.set(clock.nowMs() + renewEveryMs(leaseS()));
    },
    release() {
      held = false;
      renewal.set(Infinity);
      announcing.give({ type: "stop" });
      remove(config.vips);
    },
    announce: (why) => announcing.give({ type: "start", why, nowMs: clock.nowMs() }),
    removable: () => config.vips.filter(isOurs),
    reconfigure(next) {
      const change = planChange(config.vips, next.vips);
      config = next;
      announcing.reconfigure(next.announce);
      if (!held) return;
      remove(change.remove);
      add(change.add);
      if (change.add.length > 0)
        announcing.give({ type: "start", why: "new-master", nowMs: clock.nowMs() });
    },
    addressGone({ address, interfaceIndex }) {
      if (!held) return;
      const lost = config.vips.filter(
        (vip) => vip.address === address && linkOf(vip.interface)?.index === interfaceIndex,
      );
      // When it is there, what we heard was a removal of our own.
      if (lost.length === 0 || putBack(lost).length === 0) return;
      log.warn({ address }, "virtual address was removed by somebody, put back");
    },
    linksChanged() {
      const links = linksOfVips();
      if (!held || heldOn === links) return;
      heldOn = links;
      putBack(config.vips.filter((vip) => linkOf(vip.interface) !== undefined));
    },
    close() {
      renewal.set(Infinity);
      announcing.stop();
    },
  };
}
