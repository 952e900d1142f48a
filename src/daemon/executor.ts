// Holds the last will of the vrrp role and carries it out: sockets open, bytes ready, nothing left to compute.

import { NETLINK_ROUTE, openNetlink, type Request } from "../kernel/netlink.ts";
import { removeLinks } from "../kernel/virtual-links.ts";
import { ifIndexOf } from "../kernel/vrrp-raw.ts";
import { openVrrpSender, type UnicastHop, type VrrpSender } from "../kernel/vrrp-socket.ts";
import { errorText } from "../lib/errors.ts";
import { familyOf, isMulticast } from "../lib/ip.ts";
import type { Log } from "../lib/log.ts";
import { groupOfFamily } from "../wire/vrrp.ts";
import type { LastWill } from "./messages.ts";

export type Executor = {
  /** Replaces the wills of these instances; `isAll` = of all: who is not named has none any more. */
  readonly hold: (wills: readonly LastWill[], isAll: boolean) => void;
  /** Once: what is carried out is forgotten. Never throws. */
  readonly execute: () => void;
};

type Ready = {
  readonly will: LastWill;
  readonly removals: readonly Request[];
  readonly adverts: readonly {
    readonly sender: VrrpSender;
    readonly bytes: Buffer;
    readonly to: UnicastHop | undefined;
  }[];
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
        removals: removals.map(requestOf),
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

  function apply(requests: readonly Request[], failures: string[]): void {
    try {
      if (requests.length > 0) netlink.batch(requests);
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
    apply(removals, failures);
    for (const { sender, bytes, to } of adverts) {
      try {
        sender.send(bytes, to);
      } catch (error) {
        failures.push(errorText(error));
      }
    }
    const links = all.flatMap(({ will }) => will.links);
    if (links.length > 0) apply(removeLinks(links), failures);
    if (removals.length === 0 && adverts.length === 0) return;
    const removed = all.flatMap(({ will }) => will.removals.map(({ what }) => what));
    const masters = all.filter(({ will }) => will.adverts.length > 0);
    const instances = masters.map(({ will }) => will.instance);
    log.warn({ instances, removed, failures }, "last will of the vrrp role carried out");
  }

  return { hold, execute };
}

function requestOf({ messageType, messageHex }: LastWill["removals"][number]): Request {
  const bytes = Buffer.from(messageHex, "hex");
  return { type: messageType, flags: 0, body: (writer) => writer.raw(bytes) };
}
