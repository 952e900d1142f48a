// The table as `ipvsadm -L` prints it, to the byte. Two numbers that 1.31 prints wrongly are right here: firewall marks
// above 2147483647 (negative there), and what real servers counted above 32 bits (cut off there).

import type { Count, ListedDestination, ListedService, Traffic } from "../model.ts";
import type { Format } from "./command.ts";
import {
  endpointText,
  isInet6,
  maskText,
  type Naming,
  protocolOf,
  schedulerFlagsText,
  tunnelText,
} from "./naming.ts";
import { sortedDestinations } from "./sorting.ts";

/** The lines above it, then service by service as they come, without the line that says the version. */
export function* tableText(
  services: Iterable<ListedService>,
  format: Format,
  naming: Naming,
): Generator<string> {
  yield `${titleOf(format)}\n`;
  for (const service of services) yield serviceText(service, format, naming);
}

/** With its real servers. */
function serviceText(service: ListedService, format: Format, naming: Naming): string {
  const { destinations, key } = service;
  const protocol = protocolOf(key);
  let text = `${serviceLine(service, format, naming)}\n`;
  for (const each of format.sorted ? sortedDestinations(destinations) : destinations) {
    const name = endpointText(each, protocol, naming);
    text += serverLine(each, each.address.includes(":") ? name : name.slice(0, 28), format);
    text += "\n";
  }
  return text;
}

export function versionLine(version: string, connectionTableSize: number): string {
  return `IP Virtual Server version ${version} (size=${connectionTableSize})\n`;
}

const LOCAL = "Prot LocalAddress:Port";
const REMOTE = "  -> RemoteAddress:Port";

function titleOf(format: Format): string {
  if (format.stats) return numbersTitle(["Conns", "InPkts", "OutPkts", "InBytes", "OutBytes"]);
  if (format.rate) return numbersTitle(["CPS", "InPPS", "OutPPS", "InBPS", "OutBPS"]);
  if (format.thresholds) {
    return `${LOCAL.padEnd(33)} Uthreshold Lthreshold ActiveConn InActConn \n${REMOTE}`;
  }
  if (format.persistentConnections) {
    return `${LOCAL.padEnd(33)} Weight    PersistConn ActiveConn InActConn \n${REMOTE}`;
  }
  const tunnel = format.tunnelInfo ? "TunnelInfo    " : "";
  return `${LOCAL} Scheduler Flags\n${REMOTE}           Forward ${tunnel}Weight ActiveConn InActConn`;
}

function numbersTitle(names: readonly string[]): string {
  return `${LOCAL.padEnd(33)} ${names.map((name) => name.padStart(8)).join(" ")}\n${REMOTE}`;
}

function serviceLine(service: ListedService, format: Format, naming: Naming): string {
  const name = keyText(service, naming);
  const traffic = service.traffic ?? NO_TRAFFIC;
  if (format.stats) return name.padEnd(33) + countedText(traffic, format);
  if (format.rate) return name.padEnd(33) + countedPerSText(traffic, format);
  const { key, scheduler, persistence, persistenceEngine, flags } = service;
  const schedulerFlags = schedulerFlagsText(service);
  const mask = persistence && maskText(persistence, key);
  return [
    `${name} ${scheduler}`,
    ...(schedulerFlags === null ? [] : [`(${schedulerFlags})`]),
    ...(persistence === null ? [] : [`persistent ${persistence.timeoutS}`]),
    ...(mask === null ? [] : [`mask ${mask}`]),
    ...(persistence === null || persistenceEngine === undefined ? [] : [`pe ${persistenceEngine}`]),
    ...(flags?.includes("ops") ? ["ops"] : []),
  ].join(" ");
}

function keyText({ key }: ListedService, naming: Naming): string {
  if (key.kind === "fwmark") return `FWM  ${key.fwmark}${key.family === 6 ? " IPv6" : ""}`;
  const protocol = key.protocol.toUpperCase().padEnd(4);
  const text = `${protocol} ${endpointText(key, key.protocol, naming)}`;
  return isInet6(key) ? text : text.slice(0, 33);
}

const FORWARDS = { NAT: "Masq", DR: "Route", TUN: "Tunnel" } as const;

function serverLine(server: ListedDestination, name: string, format: Format): string {
  const start = `  -> ${name.padEnd(28)}`;
  const traffic = server.traffic ?? NO_TRAFFIC;
  if (format.stats) return start + countedText(traffic, format);
  if (format.rate) {
    const { connectionsPerS, packetsInPerS, packetsOutPerS, bytesInPerS, bytesOutPerS } = traffic;
    return [
      start,
      padded(connectionsPerS, 8),
      padded(packetsInPerS, 8),
      padded(packetsOutPerS, 8) +
        numberText(bytesInPerS, format) +
        numberText(bytesOutPerS, format),
    ].join(" ");
  }
  const counts = `${left(server.activeConnections, 10)} ${left(server.inactiveConnections, 10)}`;
  if (format.thresholds) {
    const { upperThreshold = 0, lowerThreshold = 0 } = server;
    return `${start} ${left(upperThreshold, 10)} ${left(lowerThreshold, 10)} ${counts}`;
  }
  if (format.persistentConnections) {
    const { weight, persistentConnections } = server;
    return `${start} ${left(weight, 9)} ${left(persistentConnections, 11)} ${counts}`;
  }
  const forward = left(FORWARDS[server.forward], 7);
  const tunnel = format.tunnelInfo ? `${left(tunnelText(server), 13)} ` : "";
  return `${start} ${forward} ${tunnel}${left(server.weight, 6)} ${counts}`;
}

function countedText(traffic: Traffic, format: Format): string {
  const { connections, packetsIn, packetsOut, bytesIn, bytesOut } = traffic;
  return (
    numberText(connections, format) +
    numberText(packetsIn, format) +
    numberText(packetsOut, format) +
    numberText(bytesIn, format) +
    numberText(bytesOut, format)
  );
}

function countedPerSText(traffic: Traffic, format: Format): string {
  const { connectionsPerS, packetsInPerS, packetsOutPerS, bytesInPerS, bytesOutPerS } = traffic;
  return (
    numberText(connectionsPerS, format) +
    numberText(packetsInPerS, format) +
    numberText(packetsOutPerS, format) +
    numberText(bytesInPerS, format) +
    numberText(bytesOutPerS, format)
  );
}

/** A kernel that does not say counts as one that counted nothing. */
const NO_TRAFFIC: Traffic = {
  connections: 0,
  packetsIn: 0,
  packetsOut: 0,
  bytesIn: 0,
  bytesOut: 0,
  connectionsPerS: 0,
  packetsInPerS: 0,
  packetsOutPerS: 0,
  bytesInPerS: 0,
  bytesOutPerS: 0,
};

function numberText(number: Count, { exact }: Format): string {
  return exact ? ` ${padded(number, 8)}` : largeNumber(number);
}

const UNITS: readonly (readonly [number, number, string])[] = [
  [1e9, 1e3, "K"],
  [1e11, 1e6, "M"],
  [1e14, 1e9, "G"],
];

/** Nine characters: 99999999, then 100000K, 1000M, 100G, 100T. */
function largeNumber(number: Count): string {
  if (number < 1e8) return padded(number, 9);
  const [, unit, letter] = UNITS.find(([limit]) => number < limit) ?? [0, 1e12, "T"];
  const short = typeof number === "bigint" ? number / BigInt(unit) : Math.floor(number / unit);
  return `${padded(short, 8)}${letter}`;
}

function padded(number: Count, width: number): string {
  return String(number).padStart(width);
}

function left(value: number | string, width: number): string {
  return String(value).padEnd(width);
}
