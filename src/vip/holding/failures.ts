// What the kernel refused to one holder: told once in the log, and remembered until it succeeds.

import type { Log } from "../../lib/log.ts";
import type { Thing } from "../model.ts";
import type { Failure } from "./apply.ts";
import { identityOf, nameOf } from "./things.ts";

export type FailedThing = { readonly thing: Thing; readonly cause: string };

export type Failures = {
  /** undefined = it succeeded. */
  readonly tell: (thing: Thing, done: string, failure: Failure | undefined) => void;
  /** Nothing was answered for any of these. */
  readonly tellAll: (things: readonly Thing[], done: string, cause: string) => void;
  readonly of: (things: readonly Thing[]) => readonly FailedThing[];
  readonly forget: () => void;
};

/** `what` is said of the things ("virtual"). */
export function openFailures(log: Log, what: string): Failures {
  const causes = new Map<string, string>();
  return {
    tell(thing, done, failure) {
      if (failure === undefined && causes.size === 0) return;
      const key = identityOf(thing);
      if (failure === undefined) return void causes.delete(key);
      const { cause, interfaceGone } = failure;
      if (causes.get(key) === cause) return;
      causes.set(key, cause);
      const level = interfaceGone ? "warn" : "error";
      log[level]({ [thing.kind]: nameOf(thing), cause }, `${what} ${thing.kind} not ${done}`);
    },
    tellAll(things, done, cause) {
      for (const thing of things) causes.set(identityOf(thing), cause);
      log.error({ error: cause }, `${what} addresses, routes and rules not ${done}`);
    },
    of(things) {
      if (causes.size === 0) return [];
      return things.flatMap((thing) => {
        const cause = causes.get(identityOf(thing));
        return cause === undefined ? [] : [{ thing, cause }];
      });
    },
    forget: () => causes.clear(),
  };
}
