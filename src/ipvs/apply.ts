// The hands of the room: reads the kernel's table and carries out operations on it.
// Decides nothing; says for each operation that failed why, in the operator's words.

import { isKernelError, type KernelError } from "../kernel/errors.ts";
import { attributesOf, openGenericNetlink } from "../kernel/genetlink.ts";
import { loadModule } from "../kernel/modprobe.ts";
import type { Request } from "../kernel/netlink.ts";
import { unreachable } from "../lib/unreachable.ts";
import { COMMAND, FAMILY } from "./attributes.ts";
import {
  commandBody,
  decodeDestination,
  decodeService,
  destinationBody,
  keyBody,
  keyFamily,
  type ListedHead,
  serviceBody,
} from "./codec.ts";
import { type ListedService, type ServiceKey, serviceName } from "./model.ts";
import { failureText, isAlreadySo, type Loadings, missingModules } from "./reasons.ts";
import { type Operation, subjectOf } from "./reconcile.ts";
import { openSettings, type Settings } from "./settings.ts";

export type Ipvs = {
  /** The whole table; traffic counters only when asked for, they cost. */
  readonly list: (options?: ListOptions) => readonly ListedService[];
  /** All operations in order, none held back by the failure of another; what failed, empty = all done. */
  readonly apply: (operations: readonly Operation[]) => readonly Failure[];
  readonly close: () => void;
};

/** All of IPVS: what driving the table by configuration does not need, commands do. */
export type WholeIpvs = Ipvs & {
  /** The table one service at a time, so that a long one is never held; `ordered` puts the services in order. */
  readonly each: (
    options: ListOptions,
    ordered?: (heads: readonly ListedHead[]) => readonly ListedHead[],
  ) => Iterable<ListedService>;
  /** One service. Throws KernelError ESRCH when there is none. */
  readonly find: (key: ServiceKey, options?: ListOptions) => ListedService;
  /** As apply(), but no refusal is taken for success: the errors by index of the operation. */
  readonly execute: (operations: readonly Operation[]) => ReadonlyMap<number, KernelError>;
  readonly settings: Settings;
};

type ListOptions = { readonly traffic: boolean };

export type Failure = {
  readonly operation: Operation;
  readonly code: string;
  readonly text: string;
};

/** Throws when the kernel has no ip_vs and cannot load it. Needs CAP_NET_ADMIN. */
export function openIpvs(): WholeIpvs {
  const netlink = openFamily();
  const type = netlink.familyId;
  const silent = { traffic: false };

  function list(options: ListOptions = silent): readonly ListedService[] {
    return [...each(options)];
  }

  function* each(
    options: ListOptions,
    ordered = (heads: readonly ListedHead[]): readonly ListedHead[] => heads,
  ): Generator<ListedService> {
    const request = { type, flags: 0, body: commandBody(COMMAND.getService) };
    const heads = netlink.dump(request, (message) => decodeService(message, options));
    for (const head of ordered(heads)) yield whole(head, options);
  }

  function find(key: ServiceKey, options: ListOptions = silent): ListedService {
    const body = keyBody(COMMAND.getService, key);
    const [answer] = netlink.request({ type, flags: 0, body });
    const head = decodeService(attributesOf(answer), options);
    if (head === undefined) throw new Error(`Cannot read ${serviceName(key)}`);
    return whole(head, options);
  }

  function whole(head: ListedHead, options: ListOptions): ListedService {
    const request = { type, flags: 0, body: keyBody(COMMAND.getDestination, head.key) };
    const family = keyFamily(head.key);
    const destinations = netlink.dump(request, (message) =>
      decodeDestination(message, family, options),
    );
    return { ...head, destinations };
  }

  function execute(operations: readonly Operation[]): ReadonlyMap<number, KernelError> {
    return netlink.batch(
      operations.map((operation): Request => ({ type, flags: 0, body: bodyOf(operation) })),
    );
  }

  /** Errors by index, of what is not so already; tried again where a module was missing and could be loaded. */
  function executeWithModules(operations: readonly Operation[]): Attempted {
    const errors = new Map(execute(operations));
    const missing = missingModules(operations, errors);
    if (missing.size === 0) return { errors, loadings: new Map() };
    const loadings = new Map(Array.from(missing.keys(), (name) => [name, loadModule(name)]));
    const again = new Set(
      [...missing].flatMap(([name, services]) => (loadings.get(name)?.ok ? [...services] : [])),
    );
    const indices = operations.flatMap((operation, i) =>
      again.has(serviceName(subjectOf(operation))) ? [i] : [],
    );
    const retried = operations.filter((_, i) => indices.includes(i));
    if (retried.length > 0) {
      const second = execute(retried);
      indices.forEach((index, i) => {
        const error = second.get(i);
        if (error === undefined) errors.delete(index);
        else errors.set(index, error);
      });
    }
    return { errors, loadings };
  }

  function apply(operations: readonly Operation[]): readonly Failure[] {
    const failures: Failure[] = [];
    const absent = new Set<string>();
    const { errors, loadings } = executeWithModules(operations);
    for (const [index, error] of [...errors].sort(([a], [b]) => a - b)) {
      const operation = operations[index];
      if (operation === undefined || isAlreadySo(operation, error)) continue;
      const subject = serviceName(subjectOf(operation));
      // The destinations of a service that could not be added fail too, and have nothing to add to its cause.
      if (absent.has(subject)) continue;
      if (operation.kind === "add-service") absent.add(subject);
      failures.push({ operation, code: error.code, text: failureText(operation, error, loadings) });
    }
    return failures;
  }

  return {
    list,
    apply,
    each,
    find,
    execute,
    settings: openSettings(netlink),
    close: netlink.close,
  };
}

type Attempted = { readonly errors: ReadonlyMap<number, KernelError>; readonly loadings: Loadings };

function openFamily(): ReturnType<typeof openGenericNetlink> {
  try {
    return openGenericNetlink(FAMILY);
  } catch (error) {
    if (!isKernelError(error, "ENOENT")) throw error;
  }
  const loading = loadModule("ip_vs");
  try {
    return openGenericNetlink(FAMILY);
  } catch (error) {
    if (!isKernelError(error, "ENOENT")) throw error;
    const cause = loading.ok ? error : new Error(loading.reason);
    throw new Error("the kernel has no ip_vs (module ip_vs cannot be loaded)", { cause });
  }
}

function bodyOf(operation: Operation): Request["body"] {
  switch (operation.kind) {
    case "add-service":
      return serviceBody(COMMAND.newService, operation.service);
    case "set-service":
      return serviceBody(COMMAND.setService, operation.service);
    case "remove-service":
      return keyBody(COMMAND.delService, operation.key);
    case "add-destination":
      return destinationBody(COMMAND.newDestination, operation.key, operation.destination);
    case "set-destination":
      return destinationBody(COMMAND.setDestination, operation.key, operation.destination);
    case "remove-destination":
      return destinationBody(COMMAND.delDestination, operation.key, operation.destination);
    default:
      return unreachable(operation);
  }
}
