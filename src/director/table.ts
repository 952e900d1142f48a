// Keeps the kernel's IPVS table as it is wanted: only the difference is carried out, drift made by hand is seen and
// repaired, what the kernel refuses is tried again. What is wanted is decided in director.ts.

import type { Failure, Ipvs } from "../ipvs/apply.ts";
import { type ListedService, type Service, type ServiceKey, serviceName } from "../ipvs/model.ts";
import {
  bearableLosses,
  driftText,
  type Operation,
  operationText,
  planSteps,
  subjectOf,
} from "../ipvs/reconcile.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import type { KernelAccess } from "./kernel.ts";
import type { Owned } from "./owned.ts";
import { openRetries } from "./retries.ts";

export type Table = {
  /** From now on the kernel should have these services; carried out before it returns. */
  readonly want: (services: readonly Service[]) => void;
  /** What somebody else did to our services: put right, or only told. */
  readonly onDrift: (drift: "repair" | "report") => void;
  /** The kernel's table as it is now; undefined when it cannot be read. */
  readonly list: () => readonly ListedService[] | undefined;
  /** Why the kernel does not have this service as wanted; null when it does. */
  readonly errorOf: (key: ServiceKey) => string | null;
  /** What somebody did to our services and was not repaired. */
  readonly drift: () => readonly string[];
  /** How many changes of the kernel's table were asked for since this opened. */
  readonly changes: () => number;
  /** Everything in the table counts as ours from now on: what is not wanted goes. False: there is no table. */
  readonly adoptAll: () => boolean;
  /** Removes all that is ours. */
  readonly clear: () => void;
  /** Looks no more; the kernel's table stays. */
  readonly close: () => void;
};

export type TableOptions = {
  readonly kernel: KernelAccess<Ipvs>;
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
  const { kernel, owned, clock, log } = options;
  /** undefined = nobody said yet: until then nothing is touched. */
  let wanted: ReadonlySet<Service> | undefined;
  /** What the kernel has of ours if nobody else touched it; what is missing, only a dump can tell. */
  let believed = new Map<string, Service>();
  let dumpTookMs = 0;
  let repairs = true;
  let changes = 0;
  let drift: readonly string[] = [];
  const retries = openRetries(clock, log);
  const looks = clock.alarm(look);

  function want(services: readonly Service[]): void {
    if (wanted === undefined && kernel.trouble() === null) {
      looks.set(clock.nowMs() + LOOK_INTERVAL_MS);
    }
    wanted = new Set(services);
    // On disk before it is in the kernel: a crash in between leaves nothing that nobody knows.
    owned.set(new Set([...owned.names(), ...services.map(({ key }) => serviceName(key))]));
    if (kernel.trouble() === null) attempt(change);
  }

  /** From what is believed, which costs no dump. */
  function change(table: Ipvs): void {
    const isKnown = [...(wanted ?? [])]
      .filter(mayTry)
      .every(({ key }) => believed.has(serviceName(key)));
    const actual = isKnown ? [...believed.values()] : merged(dump(table));
    const { done, failures } = carryOut(table, actual, mayTry);
    if (done.length > 0) log.debug({ changes: texts(done, operationText) }, "table changed");
    const failed = namesOf(failures.map(({ operation }) => operation));
    if (!isKnown || failed.size === 0) return settle(failures, mayTry);
    // What was believed may be wrong: somebody else changed the table in between.
    const second = carryOut(table, dump(table), ({ key }) => failed.has(serviceName(key)));
    settle(second.failures, mayTry);
    if (second.done.length === 0) return;
    log.warn({ changed: texts(second.done, driftText) }, "table was changed by somebody else");
  }

  /** Drift that is only reported does not come into it. */
  function merged(dumped: readonly Service[]): readonly Service[] {
    if (repairs) return dumped;
    return dumped.map((service) => believed.get(serviceName(service.key)) ?? service);
  }

  function look(): void {
    // What a kernel lacks that had no table until now is no drift.
    if (attempt(kernel.trouble() === null ? inspect : change)) {
      looks.set(clock.nowMs() + Math.max(LOOK_INTERVAL_MS, dumpTookMs / LOOK_SHARE));
    }
    options.onLook?.();
  }

  function inspect(table: Ipvs): void {
    if (wanted === undefined) return;
    const actual = dump(table);
    const { gains, losses } = planSteps([...wanted], actual, owned.names());
    const drifted = [...gains, ...losses].filter(
      (operation) => !retries.has(serviceName(subjectOf(operation))),
    );
    tellDrift(drifted);
    const isTried = repairs
      ? mayTry
      : (service: Service): boolean => retries.has(serviceName(service.key)) && mayTry(service);
    const { failures } = carryOut(table, actual, isTried);
    settle(failures, isTried);
  }

  function tellDrift(operations: readonly Operation[]): void {
    const changed = texts(operations, driftText);
    const fields = { changed, count: operations.length };
    if (repairs) {
      drift = [];
      if (operations.length > 0) log.warn(fields, "table drift repaired");
      return;
    }
    const isNews = changed.join() !== drift.join();
    drift = changed;
    if (!isNews) return;
    if (operations.length > 0) log.warn(fields, "table drift found, left as it is");
    else log.info("table drift gone");
  }

  /** One that is wanted, or one of the kernel's that is not. */
  function mayTry(service: Service): boolean {
    return retries.isDue(serviceName(service.key), wanted?.has(service) ? service : undefined);
  }

  /** Of the services that are tried now. Gains first; of the losses, those that the gains bear. */
  function carryOut(
    table: Ipvs,
    actual: readonly Service[],
    isTried: (service: Service) => boolean,
  ): Outcome {
    if (wanted === undefined) return { done: [], failures: [] };
    const desired = [...wanted].filter(isTried);
    const names = new Set([...wanted].map(({ key }) => serviceName(key)));
    const trying = new Set(desired.map(({ key }) => serviceName(key)));
    const touched = actual.filter((service) => {
      const name = serviceName(service.key);
      return names.has(name) ? trying.has(name) : isTried(service);
    });
    const plan = planSteps(desired, touched, owned.names());
    const failures = [...applied(table, plan.gains)];
    const failed = new Set(failures.map(({ operation }) => operation));
    const losses = bearableLosses(plan, failed, touched);
    failures.push(...applied(table, losses));
    const unsettled = namesOf(failures.map(({ operation }) => operation));
    const done = [...plan.gains, ...losses].filter(
      (operation) => !unsettled.has(serviceName(subjectOf(operation))),
    );
    return { done, failures };
  }

  function applied(table: Ipvs, operations: readonly Operation[]): readonly Failure[] {
    changes += operations.length;
    return operations.length === 0 ? [] : table.apply(operations);
  }

  function settle(failures: readonly Failure[], isTried: (service: Service) => boolean): void {
    if (wanted === undefined) return;
    const tried = [...wanted].filter(isTried);
    const failed = namesOf(failures.map(({ operation }) => operation));
    const names = new Set([...wanted].map(({ key }) => serviceName(key)));
    for (const name of believed.keys()) if (!names.has(name)) believed.delete(name);
    for (const service of tried) {
      const name = serviceName(service.key);
      if (failed.has(name)) believed.delete(name);
      else believed.set(name, service);
    }
    const removals = [...failed].filter((name) => !names.has(name));
    owned.set(new Set([...names, ...removals]));
    retries.settle(tried, failures, (name) => !names.has(name) && retries.isDue(name, undefined));
  }

  function dump(table: Ipvs): readonly ListedService[] {
    const startMs = clock.nowMs();
    const services = table.list();
    dumpTookMs = clock.nowMs() - startMs;
    return services;
  }

  function attempt(work: (table: Ipvs) => void): boolean {
    if (kernel.attempt(work)) return true;
    believed = new Map();
    looks.set(clock.nowMs() + OPEN_RETRY_MS);
    return false;
  }

  return {
    want,
    onDrift(what) {
      repairs = what === "repair";
    },
    list() {
      let services: readonly ListedService[] | undefined;
      const read = (table: Ipvs): void => {
        services = dump(table);
      };
      if (kernel.trouble() === null) attempt(read);
      return services;
    },
    errorOf: (key) => kernel.trouble() ?? retries.errorOf(serviceName(key)),
    drift: () => drift,
    changes: () => changes,
    adoptAll: () =>
      attempt((table) => {
        owned.set(new Set([...owned.names(), ...dump(table).map(({ key }) => serviceName(key))]));
        believed = new Map();
      }),
    clear() {
      wanted = new Set();
      believed = new Map();
      // Without a table the file stays, for the next run.
      let isClear = false;
      const work = (table: Ipvs): void => {
        const { failures } = carryOut(table, dump(table), () => true);
        isClear = failures.length === 0;
        settle(failures, () => true);
      };
      if (kernel.trouble() === null && attempt(work) && isClear) owned.forget();
    },
    close() {
      looks.set(Infinity);
      kernel.close();
    },
  };
}

type Outcome = { readonly done: readonly Operation[]; readonly failures: readonly Failure[] };

function namesOf(operations: readonly Operation[]): ReadonlySet<string> {
  return new Set(operations.map((operation) => serviceName(subjectOf(operation))));
}

function texts(
  operations: readonly Operation[],
  text: (operation: Operation) => string,
): readonly string[] {
  return operations.slice(0, DIFFERENCES_LOGGED_MAX).map(text);
}
