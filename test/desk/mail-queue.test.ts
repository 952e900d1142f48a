import test from "ava";
import {
  type Action,
  deadlineMs,
  type Input,
  initialState,
  type Mail,
  retryDelayMs,
  type State,
  step,
} from "../../src/desk/mail-queue.ts";

const config = { mailsMax: 3, attemptsMax: 3 };

function play(...inputs: readonly Input[]): {
  readonly log: readonly string[];
  readonly state: State;
} {
  const log: string[] = [];
  let state = initialState;
  for (const input of inputs) {
    const result = step(config, state, input);
    state = result.state;
    log.push(...result.actions.map(line));
  }
  return { log, state };
}

function line(action: Action): string {
  const { subject } = action.mail;
  if (action.type === "retry") return `retry ${subject} ${action.delayMs}`;
  return `${action.type} ${subject}`;
}

function mail(subject: string): Input {
  return { type: "mail", nowMs: 0, mail: { subject, text: "" } satisfies Mail };
}

function failed(nowMs: number): Input {
  return { type: "failed", nowMs, reason: "ECONNREFUSED" };
}

function timer(nowMs: number): Input {
  return { type: "timer", nowMs };
}

const sent: Input = { type: "sent", nowMs: 0 };

test("one mail is sent at a time, in order", (t) => {
  const { log, state } = play(mail("a"), mail("b"), sent, sent);
  t.deepEqual(log, ["send a", "send b"]);
  t.is(state.sent, 2);
});

test("a mail that fails is tried again, later and later, before the next", (t) => {
  const { log, state } = play(
    mail("a"),
    mail("b"),
    failed(0),
    timer(999),
    timer(1000),
    failed(1000),
  );
  t.deepEqual(log, ["send a", "retry a 1000", "send a", "retry a 2000"]);
  t.is(deadlineMs(state), 3000);
});

test("after the last attempt a mail is lost, and the next has all of its own", (t) => {
  const { log, state } = play(
    mail("a"),
    mail("b"),
    failed(0),
    timer(1000),
    failed(1000),
    timer(3000),
    failed(3000),
    failed(3000),
  );
  t.deepEqual(log.slice(-3), ["lose a", "send b", "retry b 1000"]);
  t.is(state.lost, 1);
});

test("when too many wait the oldest that is not on its way is lost", (t) => {
  const { log, state } = play(mail("a"), mail("b"), mail("c"), mail("d"));
  t.deepEqual(log, ["send a", "lose b"]);
  t.deepEqual(
    state.mails.map(({ subject }) => subject),
    ["a", "c", "d"],
  );
});

test("retryDelayMs() doubles up to a minute", (t) => {
  t.deepEqual([1, 2, 3, 7, 99].map(retryDelayMs), [1000, 2000, 4000, 60_000, 60_000]);
});
