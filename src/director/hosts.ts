// Addresses of the host names that somebody uses for real servers. Asked beside the loop, one at a time. An answer stays
// until nobody wants the name any more: a name server that fails brings no real server back.

import { lookup } from "node:dns/promises";
import type { Clock } from "../lib/clock.ts";
import { canonicalAddress } from "../lib/ip.ts";

export type Hosts = {
  readonly want: (names: readonly string[]) => void;
  /** undefined = not known, or not yet. */
  readonly addressesOf: (name: string) => readonly string[] | undefined;
  /** Resolves when each name was asked for once. */
  readonly asked: () => Promise<void>;
  readonly close: () => void;
};

/** Rejects when there is no such host. */
export type Resolve = (name: string) => Promise<readonly string[]>;

const RETRY_MS = 60_000;

export function openHosts(options: {
  readonly clock: Clock;
  readonly resolve?: Resolve;
  /** Another name has its addresses. */
  readonly onAnswer: () => void;
  readonly onFailure: (name: string, error: unknown) => void;
}): Hosts {
  const { clock, resolve = resolveHost, onAnswer, onFailure } = options;
  /** null = asked, without an answer. */
  const known = new Map<string, readonly string[] | null>();
  let wanted: ReadonlySet<string> = new Set();
  let round: Promise<void> | undefined;
  const retry = clock.alarm(ask);

  function ask(): void {
    round ??= askAll().finally(() => {
      round = undefined;
      if (isAnyLeft()) ask();
      else if (isAnyUnknown()) retry.set(clock.nowMs() + RETRY_MS);
    });
  }

  /** Never rejects. */
  async function askAll(): Promise<void> {
    for (const name of wanted) {
      if (known.get(name) ?? false) continue;
      const isFirst = !known.has(name);
      try {
        const addresses = await resolve(name);
        if (!wanted.has(name)) continue;
        known.set(name, addresses);
        onAnswer();
      } catch (error) {
        if (!wanted.has(name)) continue;
        known.set(name, null);
        if (isFirst) onFailure(name, error);
      }
    }
  }

  function isAnyLeft(): boolean {
    return [...wanted].some((name) => !known.has(name));
  }

  function isAnyUnknown(): boolean {
    return [...wanted].some((name) => known.get(name) === null);
  }

  return {
    want(names) {
      wanted = new Set(names);
      for (const name of known.keys()) if (!wanted.has(name)) known.delete(name);
      if (isAnyLeft()) ask();
    },
    addressesOf: (name) => known.get(name) ?? undefined,
    asked: async () => round ?? Promise.resolve(),
    close() {
      wanted = new Set();
      retry.set(Infinity);
    },
  };
}

async function resolveHost(name: string): Promise<readonly string[]> {
  const found = await lookup(name, { all: true });
  return found.map(({ address }) => canonicalAddress(address) ?? address);
}
