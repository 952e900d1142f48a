// What one VRRP instance needs from the daemon, and what it is to the others.

import type { VrrpInstanceConfig } from "../../config/model.ts";
import type { Event } from "../../control/events.ts";
import type { InstanceStatus } from "../../control/status.ts";
import type { Tracked } from "../../track/model.ts";
import type { Member, Order } from "../../vrrp/group.ts";
import type { FaultCause } from "../../vrrp/model.ts";
import type { DegradedBook } from "../process/degraded-book.ts";
import type { Sending } from "./exchange.ts";
import type { Holding, HoldingParts } from "./holding.ts";
import type { Wrong } from "./instance-health.ts";
import type { Port, PortUser } from "./port.ts";
import type { Waiting } from "./start-delay.ts";
import type { Tracking } from "./tracking.ts";

export type InstanceParts = HoldingParts & {
  readonly degraded: DegradedBook;
  readonly tell: (event: Event) => void;
  /** What the guardian should do if this process dies has changed. */
  readonly willChanged: () => void;
  /** What is known of tracked scripts now. */
  readonly tracked: () => ReadonlyMap<string, Tracked>;
  /** What keeps every election back; null = nothing. */
  readonly heldBack: () => Waiting | null;
  /** What the other members of its sync group do to it. */
  readonly groupFaults: () => readonly FaultCause[];
  /** With what is behind those. */
  readonly explain: (tracking: Tracking) => Tracking;
  /** A lower master was heard, and later it was gone: its sync group has to say the same. */
  readonly lowerHeard: () => void;
  readonly splitWon: () => void;
  /** Its sync group has to look at it again. */
  readonly memberChanged: () => void;
};

export type Instance = PortUser & {
  readonly holding: Holding;
  readonly config: () => VrrpInstanceConfig;
  readonly isMaster: () => boolean;
  readonly port: () => Port;
  /** The priority-0 adverts; none while there is no source address. */
  readonly releaseAdverts: () => readonly Sending[];
  /** How often they have to be written anew, as signatures age; Infinity = only when something changes. */
  readonly willPeriodMs: () => number;
  /** Starts the election, as soon as enough is known to start one. */
  readonly start: () => void;
  /** This process did not run for a while: a master looks whether it may still be one. */
  readonly wake: () => void;
  /** It takes the place of a MASTER of this node that has said goodbye just now. */
  readonly succeed: () => void;
  readonly trackedChanged: () => void;
  /** The host with this address is gone: a backup of it takes over at once. */
  readonly promote: (address: string) => void;
  /** Faults that come from elsewhere changed. */
  readonly faultsChanged: () => void;
  /** As its sync group sees it, and the group's word. */
  readonly member: () => Member;
  readonly announceAgain: () => void;
  readonly obey: (order: Order["order"]) => void;
  /** Same virtual router, other settings, maybe another name or port: no transition. What is held changes. */
  readonly reconfigure: (config: VrrpInstanceConfig, port: Port) => void;
  /** Then, when every instance has its new settings: what they mean for the election. */
  readonly reconsider: () => void;
  readonly status: () => InstanceStatus;
  /** Looks at what changes unheard; to be called once a second. What is wrong with it beside a FAULT. */
  readonly wrongs: () => readonly Wrong[];
  /** A planned stop: resolves when a successor has spoken, or none did; at once for who is no master. */
  readonly handOver: () => Promise<void>;
  /** Goes the RFC's way out: addresses off, priority 0. */
  readonly stop: (why: "shutdown" | "removed") => void;
};
