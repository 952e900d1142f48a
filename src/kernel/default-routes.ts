// The default routes of the main table, of whoever made them, as they can be put back.

import { type Family, formatAddress } from "../lib/ip.ts";
import { type MessageWriter, readAttributes, u32Of } from "./attributes.ts";
import { type Netlink, NLM_F_CREATE, type Request } from "./netlink.ts";
import { AF_INET, AF_INET6, RTMSG_BYTES, RTNH_F_ONLINK } from "./numbers.ts";
import {
  decodeRoute,
  RTM_GETROUTE,
  RTM_NEWROUTE,
  removeReadRoute,
  routeAttributes,
  routeTypes,
} from "./routes.ts";

const FLAGS_AT = 8;
const TABLE_MAIN = 254;

export type DefaultRoute = {
  readonly family: Family;
  /** null: a device alone, or several next hops. */
  readonly via: string | null;
  readonly interfaceIndex: number | null;
  readonly severalHops: boolean;
  readonly metric: number;
  readonly protocol: number;
  /** The message of the kernel, hexadecimal. */
  readonly body: string;
};

/** In the order in which the kernel tries them. */
export function listDefaultRoutes(netlink: Netlink): readonly DefaultRoute[] {
  return [AF_INET, AF_INET6].flatMap((family) => {
    const head = Buffer.alloc(RTMSG_BYTES);
    head[0] = family;
    const body = (writer: MessageWriter): void => writer.raw(head);
    const routes = netlink.dump({ type: RTM_GETROUTE, flags: 0, body }).flatMap((message) => {
      const route = decodeRoute(message);
      const isDefault = route?.prefixLength === 0 && route.table === TABLE_MAIN;
      return isDefault && message.body[7] === routeTypes.unicast ? decodeDefault(route) : [];
    });
    return routes.toSorted((a, b) => a.metric - b.metric);
  });
}

/** In front of others with its metric. Answers EEXIST when it is there. */
export function putBackRoute(body: string): Request {
  const bytes = bytesOf(body);
  return { type: RTM_NEWROUTE, flags: NLM_F_CREATE, body: (writer) => writer.raw(bytes) };
}

/** Answers ESRCH when it is not there. */
export function takeAwayRoute(body: string): Request {
  const bytes = bytesOf(body);
  return removeReadRoute({ family: bytes[0] === AF_INET6 ? 6 : 4, body: bytes });
}

function decodeDefault(route: {
  readonly family: Family;
  readonly protocol: number;
  readonly body: Buffer;
}): DefaultRoute {
  const { family, protocol, body } = route;
  const attributes = readAttributes(body, RTMSG_BYTES);
  const gateway = attributes.get(routeAttributes.gateway);
  return {
    family,
    via: gateway === undefined ? null : formatAddress(gateway),
    interfaceIndex: u32Of(attributes.get(routeAttributes.interface)) ?? null,
    severalHops: attributes.has(routeAttributes.multipath),
    metric: u32Of(attributes.get(routeAttributes.metric)) ?? 0,
    protocol,
    body: body.toString("hex"),
  };
}

/** Without what the kernel says of a route's present state (dead, no carrier, in hardware) and takes from nobody. */
function bytesOf(body: string): Buffer {
  const bytes = Buffer.from(body, "hex");
  bytes.writeUInt32LE(bytes.readUInt32LE(FLAGS_AT) & RTNH_F_ONLINK, FLAGS_AT);
  return bytes;
}
