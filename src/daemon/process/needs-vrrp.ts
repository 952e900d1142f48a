// What of a configuration is for the vrrp role.

import type { Config } from "../../config/model.ts";

export function needsVrrp(config: Config): boolean {
  const { vips, routes, rules } = config.statics;
  const held = vips.length + routes.length + rules.length;
  return config.vrrpInstances.length + held > 0 || checksSessions(config);
}

/** A role that answers within milliseconds does not read through thousands of real servers first. */
export function vrrpPart(config: Config): Config {
  return {
    ...config,
    virtualServers: config.virtualServers.filter((service) =>
      checksSessions({ virtualServers: [service] }),
    ),
  };
}

/** Some check is about a BFD session. */
export function checksSessions({ virtualServers }: Pick<Config, "virtualServers">): boolean {
  return virtualServers.some(({ realServers }) =>
    realServers.some(({ checks }) => checks.some(({ type }) => type === "bfd")),
  );
}
