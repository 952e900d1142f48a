// One VRRP instance: what it hears, what it says, what it holds, and its election between them. What is asked of it comes in here.

import type { VrrpInstanceConfig } from "../../config/model.ts";
import type { InstanceStatus } from "../../control/status.ts";
import { wallMs } from "../../lib/clock.ts";
import { followingLog, type Log } from "../../lib/log.ts";
import { leaseSOf } from "../../vip/holding/lease.ts";
import type { Member, Order } from "../../vrrp/group.ts";
import { leaseMs } from "../../vrrp/timers.ts";
import type { IpPacket } from "../../wire/ipv4.ts";
import { openSparseLog } from "../process/sparse-log.ts";
import { newCounters } from "./counters.ts";
import { Election, type ElectionParts } from "./election.ts";
import type { Outcome } from "./handing-over.ts";
import { Hearing, isOnWay } from "./hearing.ts";
import { Holding, type HoldingParts } from "./holding.ts";
import { type Wrong, wrongsOf } from "./instance-health.ts";
import { instanceStatus } from "./instance-status.ts";
import type { Port, PortUser } from "./port.ts";
import type { Self } from "./self.ts";
import { type Advertised, Sending } from "./sending.ts";
import { openSigning, type Signing } from "./signing.ts";
import { promotion } from "./tracking.ts";

export type InstanceParts = HoldingParts &
  Omit<ElectionParts, "willChanged"> & {
    /** What the guardian should do for this one if this process dies has changed. */
    readonly willChanged: (instance: Instance) => void;
  };

export class Instance implements PortUser {
  readonly vrid: number;
  readonly holding: Holding;
  readonly #parts: InstanceParts;
  readonly #self: Self;
  readonly #signing: Signing;
  readonly #sending: Sending;
  readonly #hearing: Hearing;
  readonly #election: Election;
  #ownLog: Log;

  constructor(config: VrrpInstanceConfig, port: Port, parts: InstanceParts) {
    const { clock } = parts;
    this.vrid = config.vrrp.vrid;
    this.#parts = parts;
    this.#ownLog = parts.log.child({ instance: config.vrrp.name });
    const log = followingLog(() => this.#ownLog);
    const sparse = openSparseLog(log, clock);
    const self: Self = { config, port, log, sparse, counters: newCounters() };
    this.#self = self;
    this.#signing = openSigning({
      config: () => self.config.vrrp,
      peerCount: () => self.config.way.peers.length,
      wallMs,
    });
    this.#sending = new Sending(self, this.#signing, clock);
    this.#hearing = new Hearing(self, this.#signing, clock);
    this.holding = new Holding(config, { ...parts, log });
    this.#election = new Election(self, this.#sending, this.holding, {
      ...parts,
      willChanged: () => parts.willChanged(this),
    });
  }

  // What it hears.

  wants(packet: IpPacket): boolean {
    return isOnWay(this.#self.config.way, packet);
  }

  hear(packet: IpPacket): void {
    const accepted = this.#hearing.hear(packet);
    if (accepted === undefined) return;
    if (this.#election.hears(accepted, packet.source)) this.#hearing.heardLower(packet);
  }

  hearGarbage(): void {
    this.#hearing.reject("length", "unknown");
  }

  // What happens around it.

  portChanged(): void {
    this.holding.look();
    this.#election.faultsChanged();
    this.#forget();
    this.#election.memberChanged();
    this.#parts.willChanged(this);
  }

  /** Starts the election, as soon as enough is known to start one. */
  start(): void {
    this.#election.beginning.start();
  }

  /** This process did not run for a while: a master looks whether it may still be one. */
  wake(): void {
    if (this.isMaster()) this.#election.give({ type: "timer", nowMs: this.#nowMs() });
  }

  /** It takes the place of a MASTER of this node that has said goodbye just now. */
  succeed(): void {
    this.#election.succeed();
  }

  trackedChanged(): void {
    this.#election.trackedChanged();
  }

  /** The host with this address is gone: a backup of it takes over at once. */
  promote(address: string): void {
    const { state } = this.#election.standing();
    this.#election.give(promotion(state, address, this.#nowMs(), this.#self.log));
  }

  // Its sync group.

  /** Faults that come from elsewhere changed. */
  faultsChanged(): void {
    this.#election.faultsChanged();
  }

  member(): Member {
    return this.#election.member();
  }

  obey(order: Order["order"]): void {
    this.#election.give({ type: order, nowMs: this.#nowMs() });
  }

  announceAgain(): void {
    if (this.isMaster()) this.holding.announce("group-lower");
  }

  // Another configuration, and the end.

  /** Same virtual router, other settings, maybe another name or port: no transition. What is held changes. */
  reconfigure(next: VrrpInstanceConfig, port: Port): void {
    const { log, degraded } = this.#parts;
    if (next.vrrp.name !== this.#self.config.vrrp.name) {
      this.#ownLog = log.child({ instance: next.vrrp.name });
      degraded.set("instance_fault", this.#self.config.vrrp.name, null);
    }
    this.#self.config = next;
    this.#self.port = port;
    this.#forget();
    this.#election.leased.cover();
    this.holding.reconfigure(next);
  }

  /** Then, when every instance has its new settings: what they mean for the election. */
  reconsider(): void {
    this.#election.trackedChanged("reload");
    // Who waited for a group that is gone waits for nobody.
    if (this.#self.config.vrrp.syncGroup === null) this.obey("take-over");
    this.#parts.willChanged(this);
  }

  /** A planned stop: resolves when a successor has spoken, or none did; at once for who is no master. */
  async handOver(): Promise<void> {
    return this.#election.handingOver.stop();
  }

  /** Resolves when somebody has taken over, or nobody did until then. */
  async switchOver(untilMs: number, isForced: boolean): Promise<Outcome> {
    return this.#election.handingOver.switchOver(untilMs, isForced);
  }

  /** Goes the RFC's way out: addresses off, priority 0. */
  stop(why: "shutdown" | "removed"): void {
    const isTold = why === "removed" && this.#self.config.hooks.notifyDeleted !== null;
    this.#election.shutDown(isTold ? "DELETED" : "STOP");
    for (const each of [this.#hearing, this.#self.sparse, this.holding]) each.close();
  }

  // What it is to others.

  config(): VrrpInstanceConfig {
    return this.#self.config;
  }

  port(): Port {
    return this.#self.port;
  }

  isMaster(): boolean {
    return this.#election.isMaster();
  }

  /** Its lease has run out: nothing of it may leave. */
  isSilent(): boolean {
    return this.#election.leased.isSilent();
  }

  /** The priority-0 adverts; none while there is no source address. */
  releaseAdverts(): readonly Advertised[] {
    return this.#sending.releaseAdverts();
  }

  /** How often they have to be written anew, as signatures age; Infinity = only when something changes. */
  willPeriodMs(): number {
    return this.isMaster() ? this.#signing.willPeriodMs() : Infinity;
  }

  status(): InstanceStatus {
    const { config, port, counters } = this.#self;
    return instanceStatus({
      ...this.#election.standing(),
      config,
      source: port.source(),
      counters,
      others: this.#hearing.others(),
      notHeld: this.holding.notHeld(),
      lease: this.#lease(),
    });
  }

  /** A lease of seconds may have been renewed just now, and the kernel takes up to one more to look. */
  #lease(): NonNullable<InstanceStatus["lease"]> {
    const { vrrp } = this.#self.config;
    if (!this.#parts.leases.areKept())
      return { kept_by: "valid_lft", ms: 1000 * (leaseSOf(vrrp.advertIntervalMs) + 1) };
    return { kept_by: "nftables", ms: Math.floor(leaseMs(vrrp)) };
  }

  /** Looks at what changes unheard; to be called once a second. What is wrong with it beside a FAULT. */
  wrongs(): readonly Wrong[] {
    if (this.holding.look() && this.#election.beginning.begun()) {
      this.#election.faultsChanged();
      this.#election.memberChanged();
    }
    const isSpeaking = this.isMaster() || this.#election.isHeldBack();
    const unsent = isSpeaking ? this.#sending.unsent() : null;
    const [others, notHeld] = [this.#hearing.others(), this.holding.notHeld()];
    return wrongsOf(this.#self.config, {
      others,
      notHeld,
      unsent,
      refused: this.#self.port.refused(),
    });
  }

  #nowMs(): number {
    return this.#parts.clock.nowMs();
  }

  #forget(): void {
    this.#hearing.forget();
    this.#sending.forget();
  }
}
