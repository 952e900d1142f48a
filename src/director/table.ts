// Keeps the kernel's IPVS table as it is wanted: only the difference is carried out. When, and what is tried again, is
// known to keeper.ts; what is wanted, to verdict.ts.

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
import { type Found, openKeeper, type Words } from "./keeper.ts";
import type { KernelAccess } from "./kernel.ts";
import type { Owned } from "./owned.ts";

export type Table = {
  /** From now on the kernel should have these services; carried out before it returns. */
  readonly want: (services: readonly Service[]) => void;
  /** What somebody else did to our services: put right, or only told. */
  readonly onDrift: (drift: "repair" | "report") => void;
  /** The kernel's table as it is now; undefined when it cannot be read. */
  readonly list: () => readonly ListedService[] | undefined;
  /** What a difference is made with. */
  readonly known: () => TableKnown;
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

export type TableKnown = {
  /** Of what the kernel has, these are taken as said here: drift is left as it is. null = it is repaired. */
  readonly believed: readonly Service[] | null;
  /** Names of services. */
  readonly owned: readonly string[];
  /** Name and wish of what the kernel refuses for now. */
  readonly refused: readonly (readonly [string, string])[];
};

export type TableOptions = {
  readonly kernel: KernelAccess<Ipvs>;
  readonly owned: Owned;
  readonly clock: Clock;
  readonly log: Log;
  /** After every look at the table. */
  readonly onLook?: () => void;
};

const DIFFERENCES_LOGGED_MAX = 20;

const WORDS: Words = {
  drift: "table drift",
  refused: "table not as configured",
  again: "table as configured again",
  fields: (service) => ({ service }),
};

export function openTable(options: TableOptions): Table {
  const { kernel, owned, clock, log, onLook } = options;
  /** By name; undefined = nobody said yet: until then nothing is touched. */
  let wanted: ReadonlyMap<string, Service> | undefined;
  /** What the kernel has of ours if nobody else touched it, by name; undefined = only a dump can tell. */
  let believed: ReadonlyMap<string, Service> | undefined;
  let changes = 0;
  const keeper = openKeeper({ clock, log, words: WORDS, work, ...(onLook && { onLook }) });

  function work(isLook: boolean): Found | undefined {
    // What a kernel lacks that had no table until now is no drift.
    const isBack = kernel.trouble() !== null;
    let found: Found | undefined;
    if (isLook || !isBack) {
      const way = isLook && !isBack ? inspect : change;
      attempt((table) => {
        found = way(table, wanted ?? new Map());
      });
    }
    return found;
  }

  /** From what is believed, which costs no dump. */
  function change(table: Ipvs, services: Services): Found {
    const known = believed;
    const isKnown =
      known !== undefined && [...services.keys()].every((name) => known.has(name) || !mayTry(name));
    const actual = isKnown ? [...known.values()] : merged(table.list());
    const { done, failures } = carryOut(table, services, actual, mayTry);
    if (done.length > 0) log.debug({ changes: texts(done, operationText) }, "table changed");
    const failed = new Set(failures.map(({ operation }) => nameOf(operation)));
    if (!isKnown || failed.size === 0) return settled(services, failures, mayTry);
    // What was believed may be wrong: somebody else changed the table in between.
    const second = carryOut(table, services, table.list(), (name) => failed.has(name));
    if (second.done.length > 0) {
      const changed = texts(second.done, driftText);
      log.warn({ changed }, "table was changed by somebody else");
    }
    return settled(services, second.failures, mayTry);
  }

  function merged(dumped: readonly Service[]): readonly Service[] {
    if (keeper.repairs()) return dumped;
    return asBelieved(dumped, believed);
  }

  function inspect(table: Ipvs, services: Services): Found {
    const actual = table.list();
    const { gains, losses } = planSteps([...services.values()], actual, owned.names());
    const isRefused = (name: string): boolean => keeper.errorOf(name) !== null;
    const drifted = [...gains, ...losses].filter((operation) => !isRefused(nameOf(operation)));
    const isTried = (name: string): boolean =>
      (keeper.repairs() || isRefused(name)) && mayTry(name);
    const { failures } = carryOut(table, services, actual, isTried);
    return { ...settled(services, failures, isTried), drift: drifted.map(driftText) };
  }

  function mayTry(name: string): boolean {
    return keeper.mayTry(name, () => wishOf(name));
  }

  function wishOf(name: string): string {
    return wishText(wanted?.get(name));
  }

  /** Of the services that are tried now. Gains first; of the losses, those that the gains bear. */
  function carryOut(
    table: Ipvs,
    services: Services,
    actual: readonly Service[],
    isTried: Found["isTried"],
  ): Outcome {
    const desired = [...services].flatMap(([name, service]) => (isTried(name) ? [service] : []));
    const touched = actual.filter(({ key }) => isTried(serviceName(key)));
    const plan = planSteps(desired, touched, owned.names());
    const failures = [...applied(table, plan.gains)];
    const failed = new Set(failures.map(({ operation }) => operation));
    const losses = bearableLosses(plan, failed, touched);
    failures.push(...applied(table, losses));
    const unsettled = new Set(failures.map(({ operation }) => nameOf(operation)));
    const done = [...plan.gains, ...losses].filter((each) => !unsettled.has(nameOf(each)));
    return { done, failures };
  }

  function applied(table: Ipvs, operations: readonly Operation[]): readonly Failure[] {
    changes += operations.length;
    return operations.length === 0 ? [] : table.apply(operations);
  }

  function settled(
    services: Services,
    failures: readonly Failure[],
    isTried: Found["isTried"],
  ): Found {
    // The first failure of a service is the one that explains the others.
    const refused = new Map(
      failures.toReversed().map(({ operation, text: error }) => {
        const name = nameOf(operation);
        return [name, { error, wish: wishOf(name) }] as const;
      }),
    );
    const before = believed;
    believed = new Map(
      [...services].flatMap(([name, service]) => {
        const now = refused.has(name) ? undefined : isTried(name) ? service : before?.get(name);
        return now === undefined ? [] : [[name, now]];
      }),
    );
    owned.set(new Set([...services.keys(), ...refused.keys()]));
    return { refused, isTried };
  }

  function attempt(ask: (table: Ipvs) => void): boolean {
    const isDone = kernel.attempt(ask);
    if (!isDone) believed = undefined;
    return isDone;
  }

  return {
    want(services) {
      wanted = new Map(services.map((service) => [serviceName(service.key), service]));
      // On disk before it is in the kernel: a crash in between leaves nothing that nobody knows.
      owned.set(new Set([...owned.names(), ...wanted.keys()]));
      keeper.want();
    },
    onDrift: (what) => keeper.configure({ repairs: what === "repair" }),
    list() {
      let services: readonly ListedService[] | undefined;
      if (kernel.trouble() === null) {
        attempt((table) => {
          services = table.list();
        });
      }
      return services;
    },
    known: () => ({
      believed: keeper.repairs() ? null : [...(believed?.values() ?? [])],
      owned: [...owned.names()],
      refused: [...keeper.refusedWishes()],
    }),
    errorOf: (key) => kernel.trouble() ?? keeper.errorOf(serviceName(key)),
    drift: keeper.drift,
    changes: () => changes,
    adoptAll: () =>
      attempt((table) => {
        const names = table.list().map(({ key }) => serviceName(key));
        owned.set(new Set([...owned.names(), ...names]));
        believed = undefined;
      }),
    clear() {
      wanted = new Map();
      believed = undefined;
      keeper.want({ afresh: true });
      // Without a table the file stays, for the next run.
      if (kernel.trouble() === null && keeper.errors().size === 0) owned.forget();
    },
    close() {
      keeper.rest();
      kernel.close();
    },
  };
}

/** Empty when it is to be removed. */
export function wishText(service: Service | undefined): string {
  return service === undefined ? "" : JSON.stringify(service);
}

/** Drift that is only reported does not come into it. */
export function asBelieved(
  dumped: readonly Service[],
  believed: ReadonlyMap<string, Service> | undefined,
): readonly Service[] {
  return dumped.map((service) => believed?.get(serviceName(service.key)) ?? service);
}

type Services = ReadonlyMap<string, Service>;
type Outcome = { readonly done: readonly Operation[]; readonly failures: readonly Failure[] };

export function byName(services: readonly ListedService[]): ReadonlyMap<string, ListedService> {
  return new Map(services.map((service) => [serviceName(service.key), service]));
}

function nameOf(operation: Operation): string {
  return serviceName(subjectOf(operation));
}

function texts(
  operations: readonly Operation[],
  text: (operation: Operation) => string,
): readonly string[] {
  return operations.slice(0, DIFFERENCES_LOGGED_MAX).map(text);
}
