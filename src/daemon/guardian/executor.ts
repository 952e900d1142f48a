// Holds the last will of the vrrp role and carries it out: sockets open, bytes ready, nothing left to compute.

import {
  addressPlace,
  DUET_PROTO,
  decodeAddress,
  keepsMarks,
  listAddresses,
  RTM_DELADDR,
  whoseIs,
} from "../../kernel/addresses.ts";
import { NETLINK_ROUTE, type Netlink, openNetlink, type Request } from "../../kernel/netlink.ts";
import { removeAllLike } from "../../kernel/removals.ts";
import { decodeRoute, RTM_DELROUTE } from "../../kernel/routes.ts";
import { RTM_DELRULE } from "../../kernel/rules.ts";
import { removeLinks } from "../../kernel/virtual-links.ts";
import { ifIndexOf } from "../../kernel/vrrp-raw.ts";
import { openVrrpSender, type UnicastHop, type VrrpSender } from "../../kernel/vrrp-socket.ts";
import { errorText } from "../../lib/errors.ts";
import { familyOf, isMulticast } from "../../lib/ip.ts";
import type { Log } from "../../lib/log.ts";
import { groupOfFamily } from "../../wire/vrrp.ts";
import type { LastWill } from "../process/messages.ts";

export type Executor = {
  /** Replaces the wills of these instances; `isAll` = of all: who is not named has none any more. */
  readonly hold: (wills: readonly LastWill[], isAll: boolean) => void;
  /** Once: what is carried out is forgotten. Never throws. */
  readonly execute: () => void;
};

type Ready = {
  readonly will: LastWill;
  readonly removals: readonly Removal[];
  readonly adverts: readonly {
    readonly sender: VrrpSender;
    readonly bytes: Buffer;
    readonly to: UnicastHop | undefined;
  }[];
};

type Removal = {
  readonly request: Request;
  /** Of an address. */
  readonly place: string | null;
  /** A route or rule that nobody but duet makes. */
  readonly marked: boolean;
};

export function openExecutor(log: Log): Executor {
  const netlink = openNetlink(NETLINK_ROUTE, "rtnetlink");
  const senders = new Map<string, VrrpSender>();
  const held = new Map<string, Ready>();

  function hold(wills: readonly LastWill[], isAll: boolean): void {
    if (isAll) held.clear();
    for (const will of wills) {
      const { removals, adverts } = will;
      held.set(will.instance, {
        will,
        removals: removals.map(removalOf),
        adverts: readied(adverts),
      });
    }
    closeUnused();
  }

  function readied(adverts: LastWill["adverts"]): Ready["adverts"] {
    return adverts.flatMap((advert) => {
      const sender = senderOf(advert);
      const { destination, ttl } = advert;
      const to = isMulticast(destination) ? undefined : { destination, ttl };
      const bytes = Buffer.from(advert.packetHex, "hex");
      return sender === undefined ? [] : [{ sender, bytes, to }];
    });
  }

  function senderOf(advert: LastWill["adverts"][number]): VrrpSender | undefined {
    const { interface: name, borrowed, source, destination } = advert;
    try {
      const index = ifIndexOf(name);
      // Peers are reached through the same socket, whichever its group is.
      const ofFamily = groupOfFamily(familyOf(source) ?? 4);
      const group = isMulticast(destination) ? destination : ofFamily;
      const key = `${name} ${index} ${source} ${group}`;
      const sender =
        senders.get(key) ?? openVrrpSender({ name, index }, group, source, { borrowed });
      senders.set(key, sender);
      return sender;
    } catch (error) {
      log.warn({ interface: name, error: errorText(error) }, "last will cannot be sent here");
      return undefined;
    }
  }

  function closeUnused(): void {
    const used = new Set<VrrpSender>();
    for (const { adverts } of held.values()) for (const { sender } of adverts) used.add(sender);
    for (const [key, sender] of senders) {
      if (used.has(sender)) continue;
      sender.close();
      senders.delete(key);
    }
  }

  function apply(removals: readonly Removal[], failures: string[]): void {
    try {
      const requests = removals.map(({ request }) => request);
      if (requests.length > 0) netlink.batch(requests);
      removeAllLike(
        netlink,
        requests.filter((_, i) => removals[i]?.marked === true),
      );
    } catch (error) {
      failures.push(errorText(error));
    }
  }

  function execute(): void {
    const all = [...held.values()];
    held.clear();
    const removals = all.flatMap((each) => each.removals);
    const adverts = all.flatMap((each) => each.adverts);
    const failures: string[] = [];
    // Law 1, one owner: addresses off before anybody is told that they are free.
    const machines = machinesPlaces(netlink, removals, failures);
    const due = removals.filter(({ place }) => place === null || !machines.has(place));
    apply(due, failures);
    for (const { sender, bytes, to } of adverts) {
      try {
        sender.send(bytes, to);
      } catch (error) {
        failures.push(errorText(error));
      }
    }
    const links = all.flatMap(({ will }) => will.links);
    if (links.length > 0) apply(removeLinks(links).map(plainly), failures);
    if (removals.length === 0 && adverts.length === 0) return;
    const removed = all.flatMap(({ will }) => will.removals.map(({ what }) => what));
    const masters = all.filter(({ will }) => will.adverts.length > 0);
    const instances = masters.map(({ will }) => will.instance);
    log.warn({ instances, removed, failures }, "last will of the vrrp role carried out");
  }

  return { hold, execute };
}

/** A will is as old as the last transition: what is in the place of an address may be the machine's own by now. */
function machinesPlaces(
  netlink: Netlink,
  removals: readonly Removal[],
  failures: string[],
): ReadonlySet<string> {
  if (removals.every(({ place }) => place === null)) return new Set();
  try {
    const present = listAddresses(netlink);
    const marks = keepsMarks(present);
    return new Set(
      present
        .filter((each) => whoseIs(each, marks) === "machine")
        .map((each) => addressPlace(each)),
    );
  } catch (error) {
    failures.push(errorText(error));
    return new Set();
  }
}

function plainly(request: Request): Removal {
  return { request, place: null, marked: false };
}

function removalOf({ messageType, messageHex }: LastWill["removals"][number]): Removal {
  const body = Buffer.from(messageHex, "hex");
  const address = messageType === RTM_DELADDR ? decodeAddress({ body }) : undefined;
  return {
    request: { type: messageType, flags: 0, body: (writer) => writer.raw(body) },
    place: address === undefined ? null : addressPlace(address),
    marked:
      messageType === RTM_DELRULE ||
      (messageType === RTM_DELROUTE && decodeRoute({ body })?.protocol === DUET_PROTO),
  };
}
