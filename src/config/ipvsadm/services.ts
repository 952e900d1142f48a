// The services of a table as sections. How packets are forwarded is the virtual server's word, where its real servers agree.

import type { Restored } from "../../ipvs/ipvsadm/restore.ts";
import type { Destination, Service, ServiceFlag } from "../../ipvs/model.ts";
import { serviceName } from "../../ipvs/model.ts";
import type { Operation } from "../../ipvs/reconcile.ts";
import { methodText } from "../director/ipvs-lines.ts";
import type { Around } from "../foreign/around.ts";
import { endpoint } from "../foreign/endpoint.ts";
import type { Target } from "../foreign/target.ts";
import type { NamesAsWritten } from "./names.ts";

export function addServices(restored: Restored, names: NamesAsWritten, around: Around): void {
  const lineOf = (operation: Operation): number => restored.lineOf(operation)?.line ?? 0;
  const hostOf = (address: string): string => names.hostOf(address) ?? address;
  for (const service of restored.services) {
    const { key, destinations } = service;
    const line = lineOf({ kind: "add-service", service });
    const isMark = key.kind === "fwmark";
    const place = isMark
      ? serviceName(key).replaceAll(" ", "-")
      : endpoint(hostOf(key.address), portText(key.port));
    const target = around.open("virtual_server", [place], line);
    if (isMark) {
      target.set("fwmark", String(key.fwmark), line);
      if (key.family === 6) target.set("ip_family", "inet6", line);
    } else {
      target.set("address", place, line);
      target.set("protocol", key.protocol, line);
    }
    addFacts(service, target, line);
    const methods = destinations.map(methodText);
    const [common = "DR"] = methods;
    target.set("lb_kind", common, line);
    for (const destination of destinations) {
      const at = lineOf({ kind: "add-destination", key, destination });
      const where = endpoint(hostOf(destination.address), portText(destination.port));
      const server = around.open("real_server", [...target.labels, where], at);
      server.set("address", where, at);
      addServerFacts(destination, server, at);
      const method = methodText(destination);
      if (method !== common) server.set("lb_kind", method, at);
    }
  }
}

/** Port 0 is every port, which is written as none. */
function portText(port: number): string | null {
  return port === 0 ? null : String(port);
}

/** What the kernel's flags are called for these schedulers. */
const FLAGS: Readonly<Record<string, string>> = {
  "sh flag-1": "sh-fallback",
  "sh flag-2": "sh-port",
  "mh flag-1": "mh-fallback",
  "mh flag-2": "mh-port",
};

function addFacts(service: Omit<Service, "destinations">, target: Target, line: number): void {
  const { scheduler, persistence, persistenceEngine, flags = [], key } = service;
  target.set("lb_algo", scheduler, line);
  const nameOf = (flag: ServiceFlag): string => FLAGS[`${scheduler} ${flag}`] ?? flag;
  for (const flag of flags) target.set(nameOf(flag), "yes", line);
  if (persistence === null) return;
  const { timeoutS, prefixLength, mask } = persistence;
  target.set("persistence_timeout", String(timeoutS), line);
  const isOfInet6 = key.kind === "fwmark" ? key.family === 6 : key.address.includes(":");
  if (mask !== undefined || prefixLength !== (isOfInet6 ? 128 : 32)) {
    target.set("persistence_granularity", mask ?? String(prefixLength), line);
  }
  if (persistenceEngine !== undefined) target.set("persistence_engine", persistenceEngine, line);
}

function addServerFacts(destination: Destination, server: Target, line: number): void {
  const { weight, upperThreshold, lowerThreshold } = destination;
  server.set("weight", String(weight), line);
  if (upperThreshold !== undefined) server.set("uthreshold", String(upperThreshold), line);
  if (lowerThreshold !== undefined) server.set("lthreshold", String(lowerThreshold), line);
}
