// The tables of nftables that keep leases: those of one name, a family each, made and changed together. They outlive the process
// that made them, as that is what they are for, and bear a comment by which they are found again.

import { readAttributes, textOf } from "./attributes.ts";
import { NETLINK_NETFILTER, openNetlink, type Request } from "./netlink.ts";
import {
  addElements,
  addTable,
  commentOf,
  FRAME,
  familyOf,
  fillTable,
  flushSet,
  listTables,
  NFGENMSG_BYTES,
  type NftElements,
  type NftTable,
  removeElements,
  removeTable,
  TABLE_NAME,
  TABLE_USERDATA,
  type TableAt,
} from "./nft-codec.ts";

/** nft shows it in the table; libnftnl takes 128 bytes. */
const COMMENT = "made by duet: the addresses answer only while its vrrp process renews the lease";

export type ElementsAt = { readonly at: TableAt; readonly elements: NftElements };

export type LeaseChange = {
  readonly flush?: readonly { readonly at: TableAt; readonly set: string }[];
  readonly remove?: readonly ElementsAt[];
  readonly add?: readonly ElementsAt[];
};

/** Each is one transaction, all or nothing, and throws KernelError. */
export type NftLeases = {
  /** In place of those of this name that an earlier run left. */
  readonly make: (tables: readonly NftTable[], elements: readonly ElementsAt[]) => void;
  readonly change: (change: LeaseChange) => void;
  readonly remove: (tables: readonly TableAt[]) => void;
  /** This run's, or an earlier one's. */
  readonly ours: () => readonly TableAt[];
  readonly close: () => void;
};

/** Throws KernelError when this kernel has no nfnetlink. */
export function openNftLeases(): NftLeases {
  const netlink = openNetlink(NETLINK_NETFILTER, "nftables");

  function send(requests: readonly Request[]): void {
    if (requests.length === 0) return;
    for (const error of netlink.transaction(FRAME, requests).values()) throw error;
  }

  function ours(): readonly TableAt[] {
    return netlink.dump(listTables()).flatMap(({ body }) => {
      const attributes = readAttributes(body, NFGENMSG_BYTES);
      const name = textOf(attributes.get(TABLE_NAME));
      const family = familyOf(body);
      if (name === undefined || family === undefined) return [];
      return commentOf(attributes.get(TABLE_USERDATA)) === COMMENT ? [{ name, family }] : [];
    });
  }

  return {
    ours,
    make(tables, elements) {
      const names = new Set(tables.map(({ name }) => name));
      send([
        ...ours()
          .filter(({ name }) => names.has(name))
          .map(removeTable),
        ...tables.flatMap((table) => {
          const { sets, chains, rules } = fillTable(table);
          const made = addTable(table, { owned: false, comment: COMMENT });
          return [made, ...sets, ...chains, ...rules];
        }),
        ...elements.map(({ at, elements: each }) => addElements(at, each)),
      ]);
    },
    change({ flush = [], remove = [], add = [] }) {
      send([
        ...flush.map(({ at, set }) => flushSet(at, set)),
        ...remove.map(({ at, elements }) => removeElements(at, elements)),
        ...add.map(({ at, elements }) => addElements(at, elements)),
      ]);
    },
    remove: (tables) => send(tables.map(removeTable)),
    close: netlink.close,
  };
}
