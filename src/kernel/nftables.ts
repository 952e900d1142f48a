// Tables of nftables that are duet's own: made whole, changed by elements of their sets, removed whole. Each change is one
// transaction of the kernel. No program is run for it.

import { readAttributes, textOf } from "./attributes.ts";
import { KernelError } from "./errors.ts";
import { NETLINK_NETFILTER, openNetlink, type Request } from "./netlink.ts";
import {
  addElements,
  addTable,
  askGeneration,
  commentOf,
  FRAME,
  fillTable,
  listTables,
  NFGENMSG_BYTES,
  type NftElements,
  type NftTable,
  removeElements,
  removeTable,
  TABLE_NAME,
  TABLE_USERDATA,
} from "./nft-codec.ts";
import { type NftParts, readParts } from "./nft-read.ts";

export type TableKind = {
  /** Stands in every table of the kind, so that what an earlier run left is recognised. */
  readonly comment: string;
  /** Nobody else changes it, and it goes with the process that made it (Linux 5.12). */
  readonly owned: boolean;
};

export const FIREWALL_TABLES: TableKind = { comment: "made by duet", owned: true };
/** Firewall marks: IPVS works on when the director dies, and so do they. */
export const IPVS_TABLES: TableKind = { comment: "made by duet for IPVS", owned: false };

const GENERATION_ID = 1;

export type Nftables = {
  /** Makes it, in place of one with this name that an earlier run left. Throws KernelError; EEXIST = it is somebody else's. */
  readonly make: (table: NftTable, elements: readonly NftElements[]) => void;
  /** Of a table that make() made. Throws KernelError. */
  readonly change: (
    table: string,
    elements: { readonly add: readonly NftElements[]; readonly remove: readonly NftElements[] },
  ) => void;
  readonly remove: (table: string) => void;
  /** Names of the tables of this kind, this run's or an earlier one's. */
  readonly ours: () => readonly string[];
  /** All that is in a table, whoever put it there; undefined = there is none. */
  readonly read: (table: string) => NftParts | undefined;
  /** Another number after every change of the ruleset by anybody. */
  readonly generation: () => number;
  /** Owned tables go with it. */
  readonly close: () => void;
};

/** Throws KernelError when this kernel has no nfnetlink. */
export function openNftables({ comment, owned }: TableKind): Nftables {
  const netlink = openNetlink(NETLINK_NETFILTER, "nftables");

  function send(requests: readonly Request[]): void {
    for (const error of netlink.transaction(FRAME, requests).values()) throw error;
  }

  function ours(): readonly string[] {
    return netlink.dump(listTables()).flatMap(({ body }) => {
      const attributes = readAttributes(body, NFGENMSG_BYTES);
      const name = textOf(attributes.get(TABLE_NAME));
      const isOurs = commentOf(attributes.get(TABLE_USERDATA)) === comment;
      return name !== undefined && isOurs ? [name] : [];
    });
  }

  return {
    ours,
    make(table, elements) {
      const { name } = table;
      const old = ours().includes(name) ? [removeTable(table)] : [];
      const { sets, chains, rules } = fillTable(table);
      const filled = elements.map((each) => addElements(table, each));
      const content = [...sets, ...chains, ...rules, ...filled];
      try {
        send([...old, addTable(table, { owned, comment }), ...content]);
      } catch (error) {
        if (!owned || !(error instanceof KernelError) || error.code !== "EOPNOTSUPP") throw error;
        send([...old, addTable(table, { owned: false, comment }), ...content]);
      }
    },
    change(name, { add, remove }) {
      send([
        ...remove.map((each) => removeElements({ name }, each)),
        ...add.map((each) => addElements({ name }, each)),
      ]);
    },
    remove: (name) => send([removeTable({ name })]),
    read: (table) => readParts(netlink, table),
    generation() {
      const [answer] = netlink.request(askGeneration());
      const attributes = readAttributes(answer?.body ?? Buffer.alloc(0), NFGENMSG_BYTES);
      return attributes.get(GENERATION_ID)?.readUInt32BE(0) ?? 0;
    },
    close: netlink.close,
  };
}
