// Keeps the kernel's IPVS table as it is wanted: only the difference is carried out, drift made by hand is
// seen and repaired, a kernel without ip_vs is asked again. What is wanted is decided in director.ts.

import type { Failure, Ipvs } from "../ipvs/apply.ts";
import { type ListedService, type Service, type ServiceKey, serviceName } from "../ipvs/model.ts";
import { type Operation, operationText, plan, subjectOf } from "../ipvs/reconcile.ts";
import type { Clock } from "../lib/clock.ts";
import { errorText } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import type { Owned } from "./director-owned.ts";

export type Table = {
  /** From now on the kernel should have these services; carried out before it returns. */
  readonly want: (services: readonly Service[]) => void;
  /** The kernel's table as it is now; undefined when it cannot be read. */
  readonly list: () => readonly ListedService[] | undefined;
  /** Why the kernel does not have this service as wanted; null when it does. */
  readonly errorOf: (key: ServiceKey) => string | null;
  /** Removes all that is ours. */
  readonly clear: () => void;
  /** Looks no more; the kernel's table stays. */
  readonly close: () => void;
};

export type TableOptions = {
  readonly open: () => Ipvs;
  readonly owned: Owned;
  readonly clock: Clock;
  readonly log: Log;
  /** After every look at the table. */
  readonly onLook?: () => void;
};

const LOOK_INTERVAL_MS = 1000;
/** Looking may take this part of the time: a dump of thousands of destinations is slow. */
const LOOK_SHARE = 1 / 20;
const OPEN_RETRY_MS = 5000;
const DIFFERENCES_LOGGED_MAX = 20;

export function openTable(options: TableOptions): Table {
  const { owned, clock, log } = options;
  let ipvs: Ipvs | undefined;
  /** undefined = nobody said yet: until then nothing is touched. */
  let wanted: readonly Service[] | undefined;
  /** What the kernel has of ours if nobody else touched it; undefined = only a dump can tell. */
  let believed: readonly Service[] | undefined;
  let dumpTookMs = 0;
  /** Why there is no table at all. */
  let trouble: string | null = null;
  let errors: ReadonlyMap<string, string> = new Map();
  const looks = clock.alarm(look);

  function want(services: readonly Service[]): void {
    if (wanted === undefined && trouble === null) looks.set(clock.nowMs() + LOOK_INTERVAL_MS);
    wanted = services;
    // On disk before it is in the kernel: a crash in between leaves nothing that nobody knows.
    owned.set(new Set([...owned.names(), ...services.map(({ key }) => serviceName(key))]));
    if (trouble === null) attempt(change);
  }

  function change(kernel: Ipvs): void {
    const first = carryOut(kernel, believed ?? dump(kernel));
    // What was believed may be wrong: somebody else changed the table in between.
    const last =
      first.failures.length > 0 && believed !== undefined ? carryOut(kernel, dump(kernel)) : first;
    settle(last.failures);
    if (first.done.length > 0) log.debug({ changes: texts(first.done) }, "table changed");
  }

  function look(): void {
    // What a kernel lacks that had no table until now is no drift.
    if (attempt(trouble === null ? repair : change)) {
      looks.set(clock.nowMs() + Math.max(LOOK_INTERVAL_MS, dumpTookMs / LOOK_SHARE));
    } else {
      looks.set(clock.nowMs() + OPEN_RETRY_MS);
    }
    options.onLook?.();
  }

  function repair(kernel: Ipvs): void {
    const { done, failures } = carryOut(kernel, dump(kernel));
    settle(failures);
    if (done.length === 0) return;
    log.warn({ differences: texts(done), count: done.length }, "table drift repaired");
  }

  function carryOut(kernel: Ipvs, actual: readonly Service[]): Outcome {
    const operations = wanted === undefined ? [] : plan(wanted, actual, owned.names());
    const failures = operations.length === 0 ? [] : kernel.apply(operations);
    const failed = new Set(failures.map(({ operation }) => serviceName(subjectOf(operation))));
    const done = operations.filter((operation) => !failed.has(serviceName(subjectOf(operation))));
    return { done, failures };
  }

  function settle(failures: readonly Failure[]): void {
    if (wanted === undefined) return;
    believed = failures.length === 0 ? wanted : undefined;
    const removals = failures
      .filter(({ operation }) => operation.kind === "remove-service")
      .map(({ operation }) => serviceName(subjectOf(operation)));
    owned.set(new Set([...wanted.map(({ key }) => serviceName(key)), ...removals]));
    const before = errors;
    errors = new Map(
      // The first failure of a service is the one that explains the others.
      failures.toReversed().map(({ operation, text }) => [serviceName(subjectOf(operation)), text]),
    );
    for (const [service, error] of errors) {
      if (before.get(service) !== error) log.error({ service, error }, "table not as configured");
    }
    for (const service of before.keys()) {
      if (!errors.has(service)) log.info({ service }, "table as configured again");
    }
  }

  function dump(kernel: Ipvs): readonly ListedService[] {
    const startMs = clock.nowMs();
    const services = kernel.list();
    dumpTookMs = clock.nowMs() - startMs;
    return services;
  }

  /** Runs `work` with the kernel; once more on a new socket when it throws. False: the kernel has no table. */
  function attempt(work: (kernel: Ipvs) => void): boolean {
    for (let tries = 1; ; tries += 1) {
      const opened = ipvs === undefined;
      try {
        ipvs ??= options.open();
        work(ipvs);
        if (trouble !== null) log.info("ip_vs answers again");
        trouble = null;
        return true;
      } catch (error) {
        ipvs?.close();
        ipvs = undefined;
        believed = undefined;
        if (!opened && tries === 1) continue;
        lose(errorText(error));
        return false;
      }
    }
  }

  function lose(why: string): void {
    if (trouble !== why) log.error({ error: why }, "no IPVS table");
    trouble = why;
    looks.set(clock.nowMs() + OPEN_RETRY_MS);
  }

  return {
    want,
    list() {
      let services: readonly ListedService[] | undefined;
      const read = (kernel: Ipvs): void => {
        services = dump(kernel);
      };
      if (trouble === null) attempt(read);
      return services;
    },
    errorOf: (key) => trouble ?? errors.get(serviceName(key)) ?? null,
    clear() {
      wanted = [];
      believed = undefined;
      // Without a table the file stays, for the next run.
      if (trouble === null && attempt(change) && errors.size === 0) owned.forget();
    },
    close() {
      looks.set(Infinity);
      ipvs?.close();
      ipvs = undefined;
    },
  };
}

type Outcome = { readonly done: readonly Operation[]; readonly failures: readonly Failure[] };

function texts(operations: readonly Operation[]): readonly string[] {
  return operations.slice(0, DIFFERENCES_LOGGED_MAX).map(operationText);
}
