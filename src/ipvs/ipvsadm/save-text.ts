// The table as lines that `ipvsadm -R` reads. Unlike ipvsadm's own they keep the thresholds (-x, -y), which it drops,
// and a third flag of sh and mh, for which it writes a -b that nobody can read.

import type { ListedDestination, ListedService } from "../model.ts";
import {
  endpointText,
  maskText,
  type Naming,
  protocolOf,
  schedulerFlagsText,
  selectorText,
} from "./naming.ts";
import { sortedDestinations, sortedServices } from "./sorting.ts";

/** With an end of line when there is anything. */
export function saveText(services: readonly ListedService[], naming: Naming): string {
  const lines = sortedServices(services).flatMap((service) => [
    serviceLine(service, naming),
    ...sortedDestinations(service.destinations).map((each) => serverLine(service, each, naming)),
  ]);
  return lines.map((line) => `${line}\n`).join("");
}

function serviceLine(service: ListedService, naming: Naming): string {
  const { key, scheduler, persistence, persistenceEngine, flags } = service;
  const mask = persistence && maskText(persistence, key);
  const isOdd = (scheduler === "sh" || scheduler === "mh") && flags?.includes("flag-3");
  const names = [schedulerFlagsText(service) ?? "", isOdd ? "flag-3" : ""].filter(Boolean);
  return [
    `-A ${selectorText(key, naming)} -s ${scheduler}`,
    ...(persistence === null ? [] : [`-p ${persistence.timeoutS}`]),
    ...(mask === null ? [] : [`-M ${mask}`]),
    ...(persistenceEngine === undefined ? [] : [`--pe ${persistenceEngine}`]),
    ...(flags?.includes("ops") ? ["-o"] : []),
    ...(names.length === 0 ? [] : [`-b ${names.join(",")}`]),
  ].join(" ");
}

const SWITCHES = { NAT: "-m", DR: "-g", TUN: "-i" } as const;
const CHECKSUMS = {
  none: "--tun-nocsum",
  checksum: "--tun-csum",
  "remote-checksum": "--tun-remcsum",
} as const;

function serverLine({ key }: ListedService, server: ListedDestination, naming: Naming): string {
  const { forward, weight, tunnel, upperThreshold, lowerThreshold } = server;
  const type = tunnel?.type ?? "ipip";
  const place = endpointText(server, protocolOf(key), naming);
  return [
    `-a ${selectorText(key, naming)} -r ${place} ${SWITCHES[forward]} -w ${weight}`,
    ...(forward === "TUN" ? [`--tun-type ${type}`] : []),
    ...(type === "gue" ? [`--tun-port ${tunnel?.port}`] : []),
    ...(tunnel === undefined || type === "ipip" ? [] : [CHECKSUMS[tunnel.checksum]]),
    ...(upperThreshold === undefined ? [] : [`-x ${upperThreshold}`]),
    ...(lowerThreshold === undefined ? [] : [`-y ${lowerThreshold}`]),
  ].join(" ");
}
