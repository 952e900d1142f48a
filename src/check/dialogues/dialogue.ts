// What is said to a server, as a pure exchange: a reply in, the next command or the verdict out.

import type { Outcome } from "../probes/attempt.ts";
import { type Framing, type Reply, shown } from "./replies.ts";

/** A command is sent as it is, and its reply awaited; so is the banner. */
export type Move =
  | { readonly type: "banner" }
  | { readonly type: "command"; readonly line: string; readonly step: string }
  | { readonly type: "start_tls" };

/** Given the reply to each move; start_tls has none and is given one of no lines. */
export type Dialogue = Generator<Move, Outcome, Reply>;

export type Protocol<C> = {
  readonly framing: Framing;
  readonly dialogue: (config: C) => Dialogue;
  /** Said after a success; nobody waits for its reply. */
  readonly bye: string;
};

export const BANNER: Move = { type: "banner" };
export const START_TLS: Move = { type: "start_tls" };

/** `step`: what it is called when its reply does not come; the line itself may hold a secret. */
export function command(line: string, step: string = firstWord(line)): Move {
  return { type: "command", line, step };
}

function firstWord(line: string): string {
  return line.split(" ", 1)[0] ?? "";
}

/** The failure of a step whose reply is another one than awaited. */
export function refusal(step: string, { lines }: Reply): Outcome {
  return { ok: false, cause: "bad_response", detail: `${step}: ${shown(lines.at(-1) ?? "")}` };
}

export function loginRefused(reply: Reply): Outcome {
  const detail = `login refused: ${shown(reply.lines.at(-1) ?? "")}`;
  return { ok: false, cause: "login_failed", detail };
}

export function success(reply: Reply, done = ""): Outcome {
  return { ok: true, detail: `${done}${printable(reply.lines.at(-1) ?? "")}` };
}

function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?").slice(0, 80);
}
