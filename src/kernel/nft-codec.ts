// nftables as data, and its netlink messages. linux/netfilter/nf_tables.h. All numbers are in network order.
//
//   nfgenmsg: family u8 | version u8 (0) | resource u16
//
// What nft(8) prints of it is the judge: test/kernel/nftables.test.ts.

import type { MessageWriter } from "./attributes.ts";
import { NLM_F_CREATE, NLM_F_EXCL, type Request } from "./netlink.ts";
import { type NftRule, verdicts, writeExpression } from "./nft-expressions.ts";

/** inet: both families of IP in one table; all: only to ask. */
const families = { all: 0, inet: 1, arp: 3 } as const;

/** Where a table is: names are those of a family, inet when nothing is said. */
export type TableAt = { readonly name: string; readonly family?: "inet" | "arp" };

export type NftTable = TableAt & {
  readonly sets: readonly NftSet[];
  readonly chains: readonly NftChain[];
};

/** More than one part: a concatenation, `ip6 daddr . iifname`. */
export type NftSet = {
  readonly name: string;
  readonly key: readonly KeyPart[];
  /** A map: each element has a firewall mark. */
  readonly gives?: "mark";
  /** Its elements may go by themselves. */
  readonly expires?: true;
};

export type KeyPart =
  | "nf_proto"
  | "ipv4_addr"
  | "ipv6_addr"
  | "inet_proto"
  | "inet_service"
  | "ifname";

/** A base chain that accepts what no rule decides. */
export type NftChain = {
  readonly name: string;
  readonly hook: keyof typeof hooks.inet;
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
  /** Of a set that expires: the kernel takes it out after this time, counted in its ticks of 1 to 10 ms. */
  readonly timeoutMs?: number;
};

/** Of a family of IP, and of ARP. */
const hooks = {
  inet: { prerouting: 0, input: 1, forward: 2, output: 3, postrouting: 4 },
  arp: { prerouting: undefined, input: 0, forward: 2, output: 1, postrouting: undefined },
} as const;

// Numbers and lengths are nft's own: it prints sets by them.
const keyParts: Record<KeyPart, { readonly type: number; readonly bytes: number }> = {
  nf_proto: { type: 2, bytes: 1 },
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
const SET_MAP = 0x8;
const SET_TIMEOUT = 0x10;

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
/** Where what is read again is: see nft-read.ts. */
const INET = { family: "inet" } as const;

/** What a transaction stands between. */
export const FRAME = { begin: frame(BATCH_BEGIN), end: frame(BATCH_END) };

/** `owned`: nobody else changes it, and it goes with the socket that made it (Linux 5.12). */
export function addTable(
  at: TableAt,
  options: { readonly owned: boolean; readonly comment: string },
): Request {
  return message(at, NEWTABLE, NLM_F_CREATE | NLM_F_EXCL, (writer) => {
    writer.text(TABLE_NAME, at.name);
    writer.u32be(TABLE_FLAGS, options.owned ? TABLE_F_OWNER : 0);
    const text = Buffer.from(`${options.comment}\0`);
    writer.attribute(TABLE_USERDATA, Buffer.from([USERDATA_COMMENT, text.length, ...text]));
  });
}

/** With everything in it. */
export function removeTable(at: TableAt): Request {
  return message(at, DELTABLE, 0, (writer) => writer.text(TABLE_NAME, at.name));
}

/** Those of all families. */
export function listTables(): Request {
  return message({ family: "all" }, GETTABLE, 0, () => {});
}

/** Of what a dump gives; undefined = none that we make tables of. */
export function familyOf(body: Buffer): TableAt["family"] {
  return body[0] === families.inet ? "inet" : body[0] === families.arp ? "arp" : undefined;
}

/** The number of the ruleset, another one after every change by anybody. */
export function askGeneration(): Request {
  return message(INET, GETGEN, 0, () => {});
}

/** Those of all tables. */
export function listChains(): Request {
  return message(INET, GETCHAIN, 0, () => {});
}

export function listRules(table: string): Request {
  return message(INET, GETRULE, 0, (writer) => writer.text(1, table));
}

export function listSets(table: string): Request {
  return message(INET, GETSET, 0, (writer) => writer.text(1, table));
}

export function listElements(table: string, set: string): Request {
  return message(INET, GETSETELEM, 0, (writer) => {
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
export function fillTable(
  table: NftTable,
): Record<"sets" | "chains" | "rules", readonly Request[]> {
  const { sets, chains } = table;
  return {
    sets: sets.map((set, i) => addSet(table, set, i + 1)),
    chains: chains.map((chain) => addChain(table, chain)),
    rules: chains.flatMap((chain) => chain.rules.map((rule) => addRule(table, chain.name, rule))),
  };
}

export function addElements(table: TableAt, elements: NftElements): Request {
  return message(table, NEWSETELEM, NLM_F_CREATE, (writer) =>
    writeElements(writer, table.name, elements),
  );
}

/** The whole transaction fails when one is not there. */
export function removeElements(table: TableAt, elements: NftElements): Request {
  return message(table, DELSETELEM, 0, (writer) => writeElements(writer, table.name, elements));
}

/** All that are in a set, those too that have run out and were not collected. */
export function flushSet(table: TableAt, set: string): Request {
  return message(table, DELSETELEM, 0, (writer) => {
    writer.text(1, table.name);
    writer.text(2, set);
  });
}

/** An interface name as a part of a key. */
export function nameKey(name: string): Buffer {
  const bytes = Buffer.alloc(keyParts.ifname.bytes);
  bytes.write(name);
  return bytes;
}

function addSet(table: TableAt, set: NftSet, id: number): Request {
  const { name, key, gives, expires } = set;
  const parts = key.map((part) => keyParts[part]);
  const [only, more] = parts;
  return message(table, NEWSET, NLM_F_CREATE | NLM_F_EXCL, (writer) => {
    writer.text(1, table.name);
    writer.text(2, name);
    writer.u32be(3, (gives === undefined ? 0 : SET_MAP) | (expires ? SET_TIMEOUT : 0));
    writer.u32be(
      4,
      parts.reduce((sum, { type }) => (sum << TYPE_BITS) | type, 0),
    );
    const padded = parts.reduce((sum, { bytes }) => sum + ((bytes + 3) & ~3), 0);
    writer.u32be(5, only !== undefined && more === undefined ? only.bytes : padded);
    if (gives !== undefined) {
      writer.u32be(6, MARK.type);
      writer.u32be(7, MARK.bytes);
    }
    writer.u32be(10, id);
    if (gives !== undefined) writer.attribute(13, HOST_ORDER);
  });
}

function addChain(table: TableAt, { name, hook, priority }: NftChain): Request {
  const number = hooks[table.family ?? "inet"][hook];
  if (number === undefined) throw new Error(`Cannot make chain ${name}: ARP has no ${hook}`);
  return message(table, NEWCHAIN, NLM_F_CREATE | NLM_F_EXCL, (writer) => {
    writer.text(1, table.name);
    writer.text(3, name);
    writer.nested(4, (inner) => {
      inner.u32be(1, number);
      inner.u32be(2, priority);
    });
    writer.u32be(5, verdicts.accept);
    writer.text(7, "filter");
  });
}

function addRule(table: TableAt, chain: string, rule: NftRule): Request {
  return message(table, NEWRULE, NLM_F_CREATE | NLM_F_APPEND, (writer) => {
    writer.text(1, table.name);
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
    for (const { key, mark, timeoutMs } of elements.entries) {
      list.nested(1, (element) => {
        element.nested(1, (data) => data.attribute(1, key));
        // The kernel keeps marks in its own order.
        if (mark !== undefined) element.nested(2, (data) => data.u32(1, mark));
        if (timeoutMs !== undefined) element.u64be(4, timeoutMs);
      });
    }
  });
}

function message(
  { family = "inet" }: { readonly family?: keyof typeof families },
  number: number,
  flags: number,
  body: (writer: MessageWriter) => void,
): Request {
  return {
    type: (NFNL_SUBSYS_NFTABLES << 8) | number,
    flags,
    body(writer) {
      writer.rawBytes(families[family], 0, 0, 0);
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
