// Services of the kernel's table by name, and whether a real server is among their destinations.

import type { RealServerConfig, VirtualServerConfig } from "../config/model.ts";
import { canonicalKey, placeOf } from "../ipvs/canonical.ts";
import { type ListedService, serviceName } from "../ipvs/model.ts";
import { destinationIn } from "../ipvs/quorum.ts";

export function index(services: readonly ListedService[]): ReadonlyMap<string, ListedService> {
  return new Map(services.map((service) => [serviceName(service.key), service]));
}

/** Does the kernel's table have it, with `weightMin` at least? */
export function isServing(
  virtualServer: VirtualServerConfig,
  realServer: RealServerConfig,
  services: ReadonlyMap<string, ListedService>,
  weightMin: 0 | 1,
): boolean {
  return virtualServer.keys.some((key) => {
    const place = placeOf(destinationIn(key, realServer.destination));
    const service = services.get(serviceName(canonicalKey(key)));
    const destination = service?.destinations.find((each) => placeOf(each) === place);
    return (destination?.weight ?? -1) >= weightMin;
  });
}
