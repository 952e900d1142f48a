// Firewall marks of duet's own: a table of nftables that is there as long as a virtual server names what is marked. The
// director that dies leaves it, as it leaves the IPVS table; the next one adopts it. What somebody else does to it is seen
// within a second and repaired, or told.

import type { VirtualServerConfig } from "../config/model.ts";
import type { LvsConfig } from "../ipvs/lvs.ts";
import { differences, marksTable, type WantedMark } from "../ipvs/marks.ts";
import { isKernelError } from "../kernel/errors.ts";
import { type NftParts, partsOf } from "../kernel/nft-read.ts";
import { IPVS_TABLES, type Nftables, openNftables } from "../kernel/nftables.ts";
import type { Clock } from "../lib/clock.ts";
import { errorText } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import type { Kept } from "./kept.ts";

export type Marks = {
  /** Carried out before it returns, by one transaction: no packet finds half of it. */
  readonly configure: (lvs: LvsConfig, configs: readonly VirtualServerConfig[]) => void;
  /** Why packets do not get their marks; null when they do. */
  readonly errorOf: (config: VirtualServerConfig) => string | null;
  /** What somebody did to the table and was not repaired. */
  readonly drift: () => readonly string[];
  readonly clear: () => void;
  /** Looks no more; the table stays. */
  readonly close: () => void;
};

type Wanted = {
  readonly name: string;
  readonly parts: NftParts;
  readonly make: (nftables: Nftables) => void;
};

const LOOK_INTERVAL_MS = 1000;
const RETRY_MAX_MS = 60_000;
const DIFFERENCES_LOGGED_MAX = 20;

export function openMarks(options: {
  readonly kept: Kept;
  readonly clock: Clock;
  readonly log: Log;
  readonly open?: () => Nftables;
}): Marks {
  const { kept, clock, log, open = () => openNftables(IPVS_TABLES) } = options;
  const looks = clock.alarm(look);
  let nftables: Nftables | undefined;
  let wanted: Wanted | undefined;
  let repairs = true;
  /** Of the ruleset when the table was seen last. */
  let generation: number | undefined;
  let error: string | null = null;
  let pauseMs = LOOK_INTERVAL_MS;
  let drift: readonly string[] = [];

  function configure(lvs: LvsConfig, configs: readonly VirtualServerConfig[]): void {
    const marks = configs.flatMap(({ keys: [key], marks: own }) =>
      key?.kind === "fwmark"
        ? own.map((mark): WantedMark => ({ ...mark, fwmark: key.fwmark }))
        : [],
    );
    repairs = lvs.drift === "repair";
    pauseMs = LOOK_INTERVAL_MS;
    drift = [];
    if (marks.length === 0) return clear();
    const { table, elements } = marksTable(lvs.marks, marks);
    wanted = {
      name: table.name,
      parts: partsOf(table, elements),
      make: (tables) => tables.make(table, elements),
    };
    attempt(bring);
  }

  /** Makes the table what is wanted, and writes nothing when it is. */
  function bring(tables: Nftables): void {
    if (wanted === undefined) return;
    const { name, parts, make } = wanted;
    const others = tables.ours().filter((each) => each !== name);
    const actual = tables.ours().includes(name) ? tables.read(name) : undefined;
    const changes = actual === undefined ? [] : differences(parts, actual);
    if (actual === undefined || changes.length > 0) {
      // On disk before it is in the kernel: a crash in between leaves nothing that nobody knows.
      kept.write({ marksTable: name });
      make(tables);
      log.info({ table: name, marks: markCount(parts) }, "firewall marks: packets get them");
    }
    kept.write({ marksTable: name });
    for (const other of others) tables.remove(other);
    generation = tables.generation();
  }

  function look(): void {
    attempt(error === null ? inspect : bring);
  }

  function inspect(tables: Nftables): void {
    if (wanted === undefined) return;
    const now = tables.generation();
    if (now === generation) return;
    const { name, parts, make } = wanted;
    const actual = tables.read(name);
    const found = actual === undefined ? [`table ${name} removed`] : differences(parts, actual);
    generation = now;
    if (found.length > 0 && repairs) {
      make(tables);
      generation = tables.generation();
    }
    tell(name, found);
  }

  function tell(table: string, found: readonly string[]): void {
    const changed = found.slice(0, DIFFERENCES_LOGGED_MAX);
    const fields = { table, changed, count: found.length };
    if (repairs) {
      if (found.length > 0) log.warn(fields, "firewall marks: drift repaired");
      return;
    }
    if (changed.join() === drift.join()) return;
    drift = changed;
    if (found.length > 0) log.warn(fields, "firewall marks: drift found, left as it is");
    else log.info({ table }, "firewall marks: drift gone");
  }

  function attempt(work: (tables: Nftables) => void): void {
    try {
      nftables ??= open();
      work(nftables);
      if (error !== null) log.info("firewall marks: packets get them again");
      error = null;
      pauseMs = LOOK_INTERVAL_MS;
    } catch (thrown) {
      nftables?.close();
      nftables = undefined;
      generation = undefined;
      const why = whyOf(thrown, wanted?.name ?? "");
      const what = wanted === undefined ? "table not removed" : "packets do not get them";
      if (error !== why) log.error({ error: why }, `firewall marks: ${what}`);
      error = why;
      pauseMs = Math.min(2 * pauseMs, RETRY_MAX_MS);
    }
    looks.set(wanted === undefined ? Infinity : clock.nowMs() + pauseMs);
  }

  function clear(): void {
    wanted = undefined;
    error = null;
    drift = [];
    // Nothing is asked of a kernel of which nothing was wanted.
    if (kept.read().marksTable !== null) {
      attempt((tables) => {
        for (const name of tables.ours()) tables.remove(name);
        kept.write({ marksTable: null });
      });
    }
    close();
  }

  function close(): void {
    looks.set(Infinity);
    nftables?.close();
    nftables = undefined;
  }

  return {
    configure,
    errorOf: ({ marks }) => (marks.length === 0 ? null : error),
    drift: () => drift,
    clear,
    close,
  };
}

function whyOf(error: unknown, table: string): string {
  if (isKernelError(error, "EEXIST")) {
    return `no firewall marks: the nftables table ${table} is there already, and not duet's (see nftables_ipvs of [global])`;
  }
  if (isKernelError(error, "EPERM")) return "no firewall marks: CAP_NET_ADMIN is needed";
  if (isKernelError(error, "EPROTONOSUPPORT", "EOPNOTSUPP", "EAFNOSUPPORT", "ENOENT")) {
    return `no firewall marks: the kernel lacks nf_tables or a part of it (${errorText(error)})`;
  }
  return `no firewall marks: ${errorText(error)}`;
}

function markCount(parts: NftParts): number {
  return [...parts.keys()].filter((name) => name.includes(" in ")).length;
}
