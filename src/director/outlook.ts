// Foretells what another configuration would make of the real servers, from what is known of them now. It is pure, and made of
// the same parts as servers.ts, which does it.

import { initialState, type State } from "../check/engine.ts";
import type { Target } from "../check/model.ts";
import type { RealServerConfig, VirtualServerConfig } from "../config/model.ts";
import { checkerOf } from "./checkers.ts";
import { isUpBy, type Known, knownOf, type Standing, serverKey, standingIn } from "./standing.ts";

/** What the director knows of its real servers, as text of a message can say it. */
export type Remembered = {
  /** By serverKey(). */
  readonly servers: readonly (readonly [
    string,
    { readonly target: Target; readonly standing: Standing },
  ])[];
  /** Of the checkers that run, by their key. */
  readonly states: readonly (readonly [string, State])[];
};

export type Around = {
  readonly isServing: (virtualServer: VirtualServerConfig, realServer: RealServerConfig) => boolean;
  readonly isSuspended: (virtualServer: VirtualServerConfig) => boolean;
};

type Expected = {
  readonly config: RealServerConfig;
  readonly rests: boolean;
  readonly standing: Standing;
  readonly checkers: ReturnType<typeof checkerOf>[];
};

/** By serverKey(): what is known of each real server right after the reload, before any probe. */
export function outlook(
  configs: readonly VirtualServerConfig[],
  { servers, states }: Remembered,
  { isServing, isSuspended }: Around,
): ReadonlyMap<string, Known> {
  const [known, stateOf] = [new Map(servers), new Map(states)];
  const expected = new Map<string, Expected>();
  /** Of the checkers that will run. */
  const after = new Map<string, State>();
  for (const virtualServer of configs) {
    const rests = isSuspended(virtualServer);
    for (const config of virtualServer.realServers) {
      const key = serverKey(virtualServer.name, config.name);
      const { address, port } = config.destination;
      const standing = standingIn(known.get(key), config, {
        isServing: () => isServing(virtualServer, config),
        rests,
        at: "",
      });
      const checkers = config.checks.map((check) =>
        checkerOf({ address, port }, check, standing.up, (name) => stateOf.get(name)),
      );
      expected.set(key, { config, rests, standing, checkers });
      if (rests) continue;
      for (const { key: name } of checkers) {
        after.set(name, stateOf.get(name) ?? { ...initialState, up: standing.up });
      }
    }
  }
  return new Map(
    Array.from(expected, ([key, { config, rests, standing, checkers }]) => {
      const checked = checkers.map((each) => ({ config: each.config, state: after.get(each.key) }));
      const up = rests ? standing.up : isUpBy(config, checked);
      return [key, knownOf(config, { up }, checked, rests)] as const;
    }),
  );
}
