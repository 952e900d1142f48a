// The director's way to the kernel's IPVS: opened when it is needed, opened anew when it broke, and asked again
// later when there is none.

import type { Ipvs } from "../ipvs/apply.ts";
import { isKernelError } from "../kernel/errors.ts";
import { errorText } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";

export type KernelAccess<Table extends Ipvs> = {
  /** Runs `work` with the kernel; once more on a new socket when it throws. False: the kernel has no table. */
  readonly attempt: (work: (kernel: Table) => void) => boolean;
  /** Why there is no table at all; null when there is. */
  readonly trouble: () => string | null;
  readonly close: () => void;
};

export function openKernelAccess<Table extends Ipvs>(options: {
  readonly open: () => Table;
  readonly log: Log;
  /** What was known of the kernel before is worth nothing now. */
  readonly onBroken?: () => void;
}): KernelAccess<Table> {
  const { log } = options;
  let ipvs: Table | undefined;
  let trouble: string | null = null;

  function attempt(work: (kernel: Table) => void): boolean {
    for (let tries = 1; ; tries += 1) {
      const opened = ipvs === undefined;
      try {
        ipvs ??= options.open();
        work(ipvs);
        if (trouble !== null) log.info("ip_vs answers again");
        trouble = null;
        return true;
      } catch (error) {
        ipvs?.close();
        ipvs = undefined;
        options.onBroken?.();
        if (!opened && tries === 1) continue;
        const why = isKernelError(error, "EPERM")
          ? "not permitted to read the IPVS table (CAP_NET_ADMIN is needed)"
          : errorText(error);
        if (trouble !== why) log.error({ error: why }, "no IPVS table");
        trouble = why;
        return false;
      }
    }
  }

  return {
    attempt,
    trouble: () => trouble,
    close() {
      ipvs?.close();
      ipvs = undefined;
    },
  };
}
