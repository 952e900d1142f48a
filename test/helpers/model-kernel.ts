// The kernel's addresses, routes and rules as a Map: it takes the requests that the real one takes and says what that
// says, and keeps what was asked of it.

import {
  type Address,
  decodeAddress,
  RTM_DELADDR,
  RTM_NEWADDR,
} from "../../src/kernel/addresses.ts";
import { MessageWriter } from "../../src/kernel/attributes.ts";
import { KernelError } from "../../src/kernel/errors.ts";
import { type Netlink, NLM_F_EXCL, type Request } from "../../src/kernel/netlink.ts";
import { messagesOf } from "../../src/kernel/netlink-messages.ts";
import { decodeRoute, RTM_DELROUTE, RTM_NEWROUTE } from "../../src/kernel/routes.ts";
import { RTM_NEWRULE } from "../../src/kernel/rules.ts";

export type ModelKernel = {
  readonly netlink: Netlink;
  /** Where something is, and what it is like. */
  readonly holds: () => ReadonlyMap<string, string>;
  /** The places of all that was removed so far. */
  readonly removed: () => readonly string[];
  readonly batches: () => number;
  /** All addresses go; returns them. */
  readonly flush: () => readonly Address[];
};

const EEXIST = 17;
const ESRCH = 3;
const ENOENT = 2;
const EADDRNOTAVAIL = 99;

export function openModelKernel(): ModelKernel {
  const things = new Map<string, string>();
  const removed: string[] = [];
  const addresses = new Map<string, Address>();
  let batches = 0;

  function refuse(request: Request): number {
    const { type, flags } = request;
    const { place, value, address } = read(request);
    if (address !== undefined) addresses.set(place, address);
    switch (type) {
      case RTM_NEWADDR:
      case RTM_NEWROUTE:
      case RTM_NEWRULE: {
        const known = things.get(place);
        if (known === undefined) things.set(place, value);
        // Renewed: only its lifetime becomes another one.
        return known !== undefined && (type !== RTM_NEWADDR || (flags & NLM_F_EXCL) !== 0)
          ? EEXIST
          : 0;
      }
      default:
        if (!things.delete(place)) {
          return type === RTM_DELADDR ? EADDRNOTAVAIL : type === RTM_DELROUTE ? ESRCH : ENOENT;
        }
        removed.push(place);
        return 0;
    }
  }

  return {
    netlink: {
      request: () => [],
      dump: () => [],
      dumpOf: () => [],
      batch(requests) {
        batches += 1;
        const errors = new Map<number, KernelError>();
        requests.forEach((request, i) => {
          const code = refuse(request);
          if (code !== 0) errors.set(i, new KernelError("model", code));
        });
        return errors;
      },
      portId: () => 1,
      transaction: () => new Map(),
      close: () => {},
    },
    holds: () => new Map(things),
    removed: () => [...removed],
    batches: () => batches,
    flush() {
      const all = [...addresses].filter(([place]) => things.has(place));
      for (const [place] of all) things.delete(place);
      return all.map(([, address]) => address);
    },
  };
}

function read({ type, body }: Request): {
  readonly place: string;
  readonly value: string;
  readonly address?: Address;
} {
  const writer = new MessageWriter(256);
  writer.message({ type, flags: 0, sequence: 0 }, body);
  const [message] = [...messagesOf(writer.bytes)];
  if (message === undefined) throw new Error("A request without a message");
  if (type === RTM_NEWADDR || type === RTM_DELADDR) {
    const address = decodeAddress(message);
    if (address === undefined) throw new Error("A request without an address");
    const { interfaceIndex, address: text, prefixLength, scope, label } = address;
    const place = `address ${interfaceIndex} ${text}/${prefixLength}`;
    return { place, value: `scope ${scope} label ${label}`, address };
  }
  if (type === RTM_NEWROUTE || type === RTM_DELROUTE) {
    const route = decodeRoute(message);
    return {
      place: `route ${route?.destination}/${route?.prefixLength} table ${route?.table}`,
      value: "",
    };
  }
  // A rule is all that it says.
  return { place: `rule ${message.body.toString("hex")}`, value: "" };
}
