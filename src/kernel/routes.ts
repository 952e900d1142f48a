// Routes. linux/rtnetlink.h. Requests are values, as those of addresses.ts.
//
//   rtmsg: family u8 | dst_len u8 | src_len u8 | tos u8 | table u8 | protocol u8 | scope u8 | type u8 | flags u32

import { addressBytes, type Family, familyOf, formatAddress } from "../lib/ip.ts";
import { DUET_PROTO } from "./addresses.ts";
import { type MessageWriter, readAttributes, u32Of } from "./attributes.ts";
import { type Netlink, NLM_F_CREATE, type Request } from "./netlink.ts";
import type { NetlinkMessage } from "./netlink-messages.ts";

export const RTM_NEWROUTE = 24;
export const RTM_DELROUTE = 25;
export const RTM_GETROUTE = 26;

const RTA_DST = 1;
const RTA_OIF = 4;
const RTA_GATEWAY = 5;
const RTA_PRIORITY = 6;
const RTA_PREFSRC = 7;
const RTA_METRICS = 8;
const RTA_MULTIPATH = 9;
const RTA_TABLE = 15;
const RTAX_MTU = 2;
const RTNH_F_ONLINK = 4;
const RTM_F_CLONED = 0x200;
const RTMSG_BYTES = 12;
const RTNEXTHOP_BYTES = 8;
const TABLE_IN_HEADER_MAX = 255;
/** linux/ipv6_route.h: the metric of an IPv6 route that says none. */
const IP6_RT_PRIO_USER = 1024;

const AF_INET = 2;
const AF_INET6 = 10;

export const routeTypes = {
  unicast: 1,
  local: 2,
  broadcast: 3,
  anycast: 4,
  multicast: 5,
  blackhole: 6,
  unreachable: 7,
  prohibit: 8,
  throw: 9,
} as const;

/** Those that others read, too. */
export const routeAttributes = {
  destination: RTA_DST,
  interface: RTA_OIF,
  gateway: RTA_GATEWAY,
  metric: RTA_PRIORITY,
  multipath: RTA_MULTIPATH,
} as const;

export type RouteType = keyof typeof routeTypes;

export type RouteHop = {
  readonly via: string | null;
  readonly interfaceIndex: number | null;
  /** 1 to 256; means something beside other hops. */
  readonly weight: number;
  readonly onlink: boolean;
};

export type NewRoute = {
  readonly type: RouteType;
  readonly destination: string;
  readonly prefixLength: number;
  readonly source: string | null;
  readonly table: number;
  /** RT_SCOPE_*; 0 for IPv6, which has none. */
  readonly scope: number;
  readonly metric: number | null;
  /** RTPROT_*; null = duet's own mark, by which left-overs are known. */
  readonly protocol: number | null;
  readonly mtu: number | null;
  /** None for a route that leads nowhere (blackhole and the like). */
  readonly hops: readonly RouteHop[];
};

/** What identifies a route of the kernel, and its bytes to remove it by. */
export type Route = {
  readonly family: Family;
  readonly destination: string;
  readonly prefixLength: number;
  readonly table: number;
  readonly protocol: number;
  readonly body: Buffer;
};

/** In front of others with the same destination; answers EEXIST when exactly this one is there. */
export function addRoute(route: NewRoute): Request {
  return { type: RTM_NEWROUTE, flags: NLM_F_CREATE, body: (writer) => writeRoute(writer, route) };
}

/**
 * Takes off the first one that is like this in all that the request can name; answers ESRCH when there is none. "No source", "no
 * metric", the weights and the end of a list of hops cannot be named (fib_table_delete(), ip6_route_del()): of two routes of
 * ours to the same place it may be the other one that goes.
 */
export function removeRoute(route: NewRoute): Request {
  return { type: RTM_DELROUTE, flags: 0, body: (writer) => writeRoute(writer, route, "exactly") };
}

/** Removes a route that was read. */
export function removeReadRoute({ body }: Pick<Route, "body">): Request {
  return { type: RTM_DELROUTE, flags: 0, body: (writer) => writer.raw(body) };
}

/** Those with this mark. The kernel sorts the others out when the socket asks strictly (a table may hold a million). */
export function listRoutes(netlink: Netlink, protocol: number): readonly Route[] {
  return [AF_INET, AF_INET6].flatMap((family) => {
    const head = Buffer.alloc(RTMSG_BYTES);
    head[0] = family;
    head[5] = protocol;
    return netlink
      .dump({ type: RTM_GETROUTE, flags: 0, body: (writer) => writer.raw(head) })
      .map(decodeRoute)
      .filter((route) => route !== undefined)
      .filter((route) => route.protocol === protocol);
  });
}

/** The route of an RTM_NEWROUTE or RTM_DELROUTE message; undefined for what the kernel only cached. */
export function decodeRoute({ body }: Pick<NetlinkMessage, "body">): Route | undefined {
  if (body.length < RTMSG_BYTES || (body.readUInt32LE(8) & RTM_F_CLONED) !== 0) return undefined;
  const family = body[0] === AF_INET ? 4 : body[0] === AF_INET6 ? 6 : undefined;
  if (family === undefined) return undefined;
  const attributes = readAttributes(body, RTMSG_BYTES);
  const destination = attributes.get(RTA_DST);
  return {
    family,
    destination:
      destination === undefined ? (family === 4 ? "0.0.0.0" : "::") : formatAddress(destination),
    prefixLength: body[1] ?? 0,
    table: u32Of(attributes.get(RTA_TABLE)) ?? body[4] ?? 0,
    protocol: body[5] ?? 0,
    body,
  };
}

/** "exactly": what it has not is said, too, where it can be. */
function writeRoute(writer: MessageWriter, route: NewRoute, how?: "exactly"): void {
  const { destination, prefixLength, table, hops } = route;
  const inet6 = familyOf(destination) === 6;
  const [first, ...others] = hops;
  // In IPv4 one hop by itself would be like the first of several.
  const alone = others.length === 0 && (inet6 || how === undefined) ? first : undefined;
  const metric = route.metric ?? (inet6 ? IP6_RT_PRIO_USER : null);
  const mtu = route.mtu ?? (inet6 || how === undefined ? null : 0);
  writer.rawBytes(
    inet6 ? AF_INET6 : AF_INET,
    prefixLength,
    0,
    0,
    table <= TABLE_IN_HEADER_MAX ? table : 0,
    route.protocol ?? DUET_PROTO,
    route.scope,
    routeTypes[route.type],
  );
  writer.rawU32(alone?.onlink === true ? RTNH_F_ONLINK : 0);
  if (prefixLength > 0) writer.attribute(RTA_DST, addressBytes(destination));
  writer.u32(RTA_TABLE, table);
  if (route.source !== null) writer.attribute(RTA_PREFSRC, addressBytes(route.source));
  if (metric !== null) writer.u32(RTA_PRIORITY, metric);
  if (mtu !== null) writer.nested(RTA_METRICS, (inner) => inner.u32(RTAX_MTU, mtu));
  if (alone !== undefined) {
    if (alone.via !== null) writer.attribute(RTA_GATEWAY, addressBytes(alone.via));
    if (alone.interfaceIndex !== null) writer.u32(RTA_OIF, alone.interfaceIndex);
  } else if (hops.length > 0) {
    writer.nested(RTA_MULTIPATH, (inner) => {
      for (const hop of hops) writeHop(inner, hop);
    });
  }
}

/** struct rtnexthop: length u16 | flags u8 | weight - 1 u8 | interface i32, then attributes. */
function writeHop(writer: MessageWriter, { via, interfaceIndex, weight, onlink }: RouteHop): void {
  const gateway = via === null ? undefined : addressBytes(via);
  const length = RTNEXTHOP_BYTES + (gateway === undefined ? 0 : 4 + gateway.length);
  writer.rawBytes(length, 0, onlink ? RTNH_F_ONLINK : 0, weight - 1);
  writer.rawU32(interfaceIndex ?? 0);
  if (gateway !== undefined) writer.attribute(RTA_GATEWAY, gateway);
}
