// The port of a virtual router with an interface of its own. Adverts leave by that interface. They arrive on the one below,
// but for those whose source is the very MAC of our interface while that is up: the kernel gives them to it.

import { openVrrpReceiver, openVrrpSender, type VrrpSender } from "../../kernel/vrrp-socket.ts";
import { errorText } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { parseMac } from "../../lib/mac.ts";
import type { VirtualLink } from "../../vip/model.ts";
import type { FaultCause } from "../../vrrp/model.ts";
import { claimedVrid } from "../../wire/vrrp.ts";
import type { Port, PortUser } from "./port.ts";
import type { LinkKeeper } from "./virtual-link.ts";

export function openVirtualPort(options: {
  /** Of the interface below. */
  readonly base: Port;
  readonly link: VirtualLink;
  /** Of the adverts; null = they go to peers. */
  readonly group: string | null;
  readonly keeper: LinkKeeper;
  readonly log: Log;
}): Port {
  const { base, link, group, keeper, log } = options;
  const users = new Set<PortUser>();
  let receiver: { readonly close: () => void } | undefined;
  let sender: { readonly key: string; readonly socket: VrrpSender } | undefined;

  function source(): string | undefined {
    const own = link.kind === "ipvlan" && !link.xmitBase ? link.address : null;
    return own?.address ?? base.source();
  }

  function faults(): readonly FaultCause[] {
    const below = base.faults();
    const lacking = below.filter((each) => !isAboutSource(each) || source() === undefined);
    const missing = keeper.index() === undefined && !below.includes("interface_missing");
    return missing ? [...lacking, "virtual_interface_missing"] : lacking;
  }

  function refresh(): void {
    if (!keeper.refresh()) return;
    closeSockets();
    openReceiver();
    for (const user of users) user.portChanged();
  }

  function openReceiver(): void {
    const index = keeper.index();
    if (index === undefined || group === null || link.kind !== "macvlan") return;
    try {
      const device = { name: link.name, index };
      receiver = openVrrpReceiver(
        device,
        group,
        (packet) => {
          const vrid = claimedVrid(packet.payload);
          for (const user of users) if (user.vrid === vrid) user.hear(packet);
        },
        parseMac(link.mac),
      );
    } catch (error) {
      log.error({ interface: link.name, error: errorText(error) }, "sockets not opened");
    }
  }

  function senderOf(): VrrpSender {
    const index = keeper.index();
    const from = source();
    if (index === undefined || from === undefined) {
      throw new Error(`Cannot send on ${link.name}: no socket`);
    }
    const key = `${index} ${from}`;
    if (sender?.key === key) return sender.socket;
    sender?.socket.close();
    sender = undefined;
    const to = group ?? from;
    const socket = openVrrpSender({ name: link.name, index }, to, from, { borrowed: true });
    sender = { key, socket };
    return socket;
  }

  function closeSockets(): void {
    receiver?.close();
    sender?.socket.close();
    receiver = undefined;
    sender = undefined;
  }

  refresh();
  return {
    faults,
    source,
    exit: () => (link.xmitBase ? base.exit() : { interface: link.name, borrowed: true }),
    send(advert, to) {
      if (link.xmitBase) base.send(advert, to);
      else senderOf().send(advert, to);
    },
    occupy: keeper.raise,
    vacate: keeper.lower,
    vacating: keeper.indexUp,
    refused: keeper.refused,
    join(user) {
      users.add(user);
      base.join(user);
    },
    leave(user) {
      users.delete(user);
      base.leave(user);
    },
    isUsed: () => users.size > 0,
    hearOwner: base.hearOwner,
    refresh,
    close() {
      keeper.close();
      // When the link is gone: a socket that leaves its group would say so with the virtual MAC.
      queueMicrotask(closeSockets);
    },
  };
}

function isAboutSource(fault: FaultCause): boolean {
  return fault === "no_source_address" || fault.startsWith("source_is_virtual:");
}
