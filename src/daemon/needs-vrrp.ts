// Whether a configuration gives the vrrp role something to do.

import type { Config } from "../config/model.ts";

export function needsVrrp({ vrrpInstances, statics }: Config): boolean {
  const { vips, routes, rules } = statics;
  return vrrpInstances.length + vips.length + routes.length + rules.length > 0;
}
