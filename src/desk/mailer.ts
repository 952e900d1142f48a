// The hands of the mail queues, one for each list of people: who has a bad address keeps nobody else waiting.

import type { MailStatus } from "../control/status.ts";
import type { Clock } from "../lib/clock.ts";
import { type Drive, drive } from "../lib/drive.ts";
import { errorText } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import { unreachable } from "../lib/unreachable.ts";
import { within } from "../lib/within.ts";
import type { Mail } from "./digest.ts";
import {
  type Action,
  type Config,
  deadlineMs,
  type Input,
  initialState,
  type State,
  step,
  waitingCount,
} from "./mail-queue.ts";
import { type MailServer, type Post, postBySmtp, prepareToPost } from "./post-by-smtp.ts";

export type Mailer = {
  /** null = no mail is sent from now on. */
  readonly configure: (server: MailServer | null) => void;
  /** To nobody = not at all. */
  readonly send: (mail: Mail, to: readonly string[]) => void;
  readonly status: () => MailStatus;
  /** Waits until all is sent, up to the limit; what still waits then is lost. */
  readonly close: (limitMs: number) => Promise<void>;
};

const LIMITS: Config = {
  gatherMs: 1000,
  singlesMax: 5,
  burstMax: 10,
  refillMs: 60_000,
  keptMax: 200,
  attemptsMax: 12,
};
/** A server that is only busy has taken it before it is left alone for so long. */
const TROUBLE_DELAY_MS = 8000;
/** Of all queues together: a server is no worse off for a thousand lists. */
const POSTS_MAX = 4;

type Queue = {
  readonly to: readonly string[];
  readonly drive: Drive<Config, State, Input>;
};

export function openMailer(options: {
  readonly clock: Clock;
  readonly log: Log;
  readonly post?: Post;
  /** These people do not get their mail, and why; null = they do again. */
  readonly onTrouble?: (to: readonly string[], reason: string | null) => void;
}): Mailer {
  const { clock, log, post = postBySmtp } = options;
  let server: MailServer | null = null;
  let hurries = false;
  let emptied = (): void => {};
  /** Told by lists that are gone. */
  const past = { sent: 0, lost: 0 };
  const queues = new Map<string, Queue>();
  /** In the order they were asked for; those that wait for one of the posts. */
  const posting: (() => void)[] = [];
  let posts = 0;

  function queueOf(to: readonly string[]): Queue {
    const key = to.join("\n");
    const known = queues.get(key);
    if (known !== undefined) return known;
    const queue: Queue = {
      to,
      drive: drive<Config, State, Input, Action>({
        engine: { step, deadlineMs },
        config: LIMITS,
        state: initialState(LIMITS, clock.nowMs()),
        clock,
        timerInput: (nowMs) => ({ type: "timer", nowMs }),
        perform: (action) => perform(queue, action),
      }),
    };
    queues.set(key, queue);
    if (hurries) queue.drive.give({ type: "hurry", nowMs: clock.nowMs() });
    return queue;
  }

  function perform(queue: Queue, action: Action): undefined {
    const { subject } = action.mail;
    switch (action.type) {
      case "send":
        void send(queue, action.mail);
        return undefined;
      case "retry": {
        const { reason, delayMs } = action;
        log.warn({ subject, reason, delay_ms: delayMs }, "mail not sent yet");
        if (delayMs >= TROUBLE_DELAY_MS) options.onTrouble?.(queue.to, `waits: ${reason}`);
        return undefined;
      }
      case "lose":
        log.error({ subject, reason: action.reason }, "mail lost");
        options.onTrouble?.(queue.to, `lost ("${subject}"): ${action.reason}`);
        return undefined;
      default:
        return unreachable(action);
    }
  }

  /** Never rejects. */
  async function send(queue: Queue, mail: Mail): Promise<void> {
    const input = await outcome(queue, mail);
    queue.drive.give(input);
    if (isEmpty()) emptied();
  }

  async function outcome({ to }: Queue, mail: Mail): Promise<Input> {
    if (posts >= POSTS_MAX) await new Promise<void>((resolve) => void posting.push(resolve));
    else posts += 1;
    try {
      if (server === null) throw new Error("mail is not configured any more");
      await post(server, to, mail);
      log.info({ subject: mail.subject }, "mail sent");
      options.onTrouble?.(to, null);
      return { type: "sent", nowMs: clock.nowMs() };
    } catch (error) {
      return { type: "failed", nowMs: clock.nowMs(), reason: errorText(error) };
    } finally {
      const next = posting.shift();
      if (next === undefined) posts -= 1;
      else next();
    }
  }

  function isEmpty(): boolean {
    return [...queues.values()].every((queue) => waitingCount(queue.drive.state()) === 0);
  }

  /** A list that nobody writes to any more is made anew when somebody does. */
  function forgetIdle(): void {
    for (const [key, { drive: own }] of queues) {
      const state = own.state();
      if (waitingCount(state) > 0) continue;
      past.sent += state.sent;
      past.lost += state.lost;
      queues.delete(key);
    }
  }

  return {
    configure(next) {
      server = next;
      if (server !== null) void prepareToPost();
      forgetIdle();
    },
    send(mail, to) {
      if (server === null || to.length === 0) return;
      queueOf(to).drive.give({ type: "mail", nowMs: clock.nowMs(), mail });
    },
    status() {
      const states = [...queues.values()].map(({ drive: own }) => own.state());
      const sum = (count: (state: State) => number, first: number): number =>
        states.reduce((total, state) => total + count(state), first);
      return {
        sent: sum(({ sent }) => sent, past.sent),
        waiting: sum(waitingCount, 0),
        lost: sum(({ lost }) => lost, past.lost),
      };
    },
    async close(limitMs) {
      hurries = true;
      for (const { drive: own } of queues.values()) {
        own.give({ type: "hurry", nowMs: clock.nowMs() });
      }
      await within(clock, limitMs, (done) => {
        emptied = done;
        if (isEmpty()) emptied();
      });
      for (const { drive: own } of queues.values()) {
        own.stop();
        const { mail, waiting } = own.state();
        for (const { subject } of mail === null ? waiting : [mail, ...waiting]) {
          log.error({ subject }, "mail lost at the end");
        }
      }
    },
  };
}
