// What a reload has to touch: (old, new) -> the parts that differ. Pure. Configurations are plain JSON made
// by build.ts with the keys always in the same order, so equal text is equality.

import type { Config, VrrpInstanceConfig } from "./model.ts";

export type ConfigDiff = {
  readonly global: boolean;
  readonly vrrp: {
    readonly added: readonly string[];
    readonly removed: readonly string[];
    /** In anything but its hooks; a tracked script that changed counts. */
    readonly changed: readonly string[];
  };
  /** Virtual servers, real servers, checks. */
  readonly director: boolean;
  /** Commands of any instance, or how long they may take. */
  readonly hooks: boolean;
};

export function diffConfig(before: Config, after: Config): ConfigDiff {
  const old = instancesOf(before);
  const young = instancesOf(after);
  return {
    global: differ(before.global, after.global),
    vrrp: {
      added: [...young.keys()].filter((name) => !old.has(name)),
      removed: [...old.keys()].filter((name) => !young.has(name)),
      changed: [...young.keys()].filter(
        (name) => old.has(name) && old.get(name) !== young.get(name),
      ),
    },
    director: differ(before.virtualServers, after.virtualServers),
    hooks: differ(hooksOf(before), hooksOf(after)),
  };
}

/** Name -> everything that the election, the addresses and the tracking of the instance depend on, as text. */
function instancesOf(config: Config): ReadonlyMap<string, string> {
  const scripts = new Map(config.vrrpScripts.map((script) => [script.name, script]));
  return new Map(
    config.vrrpInstances.map((instance) => {
      const { interfaces, files, processes, bfd } = config.trackers;
      const sessions = [...instance.tracking.uses, { name: instance.tracking.bfdPromote }];
      const lists = [interfaces, files, processes, bfd].flat();
      const others = lists.filter(({ name }) => sessions.some((use) => use.name === name));
      const rest = { ...instance, hooks: null };
      const tracked = instance.trackScripts.map(({ name }) => scripts.get(name));
      return [instance.vrrp.name, JSON.stringify([rest, tracked, others])];
    }),
  );
}

function hooksOf({ global, vrrpInstances }: Config): unknown {
  const hooks = vrrpInstances.map((one: VrrpInstanceConfig) => [one.vrrp.name, one.hooks]);
  return [global.hookTimeoutMs, hooks];
}

function differ(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) !== JSON.stringify(b);
}
