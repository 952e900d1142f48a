// Which hooks an event calls for. The configuration gives them by instance name; running them is the hook runner's.

import type { Config, HooksConfig } from "../config/model.ts";
import type { Event } from "../control/events.ts";
import type { InstanceHooksStatus } from "../control/status.ts";
import type { HookRunner } from "../desk/hook-runner.ts";
import type { InstanceHooks } from "../desk/model.ts";

export type HookDispatch = {
  readonly onEvent: (event: Event) => void;
  readonly configure: (config: Config) => void;
};

export function openHookDispatch(
  runner: Pick<HookRunner, "transition">,
  config: Config,
): HookDispatch {
  let configured = hooksByInstance(config);
  /** An instance that a reload took away still tells its STOP, maybe after the new configuration is here. */
  let leaving = new Map<string, HooksConfig>();

  return {
    onEvent(event) {
      if (event.kind !== "instance_state") return;
      const { instance, to, priority } = event;
      const hooks = configured.get(instance) ?? leaving.get(instance);
      if (hooks !== undefined) runner.transition(instance, hooks, to, priority);
      if (to === "STOP") leaving.delete(instance);
    },
    configure(next) {
      const before = configured;
      configured = hooksByInstance(next);
      leaving = new Map([...before].filter(([name]) => !configured.has(name)));
    },
  };
}

/** As told to the outside. */
export function hooksStatus(hooks: readonly InstanceHooks[]): InstanceHooksStatus[] {
  return hooks.map(({ instance, running, skipped, results }) => ({
    instance,
    running: running?.hook ?? null,
    skipped,
    results: results.map(({ tookMs, ...result }) => ({ ...result, took_ms: tookMs })),
  }));
}

function hooksByInstance(config: Config): Map<string, HooksConfig> {
  return new Map(config.vrrpInstances.map(({ vrrp, hooks }) => [vrrp.name, hooks]));
}
