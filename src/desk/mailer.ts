// The hands of the mail queue: hands one mail after the other to an SMTP server. The library is only loaded when
// mail is configured. TLS when the server offers it, without a judgement of its certificate; no authentication.

import type { MailStatus } from "../control/status.ts";
import type { Clock } from "../lib/clock.ts";
import { drive } from "../lib/drive.ts";
import { errorText } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import { unreachable } from "../lib/unreachable.ts";
import {
  type Action,
  type Config,
  deadlineMs,
  type Input,
  initialState,
  type Mail,
  type State,
  step,
} from "./mail-queue.ts";

export type MailConfig = {
  readonly to: readonly string[];
  readonly from: string;
  readonly host: string;
  readonly port: number;
  /** null = this host's name. */
  readonly heloName: string | null;
  readonly connectTimeoutMs: number;
};

export type Mailer = {
  /** null = no mail is sent from now on. */
  readonly configure: (config: MailConfig | null) => void;
  readonly send: (mail: Mail) => void;
  readonly status: () => MailStatus;
  /** Waits until all is sent, up to the limit; what still waits then is lost. */
  readonly close: (limitMs: number) => Promise<void>;
};

/** Rejects when the server does not take it. */
export type Post = (config: MailConfig, mail: Mail) => Promise<void>;

const LIMITS: Config = { mailsMax: 100, attemptsMax: 12 };
/** For every answer of the server after the connection is there. */
const ANSWER_LIMIT_MS = 30_000;

export function openMailer(options: {
  readonly clock: Clock;
  readonly log: Log;
  readonly post?: Post;
}): Mailer {
  const { clock, log, post = postBySmtp } = options;
  let config: MailConfig | null = null;
  let emptied = (): void => {};

  const queue = drive<Config, State, Input, Action>({
    engine: { step, deadlineMs },
    config: LIMITS,
    state: initialState,
    clock,
    timerInput: (nowMs) => ({ type: "timer", nowMs }),
    perform(action) {
      switch (action.type) {
        case "send":
          void send(action.mail);
          return undefined;
        case "retry": {
          const { reason, delayMs, mail } = action;
          log.warn({ subject: mail.subject, reason, delay_ms: delayMs }, "mail not sent yet");
          return undefined;
        }
        case "lose":
          log.error({ subject: action.mail.subject, reason: action.reason }, "mail lost");
          return undefined;
        default:
          return unreachable(action);
      }
    },
  });

  /** Never rejects. */
  async function send(mail: Mail): Promise<void> {
    try {
      if (config === null) throw new Error("mail is not configured any more");
      await post(config, mail);
      log.info({ subject: mail.subject }, "mail sent");
      queue.give({ type: "sent", nowMs: clock.nowMs() });
    } catch (error) {
      queue.give({ type: "failed", nowMs: clock.nowMs(), reason: errorText(error) });
    }
    if (queue.state().mails.length === 0) emptied();
  }

  return {
    configure(next) {
      config = next;
    },
    send(mail) {
      if (config !== null) queue.give({ type: "mail", nowMs: clock.nowMs(), mail });
    },
    status() {
      const { sent, lost, mails } = queue.state();
      return { sent, waiting: mails.length, lost };
    },
    async close(limitMs) {
      await new Promise<void>((resolve) => {
        const limit = clock.alarm(resolve);
        emptied = () => {
          limit.set(Infinity);
          resolve();
        };
        limit.set(clock.nowMs() + limitMs);
        if (queue.state().mails.length === 0) emptied();
      });
      queue.stop();
      for (const { subject } of queue.state().mails) log.error({ subject }, "mail lost at the end");
    },
  };
}

async function postBySmtp(config: MailConfig, { subject, text }: Mail): Promise<void> {
  const { createTransport } = await import("nodemailer");
  const { host, port, heloName, connectTimeoutMs } = config;
  const transport = createTransport({
    host,
    port,
    secure: false,
    ...(heloName === null ? {} : { name: heloName }),
    // A relay's certificate is seldom one that anybody vouches for; without TLS nobody vouches for it either.
    tls: { rejectUnauthorized: false },
    connectionTimeout: connectTimeoutMs,
    dnsTimeout: connectTimeoutMs,
    greetingTimeout: ANSWER_LIMIT_MS,
    socketTimeout: ANSWER_LIMIT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    await transport.sendMail({ from: config.from, to: [...config.to], subject, text });
  } finally {
    transport.close();
  }
}
