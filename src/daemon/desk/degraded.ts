// What the desk knows to be wrong: hooks that failed, mails that are not delivered.

import type { Config } from "../../config/model.ts";
import type { HookState, SubjectHooks } from "../../desk/model.ts";
import type { DegradedBook } from "../process/degraded-book.ts";

/** A hook of this subject has ended, in this state: what failed in an earlier one is over. */
export function judgeHooks(
  book: DegradedBook,
  { subject, results }: SubjectHooks,
  now: HookState,
): void {
  for (const { hook, state, ok, detail, lastLine } of results) {
    const text = `failed at ${state}: ${detail}${lastLine && `: ${lastLine}`}`;
    book.set("hook_failed", `${subject.name} ${hook}`, ok || state !== now ? null : text);
  }
}

/** Who is not configured any more has no hooks that failed. */
export function forgetHooks(book: DegradedBook, config: Config): void {
  const names = new Set([
    ...config.vrrpInstances.map(({ vrrp }) => vrrp.name),
    ...config.vrrpSyncGroups.map(({ name }) => name),
    ...config.virtualServers.flatMap(({ name, realServers }) => [
      name,
      ...realServers.map((server) => `${name}.${server.name}`),
    ]),
  ]);
  for (const { kind, subject } of book.list()) {
    const [name = ""] = subject.split(" ");
    if (kind === "hook_failed" && !names.has(name)) book.set(kind, subject, null);
  }
}
