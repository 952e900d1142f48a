// Routes. linux/rtnetlink.h. Requests are values, as those of addresses.ts.
//
//   rtmsg: family u8 | dst_len u8 | src_len u8 | tos u8 | table u8 | protocol u8 | scope u8 | type u8 | flags u32

import { addressBytes, type Family, familyOf, formatAddress } from "../lib/ip.ts";
import { DUET_PROTO } from "./addresses.ts";
import { MessageWriter, readAttributes, u32Of } from "./attributes.ts";
import { type Netlink, NLM_F_CREATE, type Request } from "./netlink.ts";
import type { NetlinkMessage } from "./netlink-messages.ts";
import { AF_INET, AF_INET6, RTMSG_BYTES, RTNH_F_ONLINK, TABLE_IN_HEADER_MAX } from "./numbers.ts";

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
const RTM_F_CLONED = 0x200;
const PROTOCOL_AT = 5;
const RTNEXTHOP_BYTES = 8;
/** linux/ipv6_route.h: the metric of an IPv6 route that says none. */
const IP6_RT_PRIO_USER = 1024;
/** What is named by it has no gateway. */
const NO_GATEWAY = "::";
/** include/net/net_namespace.h, LOOPBACK_IFINDEX: where IPv6 routes are that lead nowhere. */
const LOOPBACK_INDEX = 1;

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
  source: RTA_PREFSRC,
  table: RTA_TABLE,
  metrics: RTA_METRICS,
  mtu: RTAX_MTU,
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

/**
 * What comes and goes by itself. In IPv6 each hop does: routes with the same place and metric, of whichever maker, are shown and used
 * as one (fib6_add_rt2node()). A request for several is refused whole when one of them is there.
 */
export function partsOf(route: NewRoute): readonly NewRoute[] {
  const { hops } = route;
  const isOne = hops.length < 2 || familyOf(route.destination) === 4;
  // Without a gateway the kernel refuses it, and says why; in somebody else's name it is there whole or not at all.
  if (isOne || route.protocol !== null || hops.some(({ via }) => via === null)) return [route];
  return hops.map((hop) => ({ ...route, hops: [hop] }));
}

/**
 * In front of others with the same destination; answers EEXIST when exactly this one is there. In IPv6 beside others with the same
 * metric; EEXIST when one with the same hop is there, whoever made it.
 */
export function addRoute(route: NewRoute): Request {
  return { type: RTM_NEWROUTE, flags: NLM_F_CREATE, body: (writer) => writeRoute(writer, route) };
}

/**
 * Takes off the first one that is like this in all that the request can name; answers ESRCH when there is none. "No source", "no
 * metric", the weights and the end of a list of hops cannot be named (fib_table_delete(), ip6_route_del()): of two routes of
 * ours to the same place it may be the other one that goes. An IPv6 removal without a gateway takes along all hops of what it finds,
 * the machine's, too (__ip6_del_rt_siblings()): so "none" is named.
 */
export function removeRoute(route: NewRoute): Request {
  const named = familyOf(route.destination) === 6 ? { ...route, hops: named6(route.hops) } : route;
  return { type: RTM_DELROUTE, flags: 0, body: (writer) => writeRoute(writer, named, "exactly") };
}

function named6(hops: NewRoute["hops"]): NewRoute["hops"] {
  const nowhere = { via: null, interfaceIndex: LOOPBACK_INDEX, weight: 1, onlink: false };
  return (hops.length === 0 ? [nowhere] : hops).map((hop) => ({
    ...hop,
    via: hop.via ?? NO_GATEWAY,
  }));
}

/** Removes a route that was read. */
export function removeReadRoute({ family, body }: Pick<Route, "family" | "body">): Request {
  const attributes = readAttributes(body, RTMSG_BYTES);
  const isNamed = family === 4 || attributes.has(RTA_GATEWAY) || attributes.has(RTA_MULTIPATH);
  return {
    type: RTM_DELROUTE,
    flags: 0,
    body(writer) {
      writer.raw(body);
      if (!isNamed) writer.attribute(RTA_GATEWAY, addressBytes(NO_GATEWAY));
    },
  };
}

/** Those with this mark, but for what listHops6() tells. The kernel sorts the others out when the socket asks strictly (a table may hold a million). */
export function listRoutes(netlink: Netlink, protocol: number): readonly Route[] {
  return [AF_INET, AF_INET6].flatMap((family) =>
    dumpRoutes(
      netlink,
      family,
      protocol,
      (body) => body[PROTOCOL_AT] === protocol && !(family === AF_INET6 && isOfSeveral(body)),
    ),
  );
}

/**
 * The hops of IPv6 routes that have several, each as if it had this mark: the kernel tells that of the first hop only
 * (fib6_dump_node()). Removing one that has another finds nothing.
 */
export function listHops6(netlink: Netlink, protocol: number): readonly Route[] {
  const several = dumpRoutes(netlink, AF_INET6, 0, isOfSeveral);
  return several.flatMap((route) => hopsOf(route, protocol));
}

function dumpRoutes(
  netlink: Netlink,
  family: number,
  protocol: number,
  isMeant?: (body: Buffer) => boolean,
): readonly Route[] {
  const head = Buffer.alloc(RTMSG_BYTES);
  head[0] = family;
  head[PROTOCOL_AT] = protocol;
  const asked: Request = { type: RTM_GETROUTE, flags: 0, body: (writer) => writer.raw(head) };
  return netlink.dumpOf(asked, (bytes, start, end) => {
    const lies = bytes.subarray(start, end);
    return isMeant?.(lies) === false ? undefined : decodeRoute({ body: Buffer.from(lies) });
  });
}

function isOfSeveral(body: Buffer): boolean {
  return readAttributes(body, RTMSG_BYTES).has(RTA_MULTIPATH);
}

function hopsOf(route: Route, protocol: number): readonly Route[] {
  const attributes = readAttributes(route.body, RTMSG_BYTES);
  return readHops(attributes.get(RTA_MULTIPATH)).map(({ interfaceIndex, gateway }) => {
    const writer = new MessageWriter(128);
    writer.raw(route.body.subarray(0, RTMSG_BYTES));
    writer.bytes[PROTOCOL_AT] = protocol;
    for (const type of [RTA_DST, RTA_TABLE, RTA_PRIORITY]) {
      const value = attributes.get(type);
      if (value !== undefined) writer.attribute(type, value);
    }
    writer.attribute(RTA_GATEWAY, gateway ?? addressBytes(NO_GATEWAY));
    writer.u32(RTA_OIF, interfaceIndex);
    return { ...route, protocol, body: Buffer.from(writer.bytes) };
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
  const isPlain = how === undefined ? first?.weight === 1 || !inet6 : inet6;
  const alone = others.length === 0 && isPlain ? first : undefined;
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

export type ReadHop = {
  readonly interfaceIndex: number;
  readonly gateway: Buffer | undefined;
  readonly weight: number;
  readonly onlink: boolean;
};

/** Of RTA_MULTIPATH. */
export function readHops(value: Buffer = Buffer.alloc(0)): readonly ReadHop[] {
  const hops: ReadHop[] = [];
  for (let at = 0; at + RTNEXTHOP_BYTES <= value.length; ) {
    const length = value.readUInt16LE(at);
    if (length < RTNEXTHOP_BYTES || at + length > value.length) break;
    const attributes = readAttributes(value.subarray(at, at + length), RTNEXTHOP_BYTES);
    const interfaceIndex = value.readUInt32LE(at + 4);
    const onlink = ((value[at + 2] ?? 0) & RTNH_F_ONLINK) !== 0;
    const weight = (value[at + 3] ?? 0) + 1;
    hops.push({ interfaceIndex, gateway: attributes.get(RTA_GATEWAY), weight, onlink });
    at += (length + 3) & ~3;
  }
  return hops;
}
