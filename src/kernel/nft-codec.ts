// nftables as data, and its netlink messages. linux/netfilter/nf_tables.h. All numbers are in network order.
//
//   nfgenmsg: family u8 | version u8 (0) | resource u16
//
// What nft(8) prints of it is the judge: test/kernel/nftables.test.ts.

import type { MessageWriter } from "./attributes.ts";
import { NLM_F_CREATE, NLM_F_EXCL, type Request } from "./netlink.ts";
import { type NftRule, verdicts, writeExpression } from "./nft-expressions.ts";

/** Both families of IP in one table. */
const NFPROTO_INET = 1;

export type NftTable = {
  readonly name: string;
  readonly sets: readonly NftSet[];
  readonly chains: readonly NftChain[];
};

/** More than one part: a concatenation, `ip6 daddr . iifname`. */
export type NftSet = {
  readonly name: string;
  readonly key: readonly KeyPart[];
  /** A map: each element has a firewall mark. */
  readonly gives?: "mark";
};

export type KeyPart = "ipv4_addr" | "ipv6_addr" | "inet_proto" | "inet_service" | "ifname";

/** A base chain that accepts what no rule decides. */
export type NftChain = {
  readonly name: string;
  readonly hook: keyof typeof hooks;
  /** Lower ones come first; nft calls 0 "filter". */
  readonly priority: number;
  readonly rules: readonly NftRule[];
};

export type NftElements = { readonly set: string; readonly entries: readonly NftEntry[] };

/** The parts of a key in the order of the set, each padded to 4 bytes. */
export type NftEntry = {
  readonly key: Uint8Array;
  /** Of a map. */
  readonly mark?: number;
};

const hooks = { prerouting: 0, input: 1, forward: 2, output: 3, postrouting: 4 } as const;

// Numbers and lengths are nft's own: it prints sets by them.
const keyParts: Record<KeyPart, { readonly type: number; readonly bytes: number }> = {
  ipv4_addr: { type: 7, bytes: 4 },
  ipv6_addr: { type: 8, bytes: 16 },
  inet_proto: { type: 12, bytes: 1 },
  inet_service: { type: 13, bytes: 2 },
  ifname: { type: 41, bytes: 16 },
};
const TYPE_BITS = 6;
const MARK = { type: 19, bytes: 4 };
/** libnftnl/udata.h: nft prints data in network order unless it is told that it is the machine's (DATABYTEORDER 1: 1). */
const HOST_ORDER = Buffer.from([1, 4, 1, 0, 0, 0]);
const SET_MAP = 8;

const NFNL_SUBSYS_NFTABLES = 10;
const NEWTABLE = 0;
const GETTABLE = 1;
const DELTABLE = 2;
const NEWCHAIN = 3;
const GETCHAIN = 4;
const NEWRULE = 6;
const GETRULE = 7;
const NEWSET = 9;
const GETSET = 10;
const NEWSETELEM = 12;
const GETSETELEM = 13;
const DELSETELEM = 14;
const GETGEN = 16;
const BATCH_BEGIN = 0x10;
const BATCH_END = 0x11;
const NLM_F_APPEND = 0x800;

export const TABLE_NAME = 1;
export const TABLE_USERDATA = 6;
export const TABLE_FLAGS = 2;
export const TABLE_F_OWNER = 2;
export const NFGENMSG_BYTES = 4;
const USERDATA_COMMENT = 0;

/** What a transaction stands between. */
export const FRAME = { begin: frame(BATCH_BEGIN), end: frame(BATCH_END) };

/** `owned`: nobody else changes it, and it goes with the socket that made it (Linux 5.12). */
export function addTable(
  name: string,
  options: { readonly owned: boolean; readonly comment: string },
): Request {
  return message(NEWTABLE, NLM_F_CREATE | NLM_F_EXCL, (writer) => {
    writer.text(TABLE_NAME, name);
    writer.u32be(TABLE_FLAGS, options.owned ? TABLE_F_OWNER : 0);
    const text = Buffer.from(`${options.comment}\0`);
    writer.attribute(TABLE_USERDATA, Buffer.from([USERDATA_COMMENT, text.length, ...text]));
  });
}

/** With everything in it. */
export function removeTable(name: string): Request {
  return message(DELTABLE, 0, (writer) => writer.text(TABLE_NAME, name));
}

export function listTables(): Request {
  return message(GETTABLE, 0, () => {});
}

/** The number of the ruleset, another one after every change by anybody. */
export function askGeneration(): Request {
  return message(GETGEN, 0, () => {});
}

/** Those of all tables. */
export function listChains(): Request {
  return message(GETCHAIN, 0, () => {});
}

export function listRules(table: string): Request {
  return message(GETRULE, 0, (writer) => writer.text(1, table));
}

export function listSets(table: string): Request {
  return message(GETSET, 0, (writer) => writer.text(1, table));
}

export function listElements(table: string, set: string): Request {
  return message(GETSETELEM, 0, (writer) => {
    writer.text(1, table);
    writer.text(2, set);
  });
}

/** The text that addTable() was given. */
export function commentOf(userdata: Buffer | undefined): string | undefined {
  if (userdata === undefined || userdata[0] !== USERDATA_COMMENT) return undefined;
  return userdata.toString("utf8", 2, 1 + (userdata[1] ?? 0));
}

/** What is in a table, in the order that the kernel takes it. `id` tells sets of one transaction apart. */
export function fillTable({
  name,
  sets,
  chains,
}: NftTable): Record<"sets" | "chains" | "rules", readonly Request[]> {
  return {
    sets: sets.map((set, i) => addSet(name, set, i + 1)),
    chains: chains.map((chain) => addChain(name, chain)),
    rules: chains.flatMap((chain) => chain.rules.map((rule) => addRule(name, chain.name, rule))),
  };
}

export function addElements(table: string, elements: NftElements): Request {
  return message(NEWSETELEM, NLM_F_CREATE, (writer) => writeElements(writer, table, elements));
}

/** The whole transaction fails when one is not there. */
export function removeElements(table: string, elements: NftElements): Request {
  return message(DELSETELEM, 0, (writer) => writeElements(writer, table, elements));
}

/** An interface name as a part of a key. */
export function nameKey(name: string): Buffer {
  const bytes = Buffer.alloc(keyParts.ifname.bytes);
  bytes.write(name);
  return bytes;
}

function addSet(table: string, set: NftSet, id: number): Request {
  const { name, key, gives } = set;
  const parts = key.map((part) => keyParts[part]);
  return message(NEWSET, NLM_F_CREATE | NLM_F_EXCL, (writer) => {
    writer.text(1, table);
    writer.text(2, name);
    writer.u32be(3, gives === undefined ? 0 : SET_MAP);
    writer.u32be(
      4,
      parts.reduce((sum, { type }) => (sum << TYPE_BITS) | type, 0),
    );
    writer.u32be(
      5,
      parts.reduce((sum, { bytes }) => sum + ((bytes + 3) & ~3), 0),
    );
    if (gives !== undefined) {
      writer.u32be(6, MARK.type);
      writer.u32be(7, MARK.bytes);
    }
    writer.u32be(10, id);
    if (gives !== undefined) writer.attribute(13, HOST_ORDER);
  });
}

function addChain(table: string, { name, hook, priority }: NftChain): Request {
  return message(NEWCHAIN, NLM_F_CREATE | NLM_F_EXCL, (writer) => {
    writer.text(1, table);
    writer.text(3, name);
    writer.nested(4, (inner) => {
      inner.u32be(1, hooks[hook]);
      inner.u32be(2, priority);
    });
    writer.u32be(5, verdicts.accept);
    writer.text(7, "filter");
  });
}

function addRule(table: string, chain: string, rule: NftRule): Request {
  return message(NEWRULE, NLM_F_CREATE | NLM_F_APPEND, (writer) => {
    writer.text(1, table);
    writer.text(2, chain);
    writer.nested(4, (list) => {
      for (const expression of rule) writeExpression(list, expression);
    });
  });
}

function writeElements(writer: MessageWriter, table: string, elements: NftElements): void {
  writer.text(1, table);
  writer.text(2, elements.set);
  writer.nested(3, (list) => {
    for (const { key, mark } of elements.entries) {
      list.nested(1, (element) => {
        element.nested(1, (data) => data.attribute(1, key));
        // The kernel keeps marks in its own order.
        if (mark !== undefined) element.nested(2, (data) => data.u32(1, mark));
      });
    }
  });
}

function message(number: number, flags: number, body: (writer: MessageWriter) => void): Request {
  return {
    type: (NFNL_SUBSYS_NFTABLES << 8) | number,
    flags,
    body(writer) {
      writer.rawBytes(NFPROTO_INET, 0, 0, 0);
      body(writer);
    },
  };
}

function frame(type: number): Request {
  return {
    type,
    flags: 0,
    body: (writer) => writer.rawBytes(0, 0, 0, NFNL_SUBSYS_NFTABLES),
  };
}
