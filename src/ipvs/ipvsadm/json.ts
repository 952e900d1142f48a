// What the listings say, as JSON: snake_case keys, units last, addresses and ports as numbers. Later versions only add.

import { unreachable } from "../../lib/unreachable.ts";
import type { ListedDestination, ListedService, SyncDaemon, Timeouts, Traffic } from "../model.ts";
import type { IpvsInfo } from "../settings.ts";
import type { Connection, Endpoint } from "./connections.ts";
import { isInet6, schedulerFlagsText } from "./naming.ts";
import { sortedDestinations, sortedServices } from "./sorting.ts";

export type Listing =
  | {
      readonly what: "table";
      readonly info: IpvsInfo;
      readonly services: readonly ListedService[];
      readonly sorted: boolean;
    }
  | { readonly what: "connections"; readonly connections: readonly Connection[] }
  | { readonly what: "timeout"; readonly timeouts: Timeouts }
  | { readonly what: "daemon"; readonly daemons: readonly SyncDaemon[] };

export function listingJson(listing: Listing): string {
  return JSON.stringify(valueOf(listing), null, 2);
}

function valueOf(listing: Listing): object {
  switch (listing.what) {
    case "table": {
      const { info, services, sorted } = listing;
      return {
        version: info.version,
        connection_table_size: info.connectionTableSize,
        services: (sorted ? sortedServices(services) : services).map((service) =>
          serviceValue(service, sorted),
        ),
      };
    }
    case "connections":
      return { connections: listing.connections.map(connectionValue) };
    case "timeout": {
      const { tcpS, tcpFinS, udpS } = listing.timeouts;
      return { tcp_s: tcpS, tcp_fin_s: tcpFinS, udp_s: udpS };
    }
    case "daemon":
      return { daemons: listing.daemons.map(daemonValue) };
    default:
      return unreachable(listing);
  }
}

function serviceValue(service: ListedService, sorted: boolean): object {
  const { key, scheduler, persistence, persistenceEngine, flags, traffic, destinations } = service;
  const isAddress = key.kind === "address";
  return {
    protocol: isAddress ? key.protocol : null,
    address: isAddress ? key.address : null,
    port: isAddress ? key.port : null,
    fwmark: isAddress ? null : key.fwmark,
    family: isInet6(key) ? "inet6" : "inet",
    scheduler,
    scheduler_flags: schedulerFlagsText(service)?.split(",") ?? [],
    one_packet: flags?.includes("ops") ?? false,
    persistence:
      persistence === null
        ? null
        : {
            timeout_s: persistence.timeoutS,
            prefix_length: persistence.mask === undefined ? persistence.prefixLength : null,
            mask: persistence.mask ?? null,
          },
    persistence_engine: persistenceEngine ?? null,
    ...trafficValue(traffic),
    real_servers: (sorted ? sortedDestinations(destinations) : destinations).map(serverValue),
  };
}

function serverValue(server: ListedDestination): object {
  const { address, port, forward, weight, tunnel } = server;
  return {
    address,
    port,
    forward,
    weight,
    upper_threshold: server.upperThreshold ?? 0,
    lower_threshold: server.lowerThreshold ?? 0,
    tunnel: forward === "TUN" ? (tunnel ?? { type: "ipip", port: 0, checksum: "none" }) : null,
    active_connections: server.activeConnections,
    inactive_connections: server.inactiveConnections,
    persistent_connections: server.persistentConnections,
    ...trafficValue(server.traffic),
  };
}

function trafficValue(traffic: Traffic | undefined): object {
  if (traffic === undefined) return {};
  return {
    counters: {
      connections: Number(traffic.connections),
      packets_in: Number(traffic.packetsIn),
      packets_out: Number(traffic.packetsOut),
      bytes_in: Number(traffic.bytesIn),
      bytes_out: Number(traffic.bytesOut),
    },
    rates: {
      connections_per_s: Number(traffic.connectionsPerS),
      packets_in_per_s: Number(traffic.packetsInPerS),
      packets_out_per_s: Number(traffic.packetsOutPerS),
      bytes_in_per_s: Number(traffic.bytesInPerS),
      bytes_out_per_s: Number(traffic.bytesOutPerS),
    },
  };
}

function connectionValue(connection: Connection): object {
  const { protocol, expiresS, state, engine } = connection;
  return {
    protocol: protocol.toLowerCase(),
    state,
    expires_s: expiresS,
    source: endpointValue(connection.source),
    virtual: endpointValue(connection.virtual),
    destination: endpointValue(connection.destination),
    persistence_engine: engine?.name ?? null,
    persistence_data: engine?.data ?? null,
  };
}

function endpointValue({ address, port }: Endpoint): object {
  return { address, port };
}

function daemonValue(daemon: SyncDaemon): object {
  return {
    state: daemon.state,
    interface: daemon.interface,
    sync_id: daemon.syncId,
    sync_maxlen_bytes: daemon.maxLengthBytes ?? null,
    mcast_group: daemon.group ?? null,
    mcast_port: daemon.port ?? null,
    mcast_ttl: daemon.ttl ?? null,
  };
}
