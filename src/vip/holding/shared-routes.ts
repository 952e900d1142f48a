// Which of the IPv6 addresses of one holder are beside an address of this machine whose route must not get their lease:
// see lease.ts. That changes as the machine's addresses come and go.

import type { Thing, Vip } from "../model.ts";
import { isOfNetwork6, type SharesRoute } from "./things.ts";

export type SharedRoutes = {
  /** Held from now on, under a lease. */
  readonly want: (things: readonly Thing[]) => void;
  /** Others than at the last call. */
  readonly changed: () => boolean;
};

export function openSharedRoutes(sharesRoute: SharesRoute): SharedRoutes {
  let networks: readonly Vip[] = [];
  let sharing = "";

  function changed(): boolean {
    const before = sharing;
    sharing = networks
      .filter(sharesRoute)
      .map(({ address }) => address)
      .join();
    return sharing !== before;
  }

  return {
    want(things) {
      networks = things.flatMap((thing) => (isOfNetwork6(thing) ? [thing.vip] : []));
      changed();
    },
    changed,
  };
}
