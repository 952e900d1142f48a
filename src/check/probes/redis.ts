// Redis and memcached: a command, and the answer of one that works. RESP2, memcached's protocol.txt.

import type { Socket } from "node:net";
import type { ProbeResult, Target } from "../model.ts";
import { shownBytes } from "../shown.ts";
import type { CheckConfigOf } from "../types/index.ts";
import { attempt, badResponse, type Late, type Outcome, type ProbeContext } from "./attempt.ts";
import { dial, onLost } from "./dial.ts";
import { warned } from "./open-tls.ts";
import type { ProbeOf } from "./probe.ts";
import { unmet } from "./wire.ts";

type Turn = {
  readonly send: Buffer;
  /** What is left of a whole answer is dropped. */
  readonly whole: RegExp;
  /** undefined = go on. */
  readonly judge: (answer: string, match: RegExpExecArray) => Outcome | undefined;
};

const ANSWER_MAX_BYTES = 64 * 1024;
const LINE = /^[^\n]*\n/;

export const probeRedis: ProbeOf<"redis"> = async (target, config, context) => {
  return converseBy(redisTurns(config), target, config, context);
};

export const probeMemcached: ProbeOf<"memcached"> = async (target, config, context) => {
  const turn: Turn = {
    send: Buffer.from("version\r\n"),
    whole: LINE,
    judge: (answer) =>
      answer.startsWith("VERSION ") ? { ok: true, detail: answer.trim() } : unexpected(answer),
  };
  return converseBy([turn], target, config, context);
};

async function converseBy(
  turns: readonly Turn[],
  target: Target,
  config: CheckConfigOf<"redis"> | CheckConfigOf<"memcached">,
  context: ProbeContext,
): Promise<ProbeResult> {
  const { timeoutMs, tls } = config;
  let seen: Late | undefined;
  return attempt({ timeoutMs, late: () => seen?.(), ...context }, (end, awaits) =>
    dial(target, config, {
      tls,
      end,
      awaits,
      ready(stream, summary) {
        seen = take(turns, stream, (outcome) => end(warned(outcome, summary)));
      },
    }),
  );
}

/** Gives what to say when the limit comes first. */
function take(turns: readonly Turn[], stream: Socket, end: (outcome: Outcome) => void): Late {
  let heard: Buffer = Buffer.alloc(0);
  let next = 0;

  function send(): void {
    const turn = turns[next];
    if (turn !== undefined) stream.write(turn.send);
  }

  stream.on("data", (chunk: Buffer) => {
    heard = Buffer.concat([heard, chunk]);
    const turn = turns[next];
    const answer = heard.toString("latin1");
    // An error is a whole answer to anything.
    const match = turn && ((answer.startsWith("-") ? LINE : turn.whole).exec(answer) ?? undefined);
    if (turn === undefined || match === undefined) {
      if (heard.length > ANSWER_MAX_BYTES)
        end(badResponse(`an answer without end: ${shownBytes(heard)}`));
      return;
    }
    const outcome = turn.judge(answer, match);
    heard = Buffer.alloc(0);
    next += 1;
    if (outcome === undefined) {
      send();
      return;
    }
    stream.destroy();
    end(outcome);
  });
  onLost(stream, ({ cause = "bad_response" as const, how }) => {
    end({ ok: false, cause, detail: `${how}: ${unmet("answer", heard)}` });
  });
  send();
  return () => ({ cause: "timeout", detail: unmet("answer", heard) });
}

function redisTurns({ login, role }: CheckConfigOf<"redis">): readonly Turn[] {
  const ping: Turn = {
    send: request("PING"),
    whole: LINE,
    judge: (answer) => {
      if (!answer.startsWith("+PONG")) return refusal(answer);
      return role === null ? { ok: true, detail: "PONG" } : undefined;
    },
  };
  const turns = [ping];
  if (login !== null) {
    const { name, password } = login;
    turns.unshift({
      send: name === null ? request("AUTH", password) : request("AUTH", name, password),
      whole: LINE,
      judge: (answer) =>
        answer.startsWith("+OK")
          ? undefined
          : { ok: false, cause: "login_failed", detail: shownBytes(Buffer.from(answer, "latin1")) },
    });
  }
  if (role !== null) {
    turns.push({
      send: request("ROLE"),
      whole: /^\*\d+\r\n\$\d+\r\n(\w+)\r\n/,
      judge(answer, [, found]) {
        if (found === undefined) return refusal(answer);
        if (found === role) return { ok: true, detail: role };
        return { ok: false, cause: "unexpected_answer", detail: `${found}, wanted ${role}` };
      },
    });
  }
  return turns;
}

function refusal(answer: string): Outcome {
  const outcome = unexpected(answer);
  const isLogin = /^-(?:NOAUTH|WRONGPASS|NOPERM) /.test(answer);
  return isLogin ? { ok: false, cause: "login_failed", detail: outcome.detail } : outcome;
}

function unexpected(answer: string): Outcome {
  const detail = shownBytes(Buffer.from(answer.trimEnd(), "latin1"));
  return { ok: false, cause: "unexpected_answer", detail };
}

/** An array of bulk strings. */
function request(...words: readonly string[]): Buffer {
  const bulks = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
  return Buffer.from(`*${words.length}\r\n${bulks.join("")}`);
}
