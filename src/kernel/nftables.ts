// Tables of nftables that are duet's own: made whole, changed by elements of their sets, removed whole. Each change is one
// transaction of the kernel. No program is run for it.

import { readAttributes, textOf } from "./attributes.ts";
import { KernelError } from "./errors.ts";
import { NETLINK_NETFILTER, openNetlink, type Request } from "./netlink.ts";
import {
  addElements,
  addTable,
  commentOf,
  FRAME,
  fillTable,
  listTables,
  type NftElements,
  type NftTable,
  removeElements,
  removeTable,
  TABLE_NAME,
  TABLE_USERDATA,
} from "./nft-codec.ts";

/** Stands in every table of ours, so that what an earlier run left is recognised. */
const MARK = "made by duet";
const NFGENMSG_BYTES = 4;

export type Nftables = {
  /** Makes it, in place of one with this name that an earlier run left. Throws KernelError; EEXIST = it is somebody else's. */
  readonly make: (table: NftTable, elements: readonly NftElements[]) => void;
  /** Of a table that make() made. Throws KernelError. */
  readonly change: (
    table: string,
    elements: { readonly add: readonly NftElements[]; readonly remove: readonly NftElements[] },
  ) => void;
  readonly remove: (table: string) => void;
  /** Names of the tables with our mark, this run's or an earlier one's. */
  readonly ours: () => readonly string[];
  /** On Linux 5.12 and later the tables go with it. */
  readonly close: () => void;
};

/** Throws KernelError when this kernel has no nfnetlink. */
export function openNftables(): Nftables {
  const netlink = openNetlink(NETLINK_NETFILTER, "nftables");

  function send(requests: readonly Request[]): void {
    for (const error of netlink.transaction(FRAME, requests).values()) throw error;
  }

  function ours(): readonly string[] {
    return netlink.dump(listTables()).flatMap(({ body }) => {
      const attributes = readAttributes(body, NFGENMSG_BYTES);
      const name = textOf(attributes.get(TABLE_NAME));
      const isOurs = commentOf(attributes.get(TABLE_USERDATA)) === MARK;
      return name !== undefined && isOurs ? [name] : [];
    });
  }

  return {
    ours,
    make(table, elements) {
      const { name } = table;
      const old = ours().includes(name) ? [removeTable(name)] : [];
      const content = [...fillTable(table), ...elements.map((each) => addElements(name, each))];
      try {
        send([...old, addTable(name, { owned: true, comment: MARK }), ...content]);
      } catch (error) {
        if (!(error instanceof KernelError) || error.code !== "EOPNOTSUPP") throw error;
        send([...old, addTable(name, { owned: false, comment: MARK }), ...content]);
      }
    },
    change(table, { add, remove }) {
      send([
        ...remove.map((each) => removeElements(table, each)),
        ...add.map((each) => addElements(table, each)),
      ]);
    },
    remove: (table) => send([removeTable(table)]),
    close: netlink.close,
  };
}
