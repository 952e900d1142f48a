// Whether a configuration gives the vrrp role something to do.

import type { Config } from "../config/model.ts";

export function needsVrrp(config: Config): boolean {
  const { vips, routes, rules } = config.statics;
  const held = vips.length + routes.length + rules.length;
  return config.vrrpInstances.length + held > 0 || checksSessions(config);
}

/** Some check is about a BFD session. */
export function checksSessions({ virtualServers }: Config): boolean {
  return virtualServers.some(({ realServers }) =>
    realServers.some(({ checks }) => checks.some(({ type }) => type === "bfd")),
  );
}
