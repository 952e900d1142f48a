import test from "ava";
import fc from "fast-check";
import type { Mail } from "../../src/desk/digest.ts";
import {
  type Action,
  type Config,
  deadlineMs,
  type Input,
  initialState,
  type State,
  step,
  waitingCount,
} from "../../src/desk/mail-queue.ts";

const config: Config = {
  gatherMs: 1000,
  singlesMax: 2,
  burstMax: 4,
  refillMs: 60_000,
  keptMax: 3,
  attemptsMax: 3,
};

function play(...inputs: readonly Input[]): {
  readonly log: readonly string[];
  readonly state: State;
} {
  const log: string[] = [];
  let state = initialState(config, 0);
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

function mailOf(subject: string): Mail {
  return { subject, text: `${subject}!`, about: "event", line: `line ${subject}`, node: "lb1" };
}

function mail(subject: string, nowMs = 0): Input {
  return { type: "mail", nowMs, mail: mailOf(subject) };
}

function failed(nowMs: number): Input {
  return { type: "failed", nowMs, reason: "ECONNREFUSED" };
}

function timer(nowMs: number): Input {
  return { type: "timer", nowMs };
}

function sent(nowMs: number): Input {
  return { type: "sent", nowMs };
}

test("a mail waits a moment for what belongs to it; a few go one at a time, in order", (t) => {
  const { log, state } = play(
    mail("a"),
    mail("b"),
    timer(999),
    timer(1000),
    sent(1000),
    sent(1100),
  );
  t.deepEqual(log, ["send a", "send b"]);
  t.is(state.sent, 2);
  t.is(deadlineMs(state), Infinity);
});

test("many at once are one digest, which counts all and has the newest lines", (t) => {
  const many = ["a", "b", "c", "d", "e"].map((name) => mail(name));
  let state = initialState(config, 0);
  for (const input of many) state = step(config, state, input).state;
  t.is(waitingCount(state), 5);
  const { actions } = step(config, state, timer(1000));
  const [action] = actions;
  t.is(actions.length, 1);
  t.is(action?.mail.subject, "[lb1] 5 events: 5 event");
  t.regex(action?.mail.text ?? "", /^5 events, the last 3:\nline c\nline d\nline e\n/);
});

test("after a burst there is one mail a minute, however much there is to say", (t) => {
  const said = Array.from({ length: 300 }, (_, second) => second * 1000);
  let state = initialState(config, 0);
  const sentAtMs: number[] = [];
  for (const nowMs of said) {
    for (const input of [mail(`m${nowMs}`, nowMs), timer(nowMs)]) {
      const result = step(config, state, input);
      state = result.state;
      if (result.actions.length > 0) sentAtMs.push(nowMs);
      for (const _ of result.actions) state = step(config, state, sent(nowMs)).state;
    }
  }
  // 300 s: the burst, and what came back meanwhile.
  t.true(sentAtMs.length <= config.burstMax + 5, String(sentAtMs.length));
  t.is(waitingCount(state) > 0, true);
});

test("a mail that fails is tried again, later and later, before the next", (t) => {
  const { log, state } = play(
    mail("a"),
    mail("b"),
    timer(1000),
    failed(1000),
    timer(1999),
    timer(2000),
    failed(2000),
  );
  t.deepEqual(log, ["send a", "retry a 1000", "send a", "retry a 2000"]);
  t.is(deadlineMs(state), 4000);
});

test("after the last attempt a mail is lost, and the next has all of its own", (t) => {
  const { log, state } = play(
    mail("a"),
    mail("b"),
    timer(1000),
    failed(1000),
    timer(2000),
    failed(2000),
    timer(4000),
    failed(4000),
    failed(4000),
  );
  t.deepEqual(log.slice(-3), ["lose a", "send b", "retry b 1000"]);
  t.is(state.lost, 1);
});

test("what comes while the server takes nothing is one digest when it does again", (t) => {
  const during = Array.from({ length: 9 }, (_, n) => mail(`m${n}`, 2000));
  const { log } = play(mail("a"), timer(1000), failed(1000), ...during, timer(2000), sent(2100));
  t.deepEqual(log, ["send a", "retry a 1000", "send a", "send [lb1] 9 events: 9 event"]);
});

test("who hurries waits neither to gather nor for a retry", (t) => {
  const hurry: Input = { type: "hurry", nowMs: 10 };
  t.deepEqual(play(mail("a"), hurry, sent(10), mail("b", 20)).log, ["send a", "send b"]);
  const again = play(mail("a"), timer(1000), failed(1000), hurry).log;
  t.deepEqual(again, ["send a", "retry a 1000", "send a"]);
});

test("what waits is bounded, every mail is counted, and mails never go faster than allowed", (t) => {
  const inputs = fc.array(
    fc.record({
      type: fc.constantFrom("mail", "sent", "failed", "timer"),
      afterMs: fc.nat(20_000),
    }),
    { maxLength: 200 },
  );
  fc.assert(
    fc.property(inputs, (given) => {
      let state = initialState(config, 0);
      let nowMs = 0;
      let mails = 0;
      let fresh = 0;
      for (const { type, afterMs } of given) {
        nowMs += afterMs;
        const isOnItsWay = state.mail !== null && state.wakeAtMs === Infinity;
        if ((type === "sent" || type === "failed") && !isOnItsWay) continue;
        const before = state.mail;
        const input =
          type === "mail" ? mail("m", nowMs) : type === "failed" ? failed(nowMs) : { type, nowMs };
        mails += type === "mail" ? 1 : 0;
        const result = step(config, state, input);
        state = result.state;
        const sends = result.actions.filter((action) => action.type === "send");
        if (sends.length > 0 && (before !== state.mail || type === "failed")) fresh += 1;
        if (state.waiting.length > config.keptMax || sends.length > 1) return false;
        // Whatever waits is going to be sent: it is on its way, or there is an alarm.
        if (waitingCount(state) > 0 && state.mail === null && state.wakeAtMs === Infinity) {
          return false;
        }
      }
      return fresh <= config.burstMax + Math.ceil(nowMs / config.refillMs) + 1 && mails >= fresh;
    }),
  );
  t.pass();
});
