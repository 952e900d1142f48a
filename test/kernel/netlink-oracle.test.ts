// Our messages beside the codecs of the npm package netlink, which somebody else wrote: what we write it reads, and what it
// writes we read. Bytes only, no kernel.

import test from "ava";
import fc from "fast-check";
import { formatMessage as formatGeneric, parseMessage } from "netlink/dist/genl/structs.js";
import {
  type AddressMessage,
  formatAddressMessage,
  formatLinkMessage,
  formatRouteMessage,
  formatRuleMessage,
  parseAddressMessage,
  parseRouteMessage,
  parseRouteNextHop,
  parseRuleMessage,
  type RouteMessage,
  type RuleMessage,
} from "netlink/dist/rt/structs.js";
import {
  AttrStream,
  formatMessage,
  parseAttribute,
  parseMessages,
  type StreamData,
} from "netlink/dist/structs.js";
import {
  addAddress,
  DUET_PROTO,
  decodeAddress,
  type NewAddress,
  removeAddress,
} from "../../src/kernel/addresses.ts";
import { MessageWriter, readAttributes } from "../../src/kernel/attributes.ts";
import { decodeLink } from "../../src/kernel/links.ts";
import type { Request } from "../../src/kernel/netlink.ts";
import { messagesOf, type NetlinkMessage } from "../../src/kernel/netlink-messages.ts";
import { addRoute, decodeRoute, type NewRoute, routeTypes } from "../../src/kernel/routes.ts";
import { addRule, decodeRule, type NewRule } from "../../src/kernel/rules.ts";
import { addressBytes, type Family, formatAddress } from "../../src/lib/ip.ts";

/** RTPROT_* that netlink has no name for. */
const protocol = fc.integer({ min: 193, max: 255 });
const u8 = fc.integer({ min: 0, max: 255 });
const u32 = fc.integer({ min: 0, max: 0xffffffff });
const index = fc.integer({ min: 1, max: 0x7fffffff });
const name = fc.stringMatching(/^[a-z][a-z0-9.]{0,14}$/);
const bytesOf = (family: Family): fc.Arbitrary<Buffer> =>
  fc
    .uint8Array({ minLength: family === 4 ? 4 : 16, maxLength: family === 4 ? 4 : 16 })
    .map((bytes) => Buffer.from(bytes));
const text = (family: Family): fc.Arbitrary<string> => bytesOf(family).map(formatAddress);
const family = fc.constantFrom<Family>(4, 6);
const lengthOf = (of: Family): fc.Arbitrary<number> =>
  fc.integer({ min: 1, max: of === 4 ? 32 : 128 });
const AF = { 4: 2, 6: 10 } as const;

const newAddress: fc.Arbitrary<NewAddress> = family.chain((of) =>
  fc.record({
    interfaceIndex: index,
    address: text(of),
    prefixLength: lengthOf(of),
    scope: fc.constantFrom(0, 253, 254),
    label: fc.option(name),
    broadcast: of === 4 ? fc.option(text(4)) : fc.constant(null),
    leaseS: fc.option(fc.integer({ min: 1, max: 1000 })),
  }),
);

const newRoute: fc.Arbitrary<NewRoute> = family.chain((of) =>
  fc.record({
    type: fc.constantFrom(...(Object.keys(routeTypes) as NewRoute["type"][])),
    destination: text(of),
    prefixLength: lengthOf(of),
    source: fc.option(text(of)),
    table: fc.integer({ min: 1, max: 0xffffffff }),
    scope: fc.constantFrom(0, 200, 253, 254, 255),
    metric: fc.option(u32),
    protocol: fc.option(protocol),
    mtu: fc.option(fc.integer({ min: 68, max: 65535 })),
    hops: fc.array(
      fc.record({
        via: fc.option(text(of)),
        interfaceIndex: fc.option(index),
        weight: fc.integer({ min: 1, max: 256 }),
        onlink: fc.boolean(),
      }),
      { maxLength: 3 },
    ),
  }),
);

const newRule: fc.Arbitrary<NewRule> = family.chain((of) => {
  const prefix = fc.record({ address: text(of), prefixLength: lengthOf(of) });
  return fc.record({
    family: fc.constant(of),
    not: fc.boolean(),
    from: fc.option(prefix),
    to: fc.option(prefix),
    fwmark: fc.option(fc.record({ mark: u32, mask: fc.option(u32) })),
    iif: fc.option(name),
    oif: fc.option(name),
    table: fc.integer({ min: 1, max: 0xffffffff }),
    priority: u32,
  });
});

/** Header and body of our request, as the other library reads them. */
function readByOther({ type, flags, body }: Request): Buffer {
  const writer = new MessageWriter();
  writer.message({ type, flags, sequence: 7 }, body);
  const [message, ...others] = parseMessages(Buffer.from(writer.bytes));
  if (message === undefined || others.length > 0) throw new Error("Not one message");
  if (message.type !== type || message.flags !== flags || message.seq !== 7) {
    throw new Error("Another header");
  }
  return message.data;
}

/** What the other library wrote, as we take it from a datagram. */
function writtenByOther(type: number, write: (out: AttrStream) => void): NetlinkMessage {
  const out = new AttrStream();
  write(out);
  const bytes = formatMessage({ type, flags: 0, seq: 9, port: 5, data: flat(out.bufs) });
  const [message, ...others] = messagesOf(flat(bytes));
  if (message === undefined || others.length > 0) throw new Error("Not one message");
  return message;
}

function flat(data: StreamData): Buffer {
  if (typeof data !== "function") return Buffer.concat(Array.isArray(data) ? data : [data]);
  const out = new AttrStream();
  data(out);
  return Buffer.concat(out.bufs);
}

const plain = (bytes: Buffer | undefined): string | undefined => bytes && formatAddress(bytes);

test("addAddress(), removeAddress() say what netlink reads", (t) => {
  fc.assert(
    fc.property(newAddress, (address) => {
      const added: AddressMessage = parseAddressMessage(readByOther(addAddress(address)));
      const of = addressBytes(address.address).length === 4 ? 4 : 6;
      t.is(added.data.family, AF[of]);
      t.is(added.data.prefixlen, address.prefixLength);
      t.is(added.data.index, address.interfaceIndex);
      t.is(added.data.scope, address.scope);
      t.is(plain(added.attrs.local), address.address);
      t.is(plain(added.attrs.address), address.address);
      t.is(plain(added.attrs.broadcast) ?? null, address.broadcast);
      t.is(added.attrs.label ?? null, address.label);
      t.is(added.attrs.flags?.nodad ?? false, of === 6);
      if (address.leaseS !== null) t.is(added.attrs.cacheInfo?.ifaValid, address.leaseS);
      const removed = parseAddressMessage(readByOther(removeAddress(address)));
      t.is(plain(removed.attrs.local), address.address);
      t.is(removed.data.prefixlen, address.prefixLength);
    }),
  );
});

test("decodeAddress() reads what netlink writes", (t) => {
  const cases = family.chain((of) => fc.tuple(fc.constant(of), bytesOf(of), lengthOf(of), name));
  fc.assert(
    fc.property(
      cases,
      index,
      u8,
      fc.boolean(),
      ([of, local, prefixlen, label], ifindex, scope, secondary) => {
        const message = writtenByOther(20, (out) => {
          const flags = secondary ? ({ secondary: true, permanent: true } as const) : {};
          const data = { family: AF[of], prefixlen, index: ifindex, scope, flags: {} };
          formatAddressMessage({ kind: "address", data, attrs: { local, label, flags } }, out);
        });
        t.like(decodeAddress(message), {
          interfaceIndex: ifindex,
          address: formatAddress(local),
          prefixLength: prefixlen,
          scope,
          secondary,
          label,
        });
      },
    ),
  );
});

test("addRoute() says what netlink reads", (t) => {
  fc.assert(
    fc.property(newRoute, (route) => {
      const { data, attrs }: RouteMessage = parseRouteMessage(readByOther(addRoute(route)));
      const [first] = route.hops;
      t.is(data.dstLen, route.prefixLength);
      t.is(Number(data.protocol), route.protocol ?? DUET_PROTO);
      t.is(plain(attrs.dst), route.destination);
      t.is(attrs.table, route.table);
      // IPv6 has no route without one: the kernel gives it 1024 (IP6_RT_PRIO_USER), and so do we.
      t.is(attrs.priority ?? null, route.metric ?? (data.family === AF[6] ? 1024 : null));
      t.is(plain(attrs.prefsrc) ?? null, route.source);
      t.is(attrs.metrics?.mtu?.readUInt32LE(0) ?? null, route.mtu);
      // In IPv6 one of several hops is a route of its own, which keeps its weight.
      const isWeighed = data.family === AF[6] && route.hops.some(({ weight }) => weight !== 1);
      if (route.hops.length > 1 || isWeighed)
        t.deepEqual(hopsOf(attrs.multipath), hopsWanted(route));
      else {
        t.is(plain(attrs.gateway) ?? null, first?.via ?? null);
        t.is(attrs.oif ?? null, first?.interfaceIndex ?? null);
      }
    }),
  );
});

/** [interface, weight, onlink, gateway] of every struct rtnexthop. */
function hopsOf(bytes: Buffer | undefined): readonly unknown[] {
  const hops = [];
  for (let rest = bytes ?? Buffer.alloc(0); rest.length > 0; ) {
    const { len = 0, hops: weight = 0, flags, ifindex } = parseRouteNextHop(rest.subarray(0, 8));
    const gateway = len > 8 ? parseAttribute(rest.subarray(8, len)).x.data : undefined;
    hops.push([ifindex, weight + 1, flags?.onlink ?? false, plain(gateway) ?? null]);
    rest = rest.subarray(len);
  }
  return hops;
}

function hopsWanted({ hops }: NewRoute): readonly unknown[] {
  return hops.map(({ interfaceIndex, weight, onlink, via }) => [
    interfaceIndex ?? 0,
    weight,
    onlink,
    via,
  ]);
}

test("decodeRoute() reads what netlink writes", (t) => {
  const cases = family.chain((of) => fc.tuple(fc.constant(of), bytesOf(of), lengthOf(of)));
  fc.assert(
    fc.property(cases, u32, u8, ([of, dst, dstLen], table, protocol) => {
      const message = writtenByOther(24, (out) => {
        const data = { family: AF[of], dstLen, protocol };
        formatRouteMessage({ kind: "route", data, attrs: { dst, table } }, out);
      });
      const destination = formatAddress(dst);
      t.like(decodeRoute(message), {
        family: of,
        destination,
        prefixLength: dstLen,
        table,
        protocol,
      });
    }),
  );
});

test("addRule() says what netlink reads, and decodeRule() reads what it writes", (t) => {
  fc.assert(
    fc.property(newRule, (rule) => {
      const { data, attrs }: RuleMessage = parseRuleMessage(readByOther(addRule(rule)));
      t.is(data.family, AF[rule.family]);
      t.is(data.flags?.invert ?? false, rule.not);
      t.is(plain(attrs.src), rule.from?.address);
      t.is(plain(attrs.dst), rule.to?.address);
      t.is(data.srcLen, rule.from?.prefixLength ?? 0);
      t.is(data.dstLen, rule.to?.prefixLength ?? 0);
      t.is(attrs.fwmark, rule.fwmark?.mark);
      t.is(attrs.fwmask, rule.fwmark?.mask ?? undefined);
      t.is(attrs.iifname, rule.iif ?? undefined);
      t.is(attrs.oifname, rule.oif ?? undefined);
      t.is(attrs.table, rule.table);
      t.is(attrs.priority, rule.priority);
      t.is(attrs.protocol, DUET_PROTO);
      const again = writtenByOther(32, (out) =>
        formatRuleMessage({ kind: "rule", data, attrs }, out),
      );
      t.like(decodeRule(again), {
        family: rule.family,
        priority: rule.priority,
        protocol: DUET_PROTO,
      });
    }),
  );
});

test("decodeLink() reads what netlink writes", (t) => {
  const mac = fc.uint8Array({ minLength: 6, maxLength: 6 }).map((bytes) => Buffer.from(bytes));
  fc.assert(
    fc.property(
      index,
      name,
      mac,
      fc.boolean(),
      fc.boolean(),
      (at, ifname, address, up, carrier) => {
        const message = writtenByOther(16, (out) => {
          const flags = {
            ...(up && { up: true as const }),
            ...(carrier && { running: true as const }),
          };
          formatLinkMessage(
            { kind: "link", data: { index: at, flags }, attrs: { ifname, address } },
            out,
          );
        });
        const link = decodeLink(message);
        t.like(link, { index: at, name: ifname, up, running: up && carrier });
        t.deepEqual(Buffer.from(link?.mac ?? []), address);
      },
    ),
  );
});

test("readAttributes() reads the answer of generic netlink about a family as netlink writes it", (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 16, max: 1023 }), name, u32, (familyId, familyName, version) => {
      const body = flat(formatGeneric({ familyId, familyName, version }));
      const attributes = readAttributes(body);
      t.is(attributes.get(1)?.readUInt16LE(0), familyId);
      t.is(attributes.get(2)?.toString(), `${familyName}\0`);
      t.is(attributes.get(3)?.readUInt32LE(0), version);
      t.like(parseMessage(body), { familyId, familyName, version });
    }),
  );
});
