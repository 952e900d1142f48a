// The reloads of a guardian, one at a time: to the file, on trial or not, and back to what was confirmed.

import type { Config } from "../../config/model.ts";
import type { ReadOptions } from "../../config/read-options.ts";
import type { Event } from "../../control/events.ts";
import { type Alarm, type Clock, wallTime, wallTimeOf } from "../../lib/clock.ts";
import { errorText } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { shared } from "../../lib/shared.ts";
import * as confirmation from "./confirmation.ts";
import type { Crew } from "./crew.ts";
import type { ConfigFile } from "./file.ts";
import { refusalText } from "./log-problems.ts";
import { type Outcome, reloadFile } from "./reload.ts";
import type { StandIn } from "./stand-in/stand-in.ts";
import type { TrialFile } from "./trial-file.ts";

export type ReloadsOptions = {
  readonly program: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly how: ReadOptions;
  readonly standIn?: StandIn;
  readonly crew: Crew;
  readonly file: ConfigFile;
  readonly trialFile: TrialFile;
  readonly clock: Clock;
  readonly log: Log;
  /** What systemd is told: a reload begins, and how duet is after it. */
  readonly onBegin: () => void;
  readonly onEnd: (note: string) => void;
};

export class Reloads {
  readonly #options: ReloadsOptions;
  // In its turn, so that no reload that is under way is undone, or is what comes back.
  readonly #alarm: Alarm;
  // Who asks at once for the same gets the same; a trial is each asker's own.
  readonly #plain = shared(async () => this.#inTurn(async () => this.#toFile(null)));
  #state: confirmation.State<Config> = confirmation.NO_TRIAL;
  #isClosed = false;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: ReloadsOptions) {
    this.#options = options;
    this.#alarm = options.clock.alarm(() => void this.#inTurn(async () => this.#expire()));
  }

  /** `confirmMs` null = without a trial. Never rejects. */
  async reload(confirmMs: number | null): Promise<Outcome> {
    if (confirmMs === null) return this.#plain();
    return this.#inTurn(async () => this.#toFile(confirmMs));
  }

  confirm(): Outcome {
    const [action] = this.#give({ type: "confirm" });
    const refusal = action?.type === "nothing-to-confirm" ? [action.reason] : [];
    return { ok: refusal.length === 0, reasons: refusal };
  }

  /** What a start found: a duet that died on trial. What was confirmed runs. */
  rolledBackAtStart(): void {
    this.#rolledBack("duet ended before it was confirmed", []);
  }

  /** No trial any more: duet stops. */
  close(): void {
    this.#isClosed = true;
    this.#give({ type: "stop" });
  }

  async #inTurn(work: () => Promise<Outcome>): Promise<Outcome> {
    const { log, onBegin, onEnd } = this.#options;
    const own = this.#last.then(async (): Promise<Outcome> => {
      if (this.#isClosed) return { ok: false, reasons: ["Cannot reload: duet stops"] };
      onBegin();
      const outcome = await work().catch((error: unknown): Outcome => {
        log.error({ error: errorText(error) }, "reload failed");
        return { ok: false, reasons: [errorText(error)] };
      });
      if (!this.#isClosed) onEnd(outcome.ok ? this.#note() : "the last reload was refused");
      return outcome;
    });
    this.#last = own;
    return own;
  }

  #note(): string {
    return this.#state.trial === null ? "" : "the configuration waits for duet confirm";
  }

  async #toFile(confirmMs: number | null): Promise<Outcome> {
    const { crew, clock, file } = this.#options;
    const good = crew.config();
    const { isLoaded, ok, reasons } = await reloadFile(this.#options, () =>
      this.#give({ type: "load", nowMs: clock.nowMs(), good, confirmMs }),
    );
    if (isLoaded) crew.degraded.set("rolled_back", file.path, null);
    const { trial } = this.#state;
    return { ok, reasons: trial === null ? reasons : [...reasons, waitingText(trial, clock)] };
  }

  async #expire(): Promise<Outcome> {
    const { crew, clock } = this.#options;
    const [action] = this.#give({ type: "timer", nowMs: clock.nowMs() });
    if (action?.type !== "roll-back") return { ok: true, reasons: [] };
    const reasons = await crew.configure(action.to);
    this.#rolledBack(`it was not confirmed within ${action.forMs / 1000} s`, reasons);
    return { ok: reasons.length === 0, reasons };
  }

  /** The file on disk is still what was not confirmed. */
  #rolledBack(cause: string, reasons: readonly string[]): void {
    const { crew, file, log, trialFile } = this.#options;
    const { path } = file;
    file.rolledBack();
    trialFile.remove();
    crew.confirmation(null);
    const text = `at ${wallTime()}, as ${cause}: what ran before runs again, and the file on disk is another one, which the next start or reload reads`;
    crew.degraded.set("rolled_back", path, text);
    const notTaken = refusalText("the way back was not taken by every role", reasons);
    crew.degraded.set("reload_refused", path, notTaken);
    log.warn({ file: path, cause, reasons }, "configuration rolled back");
    this.#tell("rolled_back", cause, null);
  }

  #give(input: confirmation.Input<Config>): readonly Action[] {
    const next = confirmation.step(this.#state, input);
    // First: a trial that cannot be written down does not begin.
    for (const action of next.actions) this.#perform(action);
    this.#state = next.state;
    this.#alarm.set(confirmation.deadlineMs(this.#state));
    return next.actions;
  }

  #perform(action: Action): void {
    const { crew, file, log, trialFile, onEnd } = this.#options;
    const { path } = file;
    if (action.type === "try") {
      const until = wallTimeOf(action.untilMs);
      // On disk before it is used: it may be what duet dies of.
      trialFile.write(path, action.good);
      crew.confirmation({ until });
      const cause = action.isNew ? `duet reload --confirm ${action.forMs / 1000}s` : "a reload";
      log.warn({ file: path, until, cause }, "configuration waits for duet confirm");
      this.#tell("waiting", cause, until);
    }
    if (action.type === "confirmed") {
      trialFile.remove();
      crew.confirmation(null);
      log.info({ file: path }, "configuration confirmed");
      onEnd("");
      this.#tell("confirmed", "duet confirm", null);
    }
    if (action.type === "left-open") {
      trialFile.remove();
      log.warn({ file: path }, "duet stops before the configuration was confirmed");
    }
  }

  #tell(what: ConfirmationEvent["what"], cause: string, until: string | null): void {
    const event: ConfirmationEvent = { kind: "confirmation", at: wallTime(), what, cause, until };
    this.#options.crew.tellDesk({ type: "event", event });
  }
}

type Action = confirmation.Action<Config>;
type ConfirmationEvent = Event & { readonly kind: "confirmation" };

function waitingText({ untilMs }: confirmation.Trial<Config>, clock: Clock): string {
  const leftS = Math.max(0, Math.ceil((untilMs - clock.nowMs()) / 1000));
  return `not confirmed yet: duet confirm within ${leftS} s (until ${wallTimeOf(untilMs)}), or what ran before comes back`;
}
