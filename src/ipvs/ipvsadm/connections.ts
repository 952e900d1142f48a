// The connection table: /proc/net/ip_vs_conn -> entries, and entries as `ipvsadm -Lc` prints them.

import { canonicalAddress, formatAddress } from "../../lib/ip.ts";
import type { Protocol } from "../model.ts";
import { endpointText, type Naming } from "./naming.ts";

export const CONNECTIONS_FILE = "/proc/net/ip_vs_conn";

export type Endpoint = { readonly address: string; readonly port: number };

export type Connection = {
  /** "TCP", "UDP", "SCTP"; "IP" for the persistence template of a firewall mark. */
  readonly protocol: string;
  readonly expiresS: number;
  readonly state: string;
  readonly source: Endpoint;
  readonly virtual: Endpoint;
  readonly destination: Endpoint;
  /** What the persistence engine keeps. */
  readonly engine: { readonly name: string; readonly data: string } | null;
};

/** Of the whole file; its title is no entry. */
export function readConnections(text: string): readonly Connection[] {
  return text
    .split("\n")
    .slice(1)
    .map(readConnection)
    .filter((entry) => entry !== undefined);
}

/** "TCP 0A000001 C350 0A000064 0050 0A01000B 0050 ESTABLISHED     899", IPv6 addresses in groups. */
function readConnection(line: string): Connection | undefined {
  const words = line.split(/\s+/).filter((word) => word !== "");
  const [protocol, from, fromPort, to, toPort, via, viaPort, state, expires, name, data] = words;
  if (protocol === undefined || state === undefined || expires === undefined) return undefined;
  return {
    protocol,
    expiresS: Number(expires),
    state,
    source: endpointOf(from, fromPort),
    virtual: endpointOf(to, toPort),
    destination: endpointOf(via, viaPort),
    engine: name === undefined || data === undefined ? null : { name, data },
  };
}

export function connectionsText(
  connections: readonly Connection[],
  options: { readonly withEngine: boolean; readonly naming: Naming },
): string {
  const { withEngine, naming } = options;
  const ends = withEngine
    ? ["destination".padEnd(18), "pe name".padEnd(16), "pe_data"]
    : ["destination"];
  const title = ["pro expire state      ", "source".padEnd(18), "virtual".padEnd(18), ...ends];
  const lines = connections.map((entry) => connectionLine(entry, withEngine, naming));
  return ["IPVS connection entries", title.join(" "), ...lines].map((line) => `${line}\n`).join("");
}

function connectionLine(entry: Connection, withEngine: boolean, naming: Naming): string {
  const protocol = PROTOCOLS[entry.protocol];
  const [source, virtual, destination] = [entry.source, entry.virtual, entry.destination].map(
    (endpoint) => endpointText(endpoint, protocol, naming),
  );
  const start = [
    entry.protocol.padEnd(3),
    expiryText(entry.expiresS).padEnd(6),
    entry.state.padEnd(11),
    source?.padEnd(18),
    virtual?.padEnd(18),
  ].join(" ");
  if (!withEngine || entry.engine === null) return `${start} ${destination}`;
  return `${start} ${destination?.padEnd(16)} ${entry.engine.name.padEnd(18)} ${entry.engine.data}`;
}

const PROTOCOLS: Readonly<Record<string, Protocol>> = { TCP: "tcp", UDP: "udp", SCTP: "sctp" };

/** "14:59" */
function expiryText(expiresS: number): string {
  const parts = [Math.floor(expiresS / 60), expiresS % 60];
  return parts.map((part) => String(part).padStart(2, "0")).join(":");
}

function endpointOf(address = "", port = ""): Endpoint {
  const text =
    canonicalAddress(address) ?? formatAddress(Buffer.from(address.padStart(8, "0"), "hex"));
  return { address: text, port: Number.parseInt(port, 16) };
}
