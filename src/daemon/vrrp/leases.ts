// The leases of milliseconds of this node, one for each advert interval: a pause that is too long for instances with many adverts
// does not silence those with few. A kernel without nftables knows leases of seconds only: see vip/holding/lease.ts.

import type { VrrpInstanceConfig } from "../../config/model.ts";
import { type NftLeases, openNftLeases } from "../../kernel/nft-leases.ts";
import type { Clock } from "../../lib/clock.ts";
import { errorText } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import type { AdvertMark } from "../../vip/lease-table.ts";
import type { Vip } from "../../vip/model.ts";
import { heldVips, speakingInterface } from "./holding.ts";
import { Lease, type LeaseUser, leaseName } from "./lease.ts";

export type Leases = {
  /** Before the instances have it: what they need is there, and what they have stays until they let go. */
  readonly configure: (instances: readonly VrrpInstanceConfig[]) => void;
  /** A master is about to speak, or to hold what this configuration says. */
  readonly cover: (user: LeaseUser, config: VrrpInstanceConfig) => void;
  /** Its advert has left. */
  readonly advertised: (user: LeaseUser) => void;
  /** It holds nothing any more. */
  readonly uncover: (user: LeaseUser) => void;
  /** false = it is silent, whatever it says. */
  readonly runs: (user: LeaseUser) => boolean;
  /** false = this kernel keeps none, and addresses have to go by themselves. */
  readonly areKept: () => boolean;
  readonly close: () => void;
};

type Use = {
  readonly lease: Lease;
  readonly config: VrrpInstanceConfig;
  readonly vips: readonly Vip[];
};

export type LeasesParts = {
  readonly clock: Clock;
  readonly log: Log;
  readonly open?: () => NftLeases;
  /** areKept() has changed while there are masters. */
  readonly onChange: () => void;
};

export function openLeases(parts: LeasesParts): Leases {
  return new NodeLeases(parts);
}

class NodeLeases implements Leases {
  readonly #parts: LeasesParts;
  readonly #leases = new Map<number, Lease>();
  readonly #uses = new Map<LeaseUser, Use>();
  #nft: NftLeases | undefined;

  constructor(parts: LeasesParts) {
    this.#parts = parts;
  }

  configure(instances: readonly VrrpInstanceConfig[]): void {
    const by = advertsByInterval(instances);
    const wereKept = this.areKept();
    try {
      this.#make(by);
      this.#dropUnused(new Set(by.keys()));
    } catch (error) {
      return by.size === 0 ? this.close() : this.#lose(error);
    }
    if (!wereKept) this.#parts.onChange();
  }

  cover(user: LeaseUser, config: VrrpInstanceConfig): void {
    const before = this.#uses.get(user);
    const lease = this.#leases.get(config.vrrp.advertIntervalMs);
    if (lease === undefined) return;
    const isSame = before?.lease === lease && before.config === config;
    const use = isSame ? before : { lease, config, vips: heldVips(config) };
    this.#uses.set(user, use);
    lease.cover(user, use.vips);
    if (before !== undefined && before.lease !== lease) before.lease.uncover(user);
  }

  advertised(user: LeaseUser): void {
    this.#uses.get(user)?.lease.advertised();
  }

  uncover(user: LeaseUser): void {
    this.#uses.get(user)?.lease.uncover(user);
    this.#uses.delete(user);
  }

  runs(user: LeaseUser): boolean {
    return this.#uses.get(user)?.lease.runs() ?? true;
  }

  areKept(): boolean {
    return this.#nft !== undefined;
  }

  close(): void {
    const nft = this.#nft;
    this.#nft = undefined;
    for (const { lease } of this.#uses.values()) lease.stop();
    this.#leases.clear();
    this.#uses.clear();
    try {
      nft?.remove(nft.ours());
    } catch (error) {
      const text = "nftables tables of leases not removed";
      this.#parts.log.error({ error: errorText(error) }, text);
    }
    nft?.close();
  }

  #lose(error: unknown): void {
    const text =
      "no leases of milliseconds: when all of duet is stopped or killed at once, its addresses answer until valid_lft is over";
    this.#parts.log.warn({ error: errorText(error) }, text);
    this.close();
    this.#parts.onChange();
  }

  #make(by: ReadonlyMap<number, readonly AdvertMark[]>): void {
    const { open = openNftLeases, clock } = this.#parts;
    const isFirst = this.#nft === undefined;
    const nft = this.#nft ?? open();
    this.#nft = nft;
    // What an earlier run left keeps its addresses silent until here, where they are gone.
    if (isFirst) {
      const names = new Set(Array.from(by.keys(), leaseName));
      nft.remove(nft.ours().filter(({ name }) => !names.has(name)));
    }
    const onLost = (error: unknown): void => this.#lose(error);
    for (const [intervalMs, adverts] of by) {
      const known = this.#leases.get(intervalMs);
      if (known?.isMadeFor(adverts)) continue;
      const lease = known ?? new Lease(intervalMs, { clock, nft, onLost });
      lease.make(adverts);
      this.#leases.set(intervalMs, lease);
    }
  }

  /** Of instances that went, or have another interval; who still holds by it lets go after this, and then the next reload sees. */
  #dropUnused(wanted: ReadonlySet<number>): void {
    for (const [intervalMs, lease] of this.#leases) {
      if (wanted.has(intervalMs) || lease.isUsed()) continue;
      this.#leases.delete(intervalMs);
      this.#nft?.remove(this.#nft.ours().filter(({ name }) => name === lease.name));
    }
  }
}

function advertsByInterval(
  instances: readonly VrrpInstanceConfig[],
): ReadonlyMap<number, readonly AdvertMark[]> {
  const by = new Map<number, AdvertMark[]>();
  for (const config of instances) {
    const { advertIntervalMs, vrid } = config.vrrp;
    const adverts = by.get(advertIntervalMs) ?? [];
    adverts.push({ interface: speakingInterface(config), vrid });
    by.set(advertIntervalMs, adverts);
  }
  return by;
}
