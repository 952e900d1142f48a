// What is wrong with the virtual servers and with IPVS as a whole, for the status.

import type { VirtualServerConfig } from "../../config/model.ts";
import type { Degraded } from "../../control/degraded.ts";
import type { Event } from "../../control/events.ts";
import { canonicalKey } from "../../ipvs/canonical.ts";
import type { ServiceKey } from "../../ipvs/model.ts";
import type { Judgement } from "../../ipvs/quorum.ts";
import type { Log } from "../../lib/log.ts";
import { type DegradedBook, openDegradedBook } from "../process/degraded-book.ts";

export type HealthFacts = {
  readonly virtualServers: readonly VirtualServerConfig[];
  readonly judgements: ReadonlyMap<string, Judgement>;
  /** Nobody has looked at this one yet. */
  readonly isUndecided: (virtualServer: string, realServer: string) => boolean;
  readonly errorOf: (config: VirtualServerConfig, key: ServiceKey) => string | null;
  /** Settings of IPVS that are not as configured, by what they are. */
  readonly errors: ReadonlyMap<string, string>;
  readonly drift: readonly string[];
};

export type Health = {
  /** Something may have changed. */
  readonly judge: () => void;
  readonly list: () => readonly Degraded[];
};

export function openHealth(options: {
  readonly log: Log;
  readonly tell: (event: Event) => void;
  readonly facts: () => HealthFacts;
}): Health {
  const book = openDegradedBook(options);
  const judge = (): void => {
    const facts = options.facts();
    writeQuorums(book, facts);
    const errors = new Map<string, string>();
    for (const config of facts.virtualServers) {
      const error = serviceError(config, facts.errorOf);
      if (error !== null) errors.set(config.name, error);
    }
    book.setAll("service_error", errors);
    book.setAll("ipvs_error", facts.errors);
    book.set("ipvs_drift", "table", firstOf(facts.drift));
  };
  return {
    judge,
    list() {
      judge();
      return book.list();
    },
  };
}

function firstOf([first, ...others]: readonly string[]): string | null {
  if (first === undefined) return null;
  return others.length === 0 ? first : `${first}, and ${others.length} more`;
}

/** The first one that a service of it has. */
export function serviceError(
  config: VirtualServerConfig,
  errorOf: HealthFacts["errorOf"],
): string | null {
  for (const key of config.keys) {
    const error = errorOf(config, canonicalKey(key));
    if (error !== null) return error;
  }
  return null;
}

function writeQuorums(book: DegradedBook, facts: HealthFacts): void {
  const { virtualServers, judgements, isUndecided } = facts;
  for (const { kind, subject } of book.list()) {
    if (kind === "no_quorum" && !judgements.has(subject)) book.set(kind, subject, null);
  }
  for (const { name, quorum, realServers } of virtualServers) {
    const judgement = judgements.get(name);
    if (judgement === undefined) continue;
    const sorry = judgement.sorryServerActive ? "; the sorry server serves" : "";
    const text = `live weight ${judgement.liveWeight}, quorum ${quorum}${sorry}`;
    // Before the first probes have ended it is no news that nobody is UP.
    const quiet =
      !judgement.quorumUp && realServers.some((server) => isUndecided(name, server.name));
    book.set("no_quorum", name, judgement.quorumUp ? null : text, { quiet });
  }
}
