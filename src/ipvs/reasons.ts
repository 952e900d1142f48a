// Why the kernel refused an operation, in the operator's words: IPVS explains no error by itself.

import type { KernelError } from "../kernel/errors.ts";
import type { Loading } from "../kernel/modprobe.ts";
import { familyOf } from "../lib/ip.ts";
import { unreachable } from "../lib/unreachable.ts";
import { placeOf } from "./canonical.ts";
import { keyFamily } from "./codec.ts";
import { type Destination, type Service, type ServiceKey, serviceName } from "./model.ts";
import { type Operation, subjectOf } from "./reconcile.ts";

/** What came of loading modules, by name. */
export type Loadings = ReadonlyMap<string, Loading>;
/** Module -> the services that it may be missing for: ip_vs_ctl.c answers ENOENT. */
export function missingModules(
  operations: readonly Operation[],
  errors: ReadonlyMap<number, KernelError>,
): ReadonlyMap<string, ReadonlySet<string>> {
  const missing = new Map<string, Set<string>>();
  for (const [index, { code }] of errors) {
    const operation = operations[index];
    if (operation === undefined || code !== "ENOENT" || !("service" in operation)) continue;
    const subject = serviceName(operation.service.key);
    for (const { module } of modulesOf(operation.service)) {
      missing.set(module, (missing.get(module) ?? new Set()).add(subject));
    }
  }
  return missing;
}

function modulesOf({
  scheduler,
  persistenceEngine,
}: Omit<Service, "destinations">): readonly { readonly what: string; readonly module: string }[] {
  return [
    { what: `scheduler "${scheduler}"`, module: `ip_vs_${scheduler}` },
    ...(persistenceEngine === undefined
      ? []
      : [
          {
            what: `persistence engine "${persistenceEngine}"`,
            module: `ip_vs_pe_${persistenceEngine}`,
          },
        ]),
  ];
}

/** ip_vs_ctl.c: no such service is ESRCH, no such destination ENOENT. */
export function isAlreadySo(operation: Operation, error: KernelError): boolean {
  switch (operation.kind) {
    case "add-service":
    case "add-destination":
      return error.code === "EEXIST";
    case "remove-service":
    case "remove-destination":
      return error.code === "ESRCH" || error.code === "ENOENT";
    case "set-service":
    case "set-destination":
      return false;
    default:
      return unreachable(operation);
  }
}

export function failureText(operation: Operation, error: KernelError, loadings: Loadings): string {
  const subject = serviceName(subjectOf(operation));
  const why = reasonText(operation, error, loadings);
  switch (operation.kind) {
    case "add-service":
    case "set-service":
    case "remove-service":
      return `Cannot ${verbOf(operation)} ${subject}: ${why}`;
    case "add-destination":
    case "set-destination":
    case "remove-destination":
      return `Cannot ${verbOf(operation)} ${placeOf(operation.destination)} of ${subject}: ${why}`;
    default:
      return unreachable(operation);
  }
}

function verbOf(operation: Operation): string {
  return operation.kind.slice(0, operation.kind.indexOf("-"));
}

function reasonText(
  operation: Operation,
  { code, message }: KernelError,
  loadings: Loadings,
): string {
  if (code === "EPERM") return "not permitted (CAP_NET_ADMIN is needed)";
  if (code === "ESRCH") return "the service is gone";
  if (code === "ENOMEM") return "the kernel has no memory for it";
  if (code === "EAFNOSUPPORT") return "this kernel's IPVS knows no IPv6";
  if (operation.kind === "add-service" || operation.kind === "set-service") {
    if (code === "ENOENT") return moduleText(operation.service, loadings);
  } else if (operation.kind !== "remove-service") {
    if (code === "ENOENT") return "the destination is gone";
    if (code === "ERANGE") {
      return `weight ${operation.destination.weight} or the thresholds are out of range`;
    }
    if (code === "EINVAL") return refusalText(operation.key, operation.destination);
  }
  return message;
}

function moduleText(service: Service, loadings: Loadings): string {
  const absent = modulesOf(service).filter(({ module }) => loadings.get(module)?.ok !== true);
  const named = absent.length === 0 ? modulesOf(service) : absent;
  return named
    .map(({ what, module }) => {
      const loading = loadings.get(module);
      const reason = loading === undefined || loading.ok ? "" : `: ${loading.reason}`;
      return `${what} is not in this kernel (module ${module}${reason})`;
    })
    .join(" or ");
}

function refusalText(key: ServiceKey, { address, forward }: Destination): string {
  if ((familyOf(address) ?? 4) === keyFamily(key)) {
    return "the kernel refuses it: it must be a unicast address";
  }
  if (forward !== "TUN") return "the kernel refuses it: only TUN crosses between IPv4 and IPv6";
  return "the kernel refuses a destination of another address family while a connection sync daemon runs";
}
