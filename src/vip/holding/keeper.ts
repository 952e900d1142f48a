// Keeps what one holder has: puts it on, renews it, puts back what others take off, follows the links, and takes it off again.
// When and what is decided here and in put-back.ts; what other holders want of the same place, in the ledger (holders.ts).

import { type Requester, requesterOf } from "../../kernel/requester.ts";
import type { Alarm, Clock } from "../../lib/clock.ts";
import type { Thing } from "../model.ts";
import { type FailedThing, Hands, type HandsParts, type OnThere, type Wanted } from "./hands.ts";
import type { Holders } from "./holders.ts";
import { renewEveryMs } from "./lease.ts";
import { lineOf, PutBacks } from "./put-back.ts";
import { interfacesWithNetwork, promotePath } from "./secondaries.ts";
import { openSharedRoutes, type SharedRoutes } from "./shared-routes.ts";
import { type Gone, isTracked, type LinkOf, nameOf } from "./things.ts";
import { type TrackGroupNow, trackGroupsNow } from "./track-groups.ts";

export type KeeperParts = HandsParts & {
  readonly clock: Clock;
  readonly holders: Holders;
  /** Settings of the kernel, held by who needs them. */
  readonly sysctls: {
    readonly need: (user: object, path: string, value: string) => unknown;
    readonly release: (user: object) => void;
  };
};

/** "self" = with a removal of our own, as secondary addresses go. */
type Remover = Requester | "self" | undefined;

const CHECK_EVERY_MS = 1000;
/** The kernel takes some 0.1 ms for each, and on a busy machine 0.3: in between, adverts have their turn. */
const RENEWALS_A_TURN_MAX = 128;

export class Keeper {
  readonly #parts: KeeperParts;
  readonly #what: string;
  readonly #onThere: OnThere;
  readonly #putBacks = new PutBacks();
  readonly #hands: Hands;
  readonly #sharedRoutes: SharedRoutes;
  readonly #renewal: Alarm;
  /** What waits for the next turn of a renewal. */
  #unrenewed: readonly Thing[] = [];
  readonly #nextTurn: Alarm;
  readonly #retry: Alarm;

  /** `what` is said of its things ("virtual"). */
  constructor(parts: KeeperParts, what: string, onThere: OnThere = () => {}) {
    this.#parts = parts;
    this.#what = what;
    this.#onThere = onThere;
    this.#hands = new Hands(parts, what, this.#putBacks, onThere);
    this.#sharedRoutes = openSharedRoutes(parts.machines.sharesRoute);
    this.#renewal = parts.clock.alarm(() => {
      this.#armRenewal();
      this.#renewInTurns(this.#hands.wanted().things);
    });
    this.#nextTurn = parts.clock.alarm(() => this.#renewInTurns(this.#unrenewed));
    this.#retry = parts.clock.alarm(() => {
      this.#putBack(this.#putBacks.takeDue(parts.clock.nowMs()));
      this.#armRetry();
    });
  }

  /** Puts on what is wanted; what is on changes by the difference. */
  hold(wanted: Wanted): void {
    this.#forgetPutBacks();
    this.#hands.want(wanted);
    this.#sharedRoutes.want(wanted.leaseS === null ? [] : wanted.things);
    this.#parts.holders.set(this.#hands, wanted.things);
    for (const name of interfacesWithNetwork(wanted.things)) {
      this.#parts.sysctls.need(this, promotePath(name), "1");
    }
    this.#armRenewal();
  }

  release(): void {
    this.#forgetPutBacks();
    this.#renewal.set(Infinity);
    this.#hands.letGo();
    this.#parts.holders.set(this.#hands, []);
    this.#parts.sysctls.release(this);
  }

  isOn(): boolean {
    return this.#hands.isOn();
  }

  /** Wanted, and not there, each with the reason. */
  failed(): readonly FailedThing[] {
    return this.#hands.failed();
  }

  /** Of what is held in groups, by the links as they count. */
  trackGroups(linkOf: LinkOf): readonly TrackGroupNow[] {
    return this.isOn() ? trackGroupsNow(this.#hands.wanted().things, this.failed(), linkOf) : [];
  }

  /** Somebody removed something: ours is put back, all of one moment in one batch. */
  gone(all: readonly Gone[]): void {
    if (!this.isOn()) return;
    const nowMs = this.#parts.clock.nowMs();
    const found = all.flatMap((gone) =>
      this.#hands.goneWith(gone).map((thing) => ({ thing, portId: gone.portId })),
    );
    const due: Thing[] = [];
    for (const { thing } of found) {
      if (!isTracked(thing)) this.#leaveOff(thing);
      else if (this.#putBacks.mayReturn(thing, nowMs)) due.push(thing);
    }
    if (due.length > 0) this.#putBack(due, this.#removerOf(found.map(({ portId }) => portId)));
    this.#armRetry();
  }

  /** Everything may have changed unseen; gives what had gone. */
  lookAgain(): readonly Thing[] {
    if (!this.isOn()) return [];
    return this.#putBack(
      this.#hands.usable().filter((thing) => !this.#putBacks.isAbandoned(thing)),
    );
  }

  /** Puts on what the links did not let it before. true = what is held is elsewhere now. */
  linksChanged(): boolean {
    if (this.isOn() && this.#sharedRoutes.changed()) this.#renew();
    const up = this.isOn() ? this.#hands.followLinks() : undefined;
    if (up === undefined) return false;
    this.#forgetPutBacks();
    const back = new Set(this.lookAgain());
    if (up.size > 0) this.#cameUp(up, back);
    return true;
  }

  /** While a link is down nobody hears an announcement, and the kernel may take some of its addresses off. */
  #cameUp(names: ReadonlySet<string>, back: ReadonlySet<Thing>): void {
    this.#renew();
    const there = this.#hands
      .wanted()
      .things.filter(
        (thing) => thing.kind === "address" && names.has(thing.vip.interface) && !back.has(thing),
      );
    this.#onThere(there, "back");
  }

  /** The event may tell of a removal of our own, and the address may be there again. */
  #leaveOff(thing: Thing): void {
    const { log, machines } = this.#parts;
    if (thing.kind === "address" && machines.isThere(thing)) return;
    this.#putBacks.abandon(thing);
    const text = `${this.#what} ${thing.kind} was removed by somebody, left off`;
    log.warn({ [thing.kind]: nameOf(thing) }, text);
  }

  /** Asked first: whoever did it may be about to end. */
  #removerOf(portIds: readonly (number | null)[]): Remover {
    const own = this.#parts.netlink.portId();
    const foreign = portIds.find((id) => id === null || id === 0 || id !== own);
    return foreign === undefined ? "self" : requesterOf(foreign);
  }

  /** Gives what was not there: when it is, what we heard was a removal of our own. */
  #putBack(things: readonly Thing[], by?: Remover): readonly Thing[] {
    if (things.length === 0) return [];
    const back = this.#hands.add(things);
    if (by !== "self") this.#tellBack(back, by);
    if (back.length > 0) this.#onThere(back, "back");
    if (!back.some(({ kind }) => kind === "address")) return back;
    // With an address the kernel takes off the routes that need it, and says nothing of them.
    const tried = new Set(things);
    const beside = this.#hands
      .wanted()
      .things.filter((each) => each.kind === "route" && !tried.has(each) && this.#isKept(each));
    return [...back, ...this.#putBack(beside, by)];
  }

  #tellBack(things: readonly Thing[], by?: Requester): void {
    for (const told of this.#putBacks.returned(things, this.#parts.clock.nowMs())) {
      const { fields, text } = lineOf(told, this.#what, by);
      this.#parts.log.warn(fields, text);
    }
  }

  #renew(things = this.#hands.wanted().things): void {
    const due = this.#parts.machines
      .without(things)
      .filter((thing) =>
        thing.kind === "address" ? !this.#putBacks.isLeftOff(thing) : this.#isKept(thing),
      );
    // An address is renewed in any case; a route or rule only changes when it was away.
    this.#tellBack(this.#hands.renew(due).filter(({ kind }) => kind !== "address"));
  }

  #renewInTurns(things: readonly Thing[]): void {
    this.#unrenewed = things.slice(RENEWALS_A_TURN_MAX);
    this.#nextTurn.set(this.#unrenewed.length === 0 ? Infinity : this.#parts.clock.nowMs());
    this.#renew(things.slice(0, RENEWALS_A_TURN_MAX));
  }

  #isKept(thing: Thing): boolean {
    return isTracked(thing) && !this.#putBacks.isLeftOff(thing);
  }

  #forgetPutBacks(): void {
    this.#putBacks.forget();
    this.#retry.set(Infinity);
    this.#nextTurn.set(Infinity);
  }

  #armRenewal(): void {
    const { leaseS } = this.#hands.wanted();
    const everyMs = leaseS === null ? CHECK_EVERY_MS : renewEveryMs(leaseS);
    this.#renewal.set(this.#parts.clock.nowMs() + everyMs);
  }

  #armRetry(): void {
    this.#retry.set(this.#putBacks.deadlineMs(this.#parts.clock.nowMs()));
  }
}
