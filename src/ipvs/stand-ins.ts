// Make before break: a change that leaves a service without its quorum until checks have answered keeps the destinations
// that serve now, beside those that are decided already. Pure; how long is not its business.

import { canonicalKey, placeOf } from "./canonical.ts";
import { type Destination, type Service, type ServiceKey, serviceName } from "./model.ts";
import {
  destinationIn,
  type Judgement,
  judge,
  type VirtualServer,
  type WeightOf,
} from "./quorum.ts";

/** By name of the service: what serves there and has no place in the new configuration. */
export type StandIns = ReadonlyMap<string, readonly Destination[]>;

/** `actual`: the kernel's table, by name of the service. */
export function standInsOf(server: VirtualServer, actual: ReadonlyMap<string, Service>): StandIns {
  const { keys, realServers, sorryServer } = server;
  const named = realServers.map(({ destination }) => destination);
  if (sorryServer !== null) named.push(sorryServer);
  const found = keys.map((key): [string, readonly Destination[]] => {
    const name = serviceName(canonicalKey(key));
    const places = new Set(named.map((each) => placeOf(destinationIn(key, each))));
    const there = actual.get(name)?.destinations ?? [];
    return [name, there.filter((each) => each.weight > 0 && !places.has(placeOf(each)))];
  });
  return new Map(found.filter(([, destinations]) => destinations.length > 0));
}

/** As judge(), with the stand-ins as real servers that are UP. */
export function judgeBeside(
  server: VirtualServer,
  standIns: StandIns,
  isUp: (name: string) => boolean,
  before: boolean | null,
  weightOf: WeightOf,
): Judgement {
  const each = server.keys.map((key) => {
    const beside = standInsAt(standIns, key);
    const names = new Set(beside.map(({ name }) => name));
    const one = { ...server, keys: [key], realServers: [...server.realServers, ...beside] };
    return judge(one, (name) => names.has(name) || isUp(name), before, weightOf);
  });
  return {
    services: each.flatMap(({ services }) => services),
    quorumUp: each.every(({ quorumUp }) => quorumUp),
    sorryServerActive: each.some(({ sorryServerActive }) => sorryServerActive),
    liveWeight: Math.min(...each.map(({ liveWeight }) => liveWeight)),
  };
}

function standInsAt(standIns: StandIns, key: ServiceKey): VirtualServer["realServers"] {
  const destinations = standIns.get(serviceName(canonicalKey(key))) ?? [];
  return destinations.map((destination) => {
    const { address, port, forward, weight, upperThreshold, lowerThreshold, tunnel } = destination;
    return {
      // No label has a space: it is nobody's name.
      name: `stand-in ${placeOf(destination)}`,
      destination: {
        address,
        port,
        forward,
        weight,
        ...(upperThreshold !== undefined && { upperThreshold }),
        ...(lowerThreshold !== undefined && { lowerThreshold }),
        ...(tunnel !== undefined && { tunnel }),
      },
      inhibitOnFailure: false,
    };
  });
}
