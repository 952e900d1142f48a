// One VRRP instance at work: carries the actions of its machine out, on its port and in the kernel.

import type { VrrpInstanceConfig } from "../config/model.ts";
import type { Event } from "../control/events.ts";
import type { InstanceStatus } from "../control/status.ts";
import type { Address } from "../kernel/addresses.ts";
import type { Netlink } from "../kernel/netlink.ts";
import type { PacketSocket } from "../kernel/packet-socket.ts";
import { type Clock, wallTime } from "../lib/clock.ts";
import { drive } from "../lib/drive.ts";
import { errorText } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import { unreachable } from "../lib/unreachable.ts";
import * as announce from "../vip/announce.ts";
import { addVips, announcementFrames, type LinkOf, removeVips } from "../vip/apply.ts";
import type { Vip } from "../vip/model.ts";
import { planChange } from "../vip/plan.ts";
import { acceptAdvert, type RejectReason, type Verdict } from "../vrrp/accept.ts";
import * as machine from "../vrrp/machine.ts";
import { PRIORITY_OWNER, PRIORITY_RELEASE } from "../vrrp/model.ts";
import { masterDownMs } from "../vrrp/timers.ts";
import type { Ipv4Packet } from "../wire/ipv4.ts";
import { decodeAdvert, encodeAdvert, VRRP_GROUP_IPV4 } from "../wire/vrrp.ts";
import { newCounters, openSparseLog } from "./vrrp-counters.ts";
import type { Port, PortUser } from "./vrrp-port.ts";

export type InstanceParts = {
  readonly clock: Clock;
  readonly netlink: Netlink;
  readonly packets: PacketSocket;
  readonly linkOf: LinkOf;
  readonly log: Log;
  readonly tell: (event: Event) => void;
  /** What the guardian should do if this process dies has changed. */
  readonly willChanged: () => void;
};

export type Instance = PortUser & {
  readonly config: () => VrrpInstanceConfig;
  readonly isMaster: () => boolean;
  /** The priority-0 advert; undefined while there is no source address. */
  readonly releaseAdvert: () => Uint8Array | undefined;
  /** Its virtual addresses, without those that are the node's own. */
  readonly removableVips: () => readonly Vip[];
  readonly start: () => void;
  /** Same virtual router, other settings: no transition. */
  readonly reconfigure: (config: VrrpInstanceConfig) => void;
  /** Somebody removed an address: ours is put back. */
  readonly addressGone: (address: Address) => void;
  /** Links changed: addresses that could not be put on may go on now. */
  readonly linksChanged: () => void;
  readonly status: () => InstanceStatus;
  /** Goes the RFC's way out: addresses off, priority 0. */
  readonly stop: () => void;
};

export function openInstance(
  first: VrrpInstanceConfig,
  port: Port,
  parts: InstanceParts,
): Instance {
  const { clock, netlink, linkOf } = parts;
  const log = parts.log.child({ instance: first.vrrp.name });
  const sparse = openSparseLog(log);
  const counters = newCounters();
  let config = first;
  let since = wallTime();
  let cause = "startup";
  /** Addresses of an owner that were there before us; they stay when we go. */
  let owned: ReadonlySet<string> = new Set();
  /** The links that the addresses were put on; another link of the same name has none of them. */
  let heldOn = "";

  // Built once, sent many times: an advert only changes with the configuration and the source address.
  let adverts = new Map<number, Buffer>();
  // A master repeats itself: the packet accepted last is not judged again.
  let lastHeard: {
    readonly bytes: Buffer;
    readonly source: string;
    readonly verdict: Verdict;
  } | null = null;

  const election = drive<VrrpInstanceConfig["vrrp"], machine.State, machine.Input, machine.Action>({
    engine: machine,
    config: config.vrrp,
    state: machine.INITIAL,
    clock,
    timerInput: (nowMs) => ({ type: "timer", nowMs }),
    perform,
  });
  const announcing = drive({
    engine: announce,
    config: config.announce,
    state: announce.QUIET,
    clock,
    timerInput: (nowMs): announce.AnnounceInput => ({ type: "timer", nowMs }),
    perform: ({ count }: announce.AnnounceAction) => sendAnnouncements(count),
  });

  function perform(action: machine.Action): undefined {
    switch (action.type) {
      case "send-advert":
        return sendAdvert(action.priority);
      case "hold":
        return hold(config.vips);
      case "release":
        announcing.give({ type: "stop" });
        return release(config.vips);
      case "announce":
        return announcing.give({ type: "start", nowMs: clock.nowMs() }) as undefined;
      case "transition":
        return transition(action);
      default:
        return unreachable(action);
    }
  }

  function advertOf(priority: number): Buffer | undefined {
    const source = port.source();
    if (source === undefined) return undefined;
    const { version, vrid, advertIntervalMs, addresses } = config.vrrp;
    const known = adverts.get(priority);
    if (known !== undefined) return known;
    const advert = { version, vrid, priority, advertIntervalMs, addresses, authType: 0 };
    const bytes = encodeAdvert(advert, { source, destination: VRRP_GROUP_IPV4 });
    adverts.set(priority, bytes);
    return bytes;
  }

  function sendAdvert(priority: number): undefined {
    const bytes = advertOf(priority);
    try {
      if (bytes === undefined) throw new Error("Cannot send an advert: no source address");
      port.send(bytes);
      counters.adverts_sent += 1;
      if (priority === PRIORITY_RELEASE) counters.priority_zero_sent += 1;
    } catch (error) {
      counters.send_errors += 1;
      const nowMs = clock.nowMs();
      sparse({ kind: "send", nowMs }, (to, times) =>
        to.warn({ error: errorText(error), times }, "advert not sent"),
      );
    }
  }

  function linksOfVips(): string {
    return config.vips.map((vip) => linkOf(vip.interface)?.index ?? "-").join();
  }

  function hold(vips: readonly Vip[]): undefined {
    heldOn = linksOfVips();
    try {
      const { changed, failed } = addVips(netlink, vips, linkOf);
      if (config.vrrp.priority === PRIORITY_OWNER) {
        const put = new Set(changed);
        owned = new Set(vips.filter((vip) => !put.has(vip)).map(({ address }) => address));
      }
      for (const { vip, cause: why } of failed) {
        log.error({ address: vip.address, cause: why }, "virtual address not added");
      }
    } catch (error) {
      log.error({ error: errorText(error) }, "virtual addresses not added");
    }
  }

  function release(vips: readonly Vip[]): undefined {
    try {
      const { failed } = removeVips(netlink, removable(vips), linkOf);
      for (const { vip, cause: why } of failed) {
        log.error({ address: vip.address, cause: why }, "virtual address not removed");
      }
    } catch (error) {
      log.error({ error: errorText(error) }, "virtual addresses not removed");
    }
  }

  function sendAnnouncements(count: number, vips: readonly Vip[] = config.vips): undefined {
    const frames = announcementFrames(vips, linkOf);
    try {
      for (let round = 0; round < count; round += 1) {
        for (const { interfaceIndex, bytes } of frames) parts.packets.send(interfaceIndex, bytes);
      }
    } catch (error) {
      log.warn({ error: errorText(error) }, "announcement not sent");
    }
  }

  function transition(moved: machine.Action & { readonly type: "transition" }): undefined {
    const { from, to } = moved;
    since = wallTime();
    cause = moved.cause;
    if (to === "MASTER") counters.became_master += 1;
    if (from === "MASTER") counters.released_master += 1;
    const faults = port.faults();
    const detail = to === "FAULT" ? { faults } : {};
    log.info({ from, to, cause, ...detail }, "state changed");
    parts.willChanged();
    parts.tell({
      kind: "instance_state",
      at: since,
      instance: config.vrrp.name,
      from,
      to: to === "INIT" ? "STOP" : to,
      cause: to === "FAULT" ? faults.join(",") : cause,
      priority: config.vrrp.priority,
    });
  }

  function hear(packet: Ipv4Packet): void {
    const nowMs = clock.nowMs();
    const verdict = judge(packet);
    if (!verdict.ok) return reject(verdict.reason, packet.source);
    const { advert, sourceIsGreater } = verdict;
    counters.adverts_received += 1;
    if (advert.priority === PRIORITY_RELEASE) counters.priority_zero_received += 1;
    if (!verdict.sameAddresses) {
      counters.address_list_mismatch += 1;
      sparse({ kind: `addresses ${packet.source}`, nowMs }, (to, times) =>
        to.warn(
          { source: packet.source, theirs: advert.addresses, ours: config.vrrp.addresses, times },
          "address list differs from the master's",
        ),
      );
    }
    const { priority, advertIntervalMs } = advert;
    const { source } = packet;
    election.give({ type: "advert", nowMs, priority, advertIntervalMs, source, sourceIsGreater });
  }

  function judge(packet: Ipv4Packet): Verdict {
    const { ttl, source, destination, payload } = packet;
    if (lastHeard !== null && lastHeard.source === source && lastHeard.bytes.equals(payload)) {
      return ttl === 255 ? lastHeard.verdict : { ok: false, reason: "ttl" };
    }
    const decoded = decodeAdvert(payload, { source, destination });
    const verdict = acceptAdvert(config.vrrp, port.source() ?? "0.0.0.0", { ttl, source, decoded });
    if (verdict.ok) lastHeard = { bytes: Buffer.from(payload), source, verdict };
    return verdict;
  }

  function reject(reason: RejectReason, source: string): void {
    counters.rejected[reason] += 1;
    sparse({ kind: reason, nowMs: clock.nowMs() }, (to, times) =>
      to.warn({ reason, source, times }, "advert rejected"),
    );
  }

  function forget(): void {
    adverts = new Map();
    lastHeard = null;
  }

  function removable(vips: readonly Vip[]): readonly Vip[] {
    return vips.filter(({ address }) => !owned.has(address));
  }

  function isMaster(): boolean {
    return election.state().name === "MASTER";
  }

  return {
    vrid: first.vrrp.vrid,
    config: () => config,
    isMaster,
    releaseAdvert: () => advertOf(PRIORITY_RELEASE),
    removableVips: () => removable(config.vips),
    start() {
      election.give({ type: "startup", nowMs: clock.nowMs(), faults: port.faults() });
    },
    portChanged() {
      election.give({ type: "faults", nowMs: clock.nowMs(), faults: port.faults() });
      forget();
      parts.willChanged();
    },
    hear,
    hearGarbage: () => reject("length", "unknown"),
    reconfigure(next) {
      const { remove, add } = planChange(config.vips, next.vips);
      config = next;
      forget();
      election.reconfigure(next.vrrp);
      announcing.reconfigure(next.announce);
      if (isMaster()) {
        release(remove);
        hold(add);
        if (add.length > 0) announcing.give({ type: "start", nowMs: clock.nowMs() });
      }
      parts.willChanged();
    },
    addressGone(address) {
      const lost = config.vips.filter(
        (vip) =>
          vip.address === address.address &&
          linkOf(vip.interface)?.index === address.interfaceIndex,
      );
      if (lost.length === 0 || !isMaster()) return;
      const { changed } = addVips(netlink, lost, linkOf);
      if (changed.length === 0) return; // it is there: what we heard was our own removal
      sendAnnouncements(config.announce.repeat, changed);
      log.warn({ address: address.address }, "virtual address was removed by somebody, put back");
    },
    linksChanged() {
      if (!isMaster() || heldOn === linksOfVips()) return;
      heldOn = linksOfVips();
      const present = config.vips.filter((vip) => linkOf(vip.interface) !== undefined);
      const { changed } = addVips(netlink, present, linkOf);
      if (changed.length > 0) sendAnnouncements(config.announce.repeat, changed);
    },
    status: () => statusOf(),
    stop() {
      election.give({ type: "shutdown", nowMs: clock.nowMs() });
      election.stop();
      announcing.stop();
    },
  };

  function statusOf(): InstanceStatus {
    const state = election.state();
    const { vrrp } = config;
    const intervalMs = state.name === "BACKUP" ? state.masterIntervalMs : vrrp.advertIntervalMs;
    const self = { address: port.source() ?? "", priority: vrrp.priority };
    const master = state.name === "BACKUP" ? state.master : null;
    return {
      name: vrrp.name,
      interface: vrrp.interface,
      vrid: vrrp.vrid,
      vrrp_version: vrrp.version,
      state: state.name,
      base_priority: vrrp.priority,
      priority: vrrp.priority,
      since,
      cause,
      master: state.name === "MASTER" ? self : master,
      advert_interval_ms: vrrp.advertIntervalMs,
      master_down_interval_ms: Math.round(masterDownMs(vrrp, intervalMs)),
      virtual_addresses: config.vips.map(
        ({ address, prefixLength }) => `${address}/${prefixLength}`,
      ),
      faults: state.name === "FAULT" ? state.faults : [],
      counters,
    };
  }
}
