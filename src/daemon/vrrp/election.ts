// One instance in its election: its machine (vrrp/machine.ts) is given what happens, and what that wants is carried out, on the
// port and in the kernel. With which priority and which faults it takes part, what it tracks and its sync group say.

import type { VrrpInstanceConfig } from "../../config/model.ts";
import type { Event } from "../../control/events.ts";
import { type Clock, wallTime } from "../../lib/clock.ts";
import { type Drive, drive } from "../../lib/drive.ts";
import { unreachable } from "../../lib/unreachable.ts";
import type { Tracked } from "../../track/model.ts";
import type { Accepted } from "../../vrrp/accept.ts";
import type { Member } from "../../vrrp/group.ts";
import * as machine from "../../vrrp/machine.ts";
import { type FaultCause, PRIORITY_RELEASE } from "../../vrrp/model.ts";
import { resettle, succeed } from "../../vrrp/resettle.ts";
import { type Action, INITIAL, type Input, type Master, type State } from "../../vrrp/states.ts";
import type { DegradedBook } from "../process/degraded-book.ts";
import { type Beginning, openBeginning } from "./beginning.ts";
import type { Groups } from "./groups.ts";
import { type HandingOver, openHandingOver } from "./handing-over.ts";
import type { Holding } from "./holding.ts";
import { type InstanceNow, memberOf } from "./instance-status.ts";
import { type Leased, type LeasesOfMany, openLeased } from "./leased.ts";
import { type LowerHeard, openLowerHeard } from "./lower.ts";
import type { Self } from "./self.ts";
import type { Sending } from "./sending.ts";
import type { Waiting } from "./start-delay.ts";
import {
  allTrackingOf,
  electionConfigOf,
  ownFaultsOf,
  type Tracking,
  withGroup,
} from "./tracking.ts";
import { faultsTold, faultText, type Moved, priorityTold, transitionTold } from "./transition.ts";

export type ElectionParts = {
  readonly clock: Clock;
  readonly degraded: DegradedBook;
  readonly tell: (event: Event) => void;
  /** What the guardian should do for this one if this process dies has changed. */
  readonly willChanged: () => void;
  /** What is known of tracked scripts now. */
  readonly tracked: () => ReadonlyMap<string, Tracked>;
  /** What keeps every election back; null = nothing. */
  readonly heldBack: () => Waiting | null;
  /** The node is in maintenance. */
  readonly standsBy: () => boolean;
  readonly leases: LeasesOfMany;
  /** Of which it may be a member. */
  readonly groups: Pick<Groups, "faultsOf" | "sickBeside" | "changed" | "lowerHeard" | "splitWon">;
};

/** As the status tells it. */
type Standing = Pick<InstanceNow, "election" | "state" | "since" | "cause" | "waiting" | "parts">;

export class Election {
  readonly #self: Self;
  readonly #sending: Sending;
  readonly #holding: Holding;
  readonly #parts: ElectionParts;
  readonly #lower: LowerHeard;
  readonly beginning: Beginning;
  readonly leased: Leased;
  readonly handingOver: HandingOver;
  readonly #driven: Drive<VrrpInstanceConfig["vrrp"], State, Input>;
  #tracking: Tracking;
  #since = wallTime();
  #cause = "startup";
  #lastWord: "STOP" | "DELETED" = "STOP";
  /** Who was heard last. */
  #heard: Master | null = null;

  constructor(self: Self, sending: Sending, holding: Holding, parts: ElectionParts) {
    const { clock, tell } = parts;
    this.#self = self;
    this.#sending = sending;
    this.#holding = holding;
    this.#parts = parts;
    this.#tracking = allTrackingOf(self.config, parts.tracked());
    this.#lower = openLowerHeard(clock, {
      tell,
      onTold: () => parts.groups.lowerHeard(this.#name()),
      onWon: () => this.#won(),
    });
    this.#driven = drive<VrrpInstanceConfig["vrrp"], State, Input, Action>({
      engine: machine,
      config: electionConfigOf(self.config, this.#tracking, parts.standsBy()),
      state: INITIAL,
      clock,
      timerInput: (nowMs) => ({ type: "timer", nowMs }),
      perform: (action) => this.#perform(action),
    });
    this.handingOver = openHandingOver(this.#driven, clock.nowMs);
    this.leased = openLeased(parts.leases, self, this.#driven, clock.nowMs);
    this.beginning = openBeginning({
      clock,
      heldBack: parts.heldBack,
      undecided: () => this.#tracking.undecided,
      begin: () => {
        holding.look();
        this.#driven.give({ type: "startup", nowMs: clock.nowMs(), faults: this.#faults() });
      },
    });
  }

  isMaster(): boolean {
    return this.#driven.state().name === "MASTER";
  }

  /** It leaves a lower master alone because its own adverts do not leave. */
  isHeldBack(): boolean {
    const state = this.#driven.state();
    return state.name === "BACKUP" && state.mute === true && state.lower !== null;
  }

  give(input: Input): void {
    this.#driven.give(input);
  }

  /** true = a lower master spoke while we are one, and stay one. */
  hears({ advert, intervalMs, sourceIsGreater }: Accepted, source: string): boolean {
    const { priority } = advert;
    const nowMs = this.#nowMs();
    this.#heard = { address: source, priority, heardMs: nowMs };
    const wasMaster = this.isMaster();
    const heard = { nowMs, priority, advertIntervalMs: intervalMs, source, sourceIsGreater };
    this.#driven.give({ type: "advert", ...heard });
    const leaves = priority === PRIORITY_RELEASE;
    const state = this.#driven.state();
    if (state.name !== "MASTER") {
      if (!leaves) this.#lower.heardMaster(source);
      return false;
    }
    // A successor's advert is what who hands over waits for: nobody lower claims anything.
    if (!wasMaster || state.handsOverUntilMs !== undefined) return false;
    if (leaves) this.#lower.leaves(source, intervalMs);
    else
      this.#lower.heard({
        name: this.#name(),
        priority: this.#driven.config().priority,
        source,
        theirPriority: priority,
        theirIntervalMs: intervalMs,
      });
    return !leaves;
  }

  /** Goes the RFC's way out; this is what INIT is called outside. */
  shutDown(lastWord: "STOP" | "DELETED"): void {
    this.#lastWord = lastWord;
    this.#driven.give({ type: "shutdown", nowMs: this.#nowMs() });
    this.#driven.stop();
    this.leased.letGo();
    for (const each of [this.beginning, this.#lower]) each.close();
  }

  /** What could not be done comes back as an input. */
  #perform(action: Action): Input | undefined {
    if (action.type === "send-advert" || action.type === "hold") this.#self.port.occupy();
    if (action.type === "send-advert") {
      const { priority, intervalMs } = action;
      return this.leased.saying(priority, () => this.#sending.send(priority, intervalMs));
    }
    if (action.type === "hold") {
      if (this.#holding.hold()) return undefined;
      return { type: "faults", nowMs: this.#nowMs(), faults: this.#faults() };
    }
    if (action.type === "release") this.leased.letGo(() => this.#holding.release());
    else if (action.type === "announce") this.#holding.announce(action.why);
    else if (action.type === "hush") this.#holding.hush();
    else if (action.type === "kept") this.handingOver.kept();
    else if (action.type === "transition") this.#moved(action);
    else if (action.type === "claim" || action.type === "concede") this.memberChanged();
    else unreachable(action);
    return undefined;
  }

  #moved(moved: Moved): void {
    const { from, to } = moved;
    [this.#since, this.#cause] = [wallTime(), moved.cause];
    if (to === "MASTER") {
      this.#self.counters.became_master += 1;
      this.#lower.becameMaster();
    }
    if (from === "MASTER") {
      this.#self.counters.released_master += 1;
      this.#self.port.vacate(); // its last advert is out
      this.#lower.left();
      this.handingOver.left(moved);
    }
    if (from === "FAULT" && to !== "INIT") this.#holding.announceOwn(this.#self.port.source());
    const { level, fields, event } = transitionTold({
      moved,
      instance: this.#name(),
      at: this.#since,
      nowMs: this.#nowMs(),
      basePriority: this.#self.config.vrrp.priority,
      priority: this.#driven.config().priority,
      tracking: this.#explained(),
      faults: this.#faults(),
      heard: this.#heard,
      lastWord: this.#lastWord,
    });
    this.#self.log[level](fields, "state changed");
    this.#parts.willChanged();
    this.#parts.tell(event);
    this.#judge();
    this.memberChanged();
  }

  #won(): void {
    this.#self.log.info("the other master is gone: hooks run once more");
    const { priority } = this.#driven.config();
    const subject = { subject: "INSTANCE", name: this.#name(), priority } as const;
    this.#parts.tell({ kind: "split_won", at: wallTime(), ...subject });
    this.#parts.groups.splitWon(this.#name());
  }

  trackedChanged(why?: "reload"): void {
    const before = this.#driven.config().priority;
    this.#tracking = allTrackingOf(this.#self.config, this.#parts.tracked());
    const next = electionConfigOf(this.#self.config, this.#tracking, this.#parts.standsBy());
    const state = this.#driven.state();
    const after = why === "reload" ? resettle(next, state, this.#nowMs()) : state;
    this.#driven.reconfigure(next, after);
    if (next.priority !== before) {
      this.#self.log.info({ from: before, to: next.priority }, "priority changed");
      this.#parts.tell(priorityTold(this.#name(), state.name, before, next.priority));
    }
    if (this.beginning.begun()) this.faultsChanged();
    else this.beginning.look();
    this.memberChanged();
  }

  /** Faults that come from elsewhere changed. */
  faultsChanged(): void {
    this.#driven.give({ type: "faults", nowMs: this.#nowMs(), faults: this.#faults() });
    this.#judge();
  }

  /** As its sync group sees it. */
  member(): Member {
    return memberOf(this.#self.config, this.#driven.state(), this.#ownFaults());
  }

  /** It takes the place of a MASTER of this node that has said goodbye just now. */
  succeed(): void {
    const config = this.#driven.config();
    this.#driven.reconfigure(config, succeed(config, this.#driven.state(), this.#nowMs()));
  }

  standing(): Standing {
    return {
      election: this.#driven.config(),
      state: this.#driven.state(),
      since: this.#since,
      cause: this.#cause,
      waiting: this.beginning.waiting(),
      parts: this.#tracking.parts,
    };
  }

  #name(): string {
    return this.#self.config.vrrp.name;
  }

  #nowMs(): number {
    return this.#parts.clock.nowMs();
  }

  memberChanged(): void {
    this.#parts.groups.changed(this.#name());
  }

  #ownFaults(): readonly FaultCause[] {
    const here = [...this.#self.port.faults(), ...this.#holding.faults()];
    return ownFaultsOf(this.#self.config, here, this.#tracking);
  }

  #faults(): readonly FaultCause[] {
    return [...this.#ownFaults(), ...this.#parts.groups.faultsOf(this.#name())];
  }

  /** With what is behind the faults that its group makes. */
  #explained(): Tracking {
    const { name, syncGroup } = this.#self.config.vrrp;
    return withGroup(this.#tracking, syncGroup, this.#parts.groups.sickBeside(name));
  }

  #judge(): void {
    const state = this.#driven.state();
    const text =
      state.name === "FAULT" ? faultText(faultsTold(state.faults, this.#explained())) : null;
    this.#parts.degraded.set("instance_fault", this.#name(), text);
  }
}
