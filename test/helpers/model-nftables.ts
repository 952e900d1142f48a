// Tables of nftables as a kernel would hold them, for tests of who changes them when.

import type { NftElements, NftTable } from "../../src/kernel/nft-codec.ts";
import { type NftParts, partsOf } from "../../src/kernel/nft-read.ts";
import type { Nftables } from "../../src/kernel/nftables.ts";

export type ModelNftables = {
  readonly open: () => Nftables;
  readonly tables: Map<string, NftParts>;
  /** What was asked to change something, in order. */
  readonly log: string[];
  /** Thrown by every question. */
  readonly broken: { error: Error | undefined };
  /** Somebody did something, to whichever table. */
  readonly changed: () => void;
};

export function modelNftables(log: string[] = []): ModelNftables {
  const tables = new Map<string, NftParts>();
  const broken: ModelNftables["broken"] = { error: undefined };
  let generation = 1;

  function ask<T>(answer: () => T): T {
    if (broken.error !== undefined) throw broken.error;
    return answer();
  }

  function write(line: string, work: () => void): void {
    ask(work);
    log.push(line);
    generation += 1;
  }

  return {
    tables,
    log,
    broken,
    changed: () => void (generation += 1),
    open: () => ({
      make: (table: NftTable, elements: readonly NftElements[]) =>
        write(`make ${table.name}`, () => tables.set(table.name, partsOf(table, elements))),
      change: () => {},
      remove: (table) => write(`remove ${table}`, () => tables.delete(table)),
      ours: () => ask(() => [...tables.keys()]),
      read: (table) => ask(() => tables.get(table)),
      generation: () => ask(() => generation),
      close: () => {},
    }),
  };
}
