// What is in a table of nftables, as parts that can be compared: those that the kernel lists, and those that our own
// requests would make. Both are read from netlink messages by the same functions.

import { MessageWriter, readAttributes, textOf, u32Of } from "./attributes.ts";
import type { Netlink, Request } from "./netlink.ts";
import {
  addElements,
  familyOf,
  fillTable,
  listChains,
  listElements,
  listRules,
  listSets,
  listTables,
  NFGENMSG_BYTES,
  type NftElements,
  type NftTable,
  TABLE_F_OWNER,
  TABLE_FLAGS,
  TABLE_NAME,
} from "./nft-codec.ts";

/** "chain prerouting", "rule 1 of prerouting", "map marks4", "HEX in marks4" -> all that it is. */
export type NftParts = ReadonlyMap<string, string>;

/** undefined = there is no such table. */
export function readParts(netlink: Netlink, table: string): NftParts | undefined {
  const all = netlink.dump(listTables()).filter(({ body }) => familyOf(body) === "inet");
  const heads = all.map(({ body }) => attributesOf(body));
  const head = heads.find((each) => textOf(each.get(TABLE_NAME)) === table);
  if (head === undefined) return undefined;
  const ofTable = (request: Request): readonly Buffer[] =>
    netlink
      .dump(request)
      .map(({ body }) => body)
      .filter((body) => textOf(attributesOf(body).get(1)) === table);
  const sets = ofTable(listSets(table));
  const names = sets.map((body) => textOf(attributesOf(body).get(2)) ?? "");
  // A table can be put to sleep.
  const flags = (head.get(TABLE_FLAGS)?.readUInt32BE(0) ?? 0) & ~TABLE_F_OWNER;
  return new Map([
    ...(flags === 0 ? [] : [["flags of the table", String(flags)] as const]),
    ...chainParts(ofTable(listChains())),
    ...ruleParts(ofTable(listRules(table))),
    ...sets.map(setPart),
    ...names.flatMap((name) =>
      netlink.dump(listElements(table, name)).flatMap(({ body }) => elementParts(body)),
    ),
  ]);
}

/** What readParts() finds of a table that was made of this. */
export function partsOf(table: NftTable, elements: readonly NftElements[]): NftParts {
  const { chains, rules, sets } = fillTable(table);
  return new Map([
    ...chainParts(chains.map(bodyOf)),
    ...ruleParts(rules.map(bodyOf)),
    ...sets.map(bodyOf).map(setPart),
    ...elements.flatMap((each) => elementParts(bodyOf(addElements(table, each)))),
  ]);
}

type Part = readonly [name: string, text: string];

function chainParts(bodies: readonly Buffer[]): readonly Part[] {
  return bodies.map((body) => {
    const chain = attributesOf(body);
    const hook = readAttributes(chain.get(4) ?? Buffer.alloc(0));
    const texts = [hook.get(1), hook.get(2), chain.get(5), chain.get(7)].map(hex);
    return [`chain ${textOf(chain.get(3))}`, texts.join(" ")];
  });
}

function ruleParts(bodies: readonly Buffer[]): readonly Part[] {
  const counts = new Map<string, number>();
  return bodies.map((body) => {
    const rule = attributesOf(body);
    const chain = textOf(rule.get(2)) ?? "";
    const number = (counts.get(chain) ?? 0) + 1;
    counts.set(chain, number);
    const expressions = listOf(rule.get(4)).map((expression) => {
      const { 1: name, 2: data } = Object.fromEntries(readAttributes(expression));
      // What is 0 may be left out on either side.
      const attributes = [...readAttributes(data ?? Buffer.alloc(0))]
        .filter(([, value]) => value.some((byte) => byte !== 0))
        .map(([type, value]) => `${type}=${hex(value)}`);
      return [textOf(name), ...attributes.sort()].join(" ");
    });
    return [`rule ${number} of ${chain}`, expressions.join(", ")];
  });
}

function setPart(body: Buffer): Part {
  const set = attributesOf(body);
  const numbers = [3, 4, 5, 6, 7].map((type) => set.get(type)?.readUInt32BE(0) ?? 0);
  return [`map ${textOf(set.get(2))}`, numbers.join(" ")];
}

function elementParts(body: Buffer): readonly Part[] {
  const list = attributesOf(body);
  const set = textOf(list.get(2)) ?? "";
  return listOf(list.get(3)).map((each) => {
    const element = readAttributes(each);
    const [key, mark] = [1, 2].map((type) =>
      readAttributes(element.get(type) ?? Buffer.alloc(0)).get(1),
    );
    return [`${hex(key)} in ${set}`, String(u32Of(mark) ?? "")];
  });
}

function attributesOf(body: Buffer): ReadonlyMap<number, Buffer> {
  return readAttributes(body, NFGENMSG_BYTES);
}

/** The values of a list, whose attributes all have the same type. */
function listOf(bytes: Buffer = Buffer.alloc(0)): readonly Buffer[] {
  const values: Buffer[] = [];
  for (let at = 0; at + 4 <= bytes.length; ) {
    const length = bytes.readUInt16LE(at);
    if (length < 4 || at + length > bytes.length) break;
    values.push(bytes.subarray(at + 4, at + length));
    at += (length + 3) & ~3;
  }
  return values;
}

function hex(value: Buffer | undefined): string {
  return value?.toString("hex") ?? "";
}

function bodyOf({ body }: Request): Buffer {
  const writer = new MessageWriter();
  body(writer);
  return Buffer.from(writer.bytes);
}
