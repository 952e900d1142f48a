// Which changes of a reload mean nothing before the next start: all others hold at once. Pure.

import type { Config } from "../../config/model.ts";

const keys = {
  startup_script: ({ notify }: Config) => notify.startupScript,
  vrrp_startup_delay: ({ startDelay }: Config) => startDelay.startupMs,
  vrrp_delay_after_boot: ({ startDelay }: Config) => startDelay.afterBootMs,
};

/** The keys whose new value has to wait. */
export function waitsForStart(before: Config, after: Config): readonly string[] {
  return Object.entries(keys)
    .filter(([, valueOf]) => JSON.stringify(valueOf(before)) !== JSON.stringify(valueOf(after)))
    .map(([key]) => key);
}
