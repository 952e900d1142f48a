// The sockets of a virtual router on the link of its own: adverts leave by it, and those of its very MAC arrive on it.

import type { UnicastHop } from "../../kernel/vrrp-socket.ts";
import { openVrrpReceiver, openVrrpSender, type VrrpSender } from "../../kernel/vrrp-socket.ts";
import { errorText } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { parseMac } from "../../lib/mac.ts";
import type { VirtualLink } from "../../vip/model.ts";
import { claimedVrid } from "../../wire/vrrp.ts";
import type { PortUser } from "./port.ts";

export type LinkSocketsParts = {
  readonly link: VirtualLink;
  /** undefined while the link is not there. */
  readonly index: () => number | undefined;
  /** Of the adverts; null = they go to peers. */
  readonly group: string | null;
  readonly users: ReadonlySet<PortUser>;
  readonly log: Log;
};

export type LinkSockets = {
  /** The link is another one than before, or gone. */
  readonly reopen: () => void;
  /** Throws KernelError. */
  readonly send: (source: string | undefined, advert: Uint8Array, to?: UnicastHop) => void;
  readonly close: () => void;
};

export function openLinkSockets({ link, index, group, users, log }: LinkSocketsParts): LinkSockets {
  const { name } = link;
  let receiver: { readonly close: () => void } | undefined;
  let sender: { readonly key: string; readonly socket: VrrpSender } | undefined;

  function openReceiver(): void {
    const now = index();
    if (now === undefined || group === null || link.kind !== "macvlan") return;
    try {
      receiver = openVrrpReceiver(
        { name, index: now },
        group,
        (packet) => {
          const vrid = claimedVrid(packet.payload);
          for (const user of users) if (user.vrid === vrid) user.hear(packet);
        },
        parseMac(link.mac),
      );
    } catch (error) {
      log.error({ interface: name, error: errorText(error) }, "sockets not opened");
    }
  }

  function senderOf(source: string | undefined): VrrpSender {
    const now = index();
    if (now === undefined || source === undefined) {
      throw new Error(`Cannot send on ${name}: no socket`);
    }
    const key = `${now} ${source}`;
    if (sender?.key === key) return sender.socket;
    sender?.socket.close();
    sender = undefined;
    const socket = openVrrpSender({ name, index: now }, group ?? source, source, {
      borrowed: true,
    });
    sender = { key, socket };
    return socket;
  }

  function close(): void {
    receiver?.close();
    sender?.socket.close();
    receiver = undefined;
    sender = undefined;
  }

  return {
    reopen() {
      close();
      openReceiver();
    },
    send: (source, advert, to) => senderOf(source).send(advert, to),
    close,
  };
}
