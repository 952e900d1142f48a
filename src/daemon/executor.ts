// Holds the last will of the vrrp role and carries it out: sockets open, bytes ready, nothing left to compute.

import { NETLINK_ROUTE, openNetlink, type Request } from "../kernel/netlink.ts";
import { ifIndexOf } from "../kernel/vrrp-raw.ts";
import { openVrrpSender, type UnicastHop, type VrrpSender } from "../kernel/vrrp-socket.ts";
import { errorText } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import { VRRP_GROUP_IPV4, VRRP_GROUP_IPV6 } from "../wire/vrrp.ts";
import type { LastWill } from "./messages.ts";

export type Executor = {
  readonly hold: (will: LastWill) => void;
  /** Once: what is carried out is forgotten. Never throws. */
  readonly execute: () => void;
};

type Ready = {
  readonly removals: readonly Request[];
  readonly adverts: readonly {
    readonly sender: VrrpSender;
    readonly bytes: Buffer;
    readonly to: UnicastHop | undefined;
  }[];
};

const NOTHING: Ready = { removals: [], adverts: [] };

export function openExecutor(log: Log): Executor {
  const netlink = openNetlink(NETLINK_ROUTE, "rtnetlink");
  let senders = new Map<string, VrrpSender>();
  let ready: Ready = NOTHING;
  let will: LastWill = { removals: [], adverts: [] };

  function hold(next: LastWill): void {
    will = next;
    const kept = new Map<string, VrrpSender>();
    const adverts = next.adverts.flatMap((advert) => {
      const sender = senderOf(advert, kept);
      const { destination, ttl } = advert;
      const to = destination === groupFor(advert.source) ? undefined : { destination, ttl };
      const bytes = Buffer.from(advert.packetHex, "hex");
      return sender === undefined ? [] : [{ sender, bytes, to }];
    });
    for (const [key, sender] of senders) if (!kept.has(key)) sender.close();
    senders = kept;
    const removals = next.removals.map(({ messageType, messageHex }) => {
      const bytes = Buffer.from(messageHex, "hex");
      return {
        type: messageType,
        flags: 0,
        body: (writer: Parameters<Request["body"]>[0]) => writer.raw(bytes),
      };
    });
    ready = { removals, adverts };
  }

  function senderOf(
    advert: LastWill["adverts"][number],
    kept: Map<string, VrrpSender>,
  ): VrrpSender | undefined {
    const { interface: name, source } = advert;
    try {
      const index = ifIndexOf(name);
      const key = `${name} ${index} ${source}`;
      const sender =
        kept.get(key) ??
        senders.get(key) ??
        openVrrpSender({ name, index }, groupFor(source), source);
      kept.set(key, sender);
      return sender;
    } catch (error) {
      log.warn({ interface: name, error: errorText(error) }, "last will cannot be sent here");
      return undefined;
    }
  }

  function execute(): void {
    const { removals, adverts } = ready;
    ready = NOTHING;
    const failures: string[] = [];
    // Law 1, one owner: addresses off before anybody is told that they are free.
    try {
      if (removals.length > 0) netlink.batch(removals);
    } catch (error) {
      failures.push(errorText(error));
    }
    for (const { sender, bytes, to } of adverts) {
      try {
        sender.send(bytes, to);
      } catch (error) {
        failures.push(errorText(error));
      }
    }
    const removed = will.removals.map(({ what }) => what);
    const instances = [...new Set(will.adverts.map(({ instance }) => instance))];
    will = { removals: [], adverts: [] };
    if (removals.length === 0 && adverts.length === 0) return;
    log.warn({ instances, removed, failures }, "last will of the vrrp role carried out");
  }

  return { hold, execute };
}

function groupFor(source: string): string {
  return source.includes(":") ? VRRP_GROUP_IPV6 : VRRP_GROUP_IPV4;
}
