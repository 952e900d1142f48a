// Firewall marks of duet's own: a table of nftables that is there as long as a virtual server names what is marked. The
// director that dies leaves it, as it leaves the IPVS table; the next one adopts it.

import type { VirtualServerConfig } from "../config/model.ts";
import type { LvsConfig } from "../ipvs/lvs.ts";
import { differences, marksTable, type WantedMark } from "../ipvs/marks.ts";
import { isKernelError } from "../kernel/errors.ts";
import { type NftParts, partsOf } from "../kernel/nft-read.ts";
import { IPVS_TABLES, type Nftables, openNftables } from "../kernel/nftables.ts";
import type { Backoff } from "../lib/backoff.ts";
import type { Clock } from "../lib/clock.ts";
import { errorText } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import { type Found, openKeeper } from "./keeper.ts";
import type { Kept } from "./kept.ts";
import { openAccess } from "./kernel.ts";

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

export type WantedMarks = {
  readonly name: string;
  readonly parts: NftParts;
  readonly make: (nftables: Nftables) => void;
};

/** What is refused, or is not. */
const ALL = "marks";
const BACKOFF: Backoff = { firstMs: 2000, maxMs: 60_000 };

export function openMarks(options: {
  readonly kept: Kept;
  readonly clock: Clock;
  readonly log: Log;
  readonly open?: () => Nftables;
}): Marks {
  const { kept, clock, log, open = () => openNftables(IPVS_TABLES) } = options;
  let wanted: WantedMarks | undefined;
  /** Of the ruleset when the table was seen last. */
  let generation: number | undefined;
  const access = openAccess(open, (error) => whyOf(error, wanted?.name ?? ""));
  const keeper = openKeeper({
    clock,
    log,
    words: {
      drift: "firewall marks: drift",
      refused: "firewall marks: packets do not get them",
      again: "firewall marks: packets get them again",
      fields: () => ({}),
    },
    backoff: BACKOFF,
    work,
  });

  function configure(lvs: LvsConfig, configs: readonly VirtualServerConfig[]): void {
    wanted = wantedMarks(lvs, configs);
    if (wanted === undefined) return clear();
    keeper.configure({ repairs: lvs.drift === "repair", about: { table: wanted.name } });
    keeper.want({ afresh: true });
  }

  function work(isLook: boolean): Found {
    const now = wanted;
    if (now === undefined || !keeper.mayTry(ALL))
      return { isTried: () => false, refused: new Map() };
    const way = isLook && keeper.errorOf(ALL) === null ? inspect : bring;
    let drift: Found["drift"];
    const isDone = access.attempt((tables) => {
      drift = way(tables, now);
    });
    if (!isDone) generation = undefined;
    const refused = isDone ? [] : ([[ALL, { error: access.trouble() ?? "", wish: "" }]] as const);
    return { isTried: () => true, refused: new Map(refused), drift };
  }

  /** Makes the table what is wanted, and writes nothing when it is. */
  function bring(tables: Nftables, { name, parts, make }: WantedMarks): readonly string[] {
    const others = tables.ours().filter((each) => each !== name);
    const actual = tables.ours().includes(name) ? tables.read(name) : undefined;
    const changes = actual === undefined ? [] : differences(parts, actual);
    // On disk before it is in the kernel: a crash in between leaves nothing that nobody knows.
    kept.write({ marksTable: name });
    if (actual === undefined || changes.length > 0) {
      make(tables);
      log.info({ table: name, marks: markCount(parts) }, "firewall marks: packets get them");
    }
    for (const other of others) tables.remove(other);
    generation = tables.generation();
    return [];
  }

  function inspect(tables: Nftables, { name, parts, make }: WantedMarks): Found["drift"] {
    const now = tables.generation();
    if (now === generation) return undefined;
    const actual = tables.read(name);
    const found = actual === undefined ? [`table ${name} removed`] : differences(parts, actual);
    generation = now;
    if (found.length > 0 && keeper.repairs()) {
      make(tables);
      generation = tables.generation();
    }
    return found;
  }

  function clear(): void {
    wanted = undefined;
    // Nothing is asked of a kernel of which nothing was wanted.
    if (kept.read().marksTable !== null) {
      const isGone = access.attempt((tables) => {
        for (const name of tables.ours()) tables.remove(name);
        kept.write({ marksTable: null });
      });
      if (!isGone) log.error({ error: access.trouble() }, "firewall marks: table not removed");
    }
    close();
  }

  function close(): void {
    keeper.rest();
    access.close();
  }

  return {
    configure,
    errorOf: ({ marks }) => (marks.length === 0 ? null : keeper.errorOf(ALL)),
    drift: keeper.drift,
    clear,
    close,
  };
}

/** undefined = no packet gets a mark of ours. */
export function wantedMarks(
  { marks: config }: Pick<LvsConfig, "marks">,
  configs: readonly VirtualServerConfig[],
): WantedMarks | undefined {
  const marks = configs.flatMap(({ keys: [key], marks: own }) =>
    key?.kind === "fwmark" ? own.map((mark): WantedMark => ({ ...mark, fwmark: key.fwmark })) : [],
  );
  if (marks.length === 0) return undefined;
  const { table, elements } = marksTable(config, marks);
  const make = (tables: Nftables): void => tables.make(table, elements);
  return { name: table.name, parts: partsOf(table, elements), make };
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
