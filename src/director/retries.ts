// Services that the kernel refuses: why, and when they are tried again. The pause doubles up to a minute; a service
// that is wanted differently is tried at once.

import type { Failure } from "../ipvs/apply.ts";
import { type Service, serviceName } from "../ipvs/model.ts";
import { subjectOf } from "../ipvs/reconcile.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";

export type Retries = {
  readonly has: (name: string) => boolean;
  readonly errorOf: (name: string) => string | null;
  /** `service` as it is wanted now; undefined when it is to be removed. */
  readonly isDue: (name: string, service: Service | undefined) => boolean;
  /** After a try: of the services that were tried, and of those that were removed (`wasRemoved`). */
  readonly settle: (
    tried: readonly Service[],
    failures: readonly Failure[],
    wasRemoved: (name: string) => boolean,
  ) => void;
};

const PAUSE_FIRST_MS = 1000;
const PAUSE_MAX_MS = 60_000;

type Refused = {
  readonly error: string;
  readonly pauseMs: number;
  readonly retryAtMs: number;
  /** As it was wanted. */
  readonly text: string;
};

export function openRetries(clock: Clock, log: Log): Retries {
  const refused = new Map<string, Refused>();

  function refuse(name: string, error: string, service: Service | undefined): void {
    const before = refused.get(name);
    const text = textOf(service);
    const isSame = before !== undefined && before.text === text;
    const pauseMs = isSame ? Math.min(2 * before.pauseMs, PAUSE_MAX_MS) : PAUSE_FIRST_MS;
    refused.set(name, { error, pauseMs, retryAtMs: clock.nowMs() + pauseMs, text });
    if (before?.error !== error) log.error({ service: name, error }, "table not as configured");
  }

  return {
    has: (name) => refused.has(name),
    errorOf: (name) => refused.get(name)?.error ?? null,
    isDue(name, service) {
      const known = refused.get(name);
      return (
        known === undefined || known.retryAtMs <= clock.nowMs() || known.text !== textOf(service)
      );
    },
    settle(tried, failures, wasRemoved) {
      // The first failure of a service is the one that explains the others.
      const errors = new Map(
        failures
          .toReversed()
          .map(({ operation, text }) => [serviceName(subjectOf(operation)), text] as const),
      );
      const services = new Map(tried.map((service) => [serviceName(service.key), service]));
      for (const [name, error] of errors) refuse(name, error, services.get(name));
      for (const name of refused.keys()) {
        if (errors.has(name) || !(services.has(name) || wasRemoved(name))) continue;
        refused.delete(name);
        log.info({ service: name }, "table as configured again");
      }
    },
  };
}

function textOf(service: Service | undefined): string {
  return service === undefined ? "" : JSON.stringify(service);
}
