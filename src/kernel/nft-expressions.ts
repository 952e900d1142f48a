// What rules of nftables are made of: expressions as data, and their netlink attributes. linux/netfilter/nf_tables.h.

import type { MessageWriter } from "./attributes.ts";

/** Matches from left to right, then a statement. */
export type NftRule = readonly Expression[];

export type Expression =
  /** The packet's own family. */
  | { readonly match: "nfproto"; readonly equals: 4 | 6 }
  | { readonly match: "l4proto"; readonly equals: number }
  /** The first byte of an ICMPv6 message; after l4proto. */
  | { readonly match: "icmpv6_type"; readonly equals: number }
  /** Its fields one after the other are a key of the set; after nfproto. */
  | { readonly match: "in_set"; readonly set: string; readonly fields: readonly Field[] }
  | { readonly counter: true }
  | { readonly verdict: keyof typeof verdicts };

export type Field = keyof typeof fields;

export const verdicts = { drop: 0, accept: 1 } as const;

const PAYLOAD_NETWORK = 1;
const PAYLOAD_TRANSPORT = 2;
const META_IIFNAME = 6;
const META_OIFNAME = 7;
const META_NFPROTO = 15;
const META_L4PROTO = 16;

const fields = {
  ip_saddr: { offset: 12, bytes: 4 },
  ip_daddr: { offset: 16, bytes: 4 },
  ip6_saddr: { offset: 8, bytes: 16 },
  ip6_daddr: { offset: 24, bytes: 16 },
  iifname: { meta: META_IIFNAME, bytes: 16 },
  oifname: { meta: META_OIFNAME, bytes: 16 },
} as const;

const nfprotos = { 4: 2, 6: 10 } as const;

const REGISTER_VERDICT = 0;
const REGISTER_FIRST = 8; // NFT_REG32_00: registers of 4 bytes

/** One element of the list that a rule is. */
export function writeExpression(list: MessageWriter, expression: Expression): void {
  if ("counter" in expression) return writeOne(list, "counter", () => {});
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
      return writeEquals(list, nfprotos[expression.equals]);
    case "l4proto":
      writeMeta(list, META_L4PROTO, REGISTER_FIRST);
      return writeEquals(list, expression.equals);
    case "icmpv6_type":
      writePayload(list, { base: PAYLOAD_TRANSPORT, offset: 0, bytes: 1 }, REGISTER_FIRST);
      return writeEquals(list, expression.equals);
    case "in_set":
      return writeLookup(list, expression.set, expression.fields);
  }
}

/** The fields side by side in the registers are the key. */
function writeLookup(list: MessageWriter, set: string, names: readonly Field[]): void {
  let register = REGISTER_FIRST;
  for (const name of names) {
    const field = fields[name];
    if ("meta" in field) writeMeta(list, field.meta, register);
    else writePayload(list, { base: PAYLOAD_NETWORK, ...field }, register);
    register += field.bytes / 4;
  }
  writeOne(list, "lookup", (writer) => {
    writer.text(1, set);
    writer.u32be(2, REGISTER_FIRST);
  });
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

function writeEquals(list: MessageWriter, byte: number): void {
  writeOne(list, "cmp", (writer) => {
    writer.u32be(1, REGISTER_FIRST);
    writer.u32be(2, 0); // NFT_CMP_EQ
    writer.nested(3, (data) => data.attribute(1, Uint8Array.of(byte)));
  });
}

function writeOne(list: MessageWriter, name: string, data: (writer: MessageWriter) => void): void {
  list.nested(1, (element) => {
    element.text(1, name);
    element.nested(2, data);
  });
}
