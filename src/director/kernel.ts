// The director's way to a part of the kernel: opened when it is needed, opened anew when it broke, and asked again later
// when there is none.

import type { Ipvs } from "../ipvs/apply.ts";
import { isKernelError } from "../kernel/errors.ts";
import { errorText } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";

export type KernelAccess<Part> = {
  /** Runs `work` with the kernel; once more on a new socket when it throws. False: it cannot be had. */
  readonly attempt: (work: (part: Part) => void) => boolean;
  /** Why it could not be had the last time; null when it could. */
  readonly trouble: () => string | null;
  readonly close: () => void;
};

export function openAccess<Part extends { readonly close: () => void }>(
  open: () => Part,
  whyOf: (error: unknown) => string,
  onTrouble: (trouble: string | null) => void = () => {},
): KernelAccess<Part> {
  let part: Part | undefined;
  let trouble: string | null = null;

  function close(): void {
    part?.close();
    part = undefined;
  }

  function become(why: string | null): void {
    const before = trouble;
    trouble = why;
    if (why !== before) onTrouble(why);
  }

  function attempt(work: (part: Part) => void): boolean {
    for (let isNew = false; ; ) {
      try {
        isNew ||= part === undefined;
        part ??= open();
        work(part);
        become(null);
        return true;
      } catch (error) {
        close();
        if (!isNew) continue;
        become(whyOf(error));
        return false;
      }
    }
  }

  return { attempt, trouble: () => trouble, close };
}

export function openKernelAccess<Table extends Ipvs>(options: {
  readonly open: () => Table;
  readonly log: Log;
}): KernelAccess<Table> {
  const { open, log } = options;
  return openAccess(open, ipvsTrouble, (error) => {
    if (error === null) log.info("ip_vs answers again");
    else log.error({ error }, "no IPVS table");
  });
}

function ipvsTrouble(error: unknown): string {
  return isKernelError(error, "EPERM")
    ? "not permitted to read the IPVS table (CAP_NET_ADMIN is needed)"
    : errorText(error);
}
