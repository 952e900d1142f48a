// What is to become of each virtual server. Thousands of real servers are not looked at again for the verdict of one.

import type { VirtualServerConfig } from "../config/model.ts";
import { type Judgement, judge } from "../ipvs/quorum.ts";
import type { Servers } from "./director-servers.ts";
import type { TakenOut } from "./director-taken-out.ts";

export type Judgements = {
  /** Something happened to one of its real servers. */
  readonly touch: (virtualServer: string) => void;
  /** Something happened that may be of interest to all. */
  readonly touchAll: () => void;
  /** By name of the virtual server; those of services that nothing happened to are the same objects as before. */
  readonly of: (configs: readonly VirtualServerConfig[]) => ReadonlyMap<string, Judgement>;
};

export function openJudgements(
  servers: Pick<Servers, "isUp" | "weightOf">,
  takenOut: Pick<TakenOut, "of">,
): Judgements {
  let judgements: ReadonlyMap<string, Judgement> = new Map();
  let touched = new Set<string>();
  let areAll = true;

  function judgementOf(config: VirtualServerConfig): Judgement {
    const before = judgements.get(config.name);
    if (before !== undefined && !areAll && !touched.has(config.name)) return before;
    const isOut = (name: string): boolean => takenOut.of(config.name, name) !== undefined;
    return judge(
      config,
      (name) => servers.isUp(config.name, name) && !(config.maintenanceRemove && isOut(name)),
      before?.quorumUp ?? null,
      // It keeps its connections, and gets no new ones.
      (name) => (isOut(name) ? 0 : servers.weightOf(config.name, name)),
    );
  }

  return {
    touch: (virtualServer) => void touched.add(virtualServer),
    touchAll() {
      areAll = true;
    },
    of(configs) {
      judgements = new Map(configs.map((config) => [config.name, judgementOf(config)]));
      touched = new Set();
      areAll = false;
      return judgements;
    },
  };
}
