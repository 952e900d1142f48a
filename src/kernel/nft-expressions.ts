// What rules of nftables are made of: expressions as data, and their netlink attributes. linux/netfilter/nf_tables.h.

import type { MessageWriter } from "./attributes.ts";

/** Matches from left to right, then a statement. */
export type NftRule = readonly Expression[];

export type Expression =
  /** The packet's own family. */
  | { readonly match: "nfproto"; readonly equals: 4 | 6 }
  | { readonly match: "l4proto"; readonly equals: number }
  /** A field that is these bytes, or from the first to the last ones; after nfproto, and dport after l4proto. */
  | { readonly match: Field; readonly from: Uint8Array; readonly to: Uint8Array }
  /** The first byte of an ICMPv6 message; after l4proto. */
  | { readonly match: "icmpv6_type"; readonly equals: number }
  /** Its fields one after the other are a key of the set; after nfproto. */
  | {
      readonly match: "in_set" | "not_in_set";
      readonly set: string;
      readonly fields: readonly Field[];
    }
  /** The packet's firewall mark becomes what the map gives for its fields; without an element it stays. */
  | { readonly markBy: string; readonly fields: readonly Field[] }
  | { readonly mark: number }
  | { readonly counter: true }
  | { readonly verdict: keyof typeof verdicts };

export type Field = keyof typeof fields;

export const verdicts = { drop: 0, accept: 1 } as const;

const PAYLOAD_NETWORK = 1;
const PAYLOAD_TRANSPORT = 2;
const META_MARK = 3;
const META_IIFNAME = 6;
const META_OIFNAME = 7;
const META_NFPROTO = 15;
const META_L4PROTO = 16;

const fields = {
  ip_saddr: { base: PAYLOAD_NETWORK, offset: 12, bytes: 4 },
  ip_daddr: { base: PAYLOAD_NETWORK, offset: 16, bytes: 4 },
  ip6_saddr: { base: PAYLOAD_NETWORK, offset: 8, bytes: 16 },
  ip6_daddr: { base: PAYLOAD_NETWORK, offset: 24, bytes: 16 },
  /** Of the hook: ARP has one too, 3. */
  nfproto: { meta: META_NFPROTO, bytes: 1 },
  l4proto: { meta: META_L4PROTO, bytes: 1 },
  /** ARP of IPv4 over Ethernet (RFC 826): whose address the sender has, and which one is asked for. */
  arp_spa: { base: PAYLOAD_NETWORK, offset: 14, bytes: 4 },
  arp_tpa: { base: PAYLOAD_NETWORK, offset: 24, bytes: 4 },
  /** Of neighbour solicitations and advertisements (RFC 4861 §4.3, §4.4). */
  nd_target: { base: PAYLOAD_TRANSPORT, offset: 8, bytes: 16 },
  /** RFC 5798 §5.1; after l4proto. */
  vrrp_vrid: { base: PAYLOAD_TRANSPORT, offset: 1, bytes: 1 },
  vrrp_priority: { base: PAYLOAD_TRANSPORT, offset: 2, bytes: 1 },
  /** Of TCP, UDP and SCTP. */
  dport: { base: PAYLOAD_TRANSPORT, offset: 2, bytes: 2 },
  iifname: { meta: META_IIFNAME, bytes: 16 },
  oifname: { meta: META_OIFNAME, bytes: 16 },
} as const;

const nfprotos = { 4: 2, 6: 10 } as const;

// enum nft_cmp_ops
const EQUAL = 0;
const NOT_MORE = 3;
const NOT_LESS = 5;

/** NFT_LOOKUP_F_INV */
const LOOKUP_INVERSE = 1;

const REGISTER_VERDICT = 0;
const REGISTER_FIRST = registerOf(0);

/** One element of the list that a rule is. */
export function writeExpression(list: MessageWriter, expression: Expression): void {
  if ("counter" in expression) return writeOne(list, "counter", () => {});
  if ("markBy" in expression) {
    writeLookup(list, { set: expression.markBy, names: expression.fields, gives: REGISTER_FIRST });
    return writeMark(list);
  }
  if ("mark" in expression) {
    writeOne(list, "immediate", (writer) => {
      writer.u32be(1, REGISTER_FIRST);
      writer.nested(2, (data) => data.u32(1, expression.mark)); // in the machine's order
    });
    return writeMark(list);
  }
  if ("from" in expression) {
    writeField(list, expression.match, 0);
    const { from, to } = expression;
    if (Buffer.compare(from, to) === 0) return writeCompare(list, EQUAL, from);
    writeCompare(list, NOT_LESS, from);
    return writeCompare(list, NOT_MORE, to);
  }
  if ("verdict" in expression) {
    return writeOne(list, "immediate", (writer) => {
      writer.u32be(1, REGISTER_VERDICT);
      writer.nested(2, (data) =>
        data.nested(2, (verdict) => verdict.u32be(1, verdicts[expression.verdict])),
      );
    });
  }
  switch (expression.match) {
    case "nfproto":
      writeMeta(list, META_NFPROTO, REGISTER_FIRST);
      return writeCompare(list, EQUAL, Uint8Array.of(nfprotos[expression.equals]));
    case "l4proto":
      writeMeta(list, META_L4PROTO, REGISTER_FIRST);
      return writeCompare(list, EQUAL, Uint8Array.of(expression.equals));
    case "icmpv6_type":
      writePayload(list, { base: PAYLOAD_TRANSPORT, offset: 0, bytes: 1 }, REGISTER_FIRST);
      return writeCompare(list, EQUAL, Uint8Array.of(expression.equals));
    case "in_set":
    case "not_in_set": {
      const { match, set, fields: names } = expression;
      return writeLookup(list, { set, names, isInverse: match === "not_in_set" });
    }
  }
}

/** The fields side by side in the registers are the key; `gives`: where the map's answer goes. */
function writeLookup(
  list: MessageWriter,
  lookup: {
    readonly set: string;
    readonly names: readonly Field[];
    readonly gives?: number;
    readonly isInverse?: boolean;
  },
): void {
  let index = 0;
  for (const name of lookup.names) {
    writeField(list, name, index);
    index += Math.ceil(fields[name].bytes / 4);
  }
  writeOne(list, "lookup", (writer) => {
    writer.text(1, lookup.set);
    writer.u32be(2, REGISTER_FIRST);
    if (lookup.gives !== undefined) writer.u32be(3, lookup.gives);
    if (lookup.isInverse === true) writer.u32be(5, LOOKUP_INVERSE);
  });
}

function writeField(list: MessageWriter, name: Field, index: number): void {
  const field = fields[name];
  if ("meta" in field) writeMeta(list, field.meta, registerOf(index));
  else writePayload(list, field, registerOf(index));
}

function writeMark(list: MessageWriter): void {
  writeOne(list, "meta", (writer) => {
    writer.u32be(2, META_MARK);
    writer.u32be(3, REGISTER_FIRST);
  });
}

/** Of 4 bytes. As the kernel lists it: every fourth by its name of 16 bytes (NFT_REG_1), the others by NFT_REG32_01 and on. */
function registerOf(index: number): number {
  return index % 4 === 0 ? 1 + index / 4 : 8 + index;
}

function writeMeta(list: MessageWriter, key: number, register: number): void {
  writeOne(list, "meta", (writer) => {
    writer.u32be(1, register);
    writer.u32be(2, key);
  });
}

function writePayload(
  list: MessageWriter,
  from: { readonly base: number; readonly offset: number; readonly bytes: number },
  register: number,
): void {
  writeOne(list, "payload", (writer) => {
    writer.u32be(1, register);
    writer.u32be(2, from.base);
    writer.u32be(3, from.offset);
    writer.u32be(4, from.bytes);
  });
}

function writeCompare(list: MessageWriter, how: number, bytes: Uint8Array): void {
  writeOne(list, "cmp", (writer) => {
    writer.u32be(1, REGISTER_FIRST);
    writer.u32be(2, how);
    writer.nested(3, (data) => data.attribute(1, bytes));
  });
}

function writeOne(list: MessageWriter, name: string, data: (writer: MessageWriter) => void): void {
  list.nested(1, (element) => {
    element.text(1, name);
    element.nested(2, data);
  });
}
