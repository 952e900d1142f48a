// What an answer over HTTP is worth: its status, then its body.

import { createHash } from "node:crypto";
import type { HttpQuestion } from "../model-web.ts";
import type { Outcome } from "./attempt.ts";
import type { HttpAnswer } from "./http-exchange.ts";

export type Judge = (answer: HttpAnswer) => Outcome;

/** Compiles what is compiled once for all answers; throws when an expression is none. */
export function judgeOf(question: HttpQuestion): Judge {
  const { status: ranges, body: wanted, bodyNot, regexFlags, digest, bodyMaxBytes } = question;
  const regex = wanted?.kind === "regex" ? new RegExp(wanted.source, regexFlags) : undefined;
  const unwanted = bodyNot === null ? undefined : new RegExp(bodyNot, regexFlags);

  function mismatch({ body, whole }: HttpAnswer): string | undefined {
    if (digest !== null) {
      if (!whole) return `body is longer than ${bodyMaxBytes} bytes: its digest is not known`;
      const md5 = createHash("md5").update(body).digest("hex");
      if (md5 !== digest) return `MD5 of the body is ${md5}`;
    }
    if (wanted === null && unwanted === undefined) return undefined;
    const text = body.toString("utf8");
    if (wanted?.kind === "text" && !text.includes(wanted.text)) {
      return `body does not contain ${JSON.stringify(wanted.text)}`;
    }
    if (regex?.test(text) === false) return `body does not match /${regex.source}/`;
    if (unwanted?.test(text)) return `body matches /${unwanted.source}/`;
    return undefined;
  }

  return (answer) => {
    const { status } = answer;
    const wrongStatus = statusMismatch(status, ranges);
    if (wrongStatus !== undefined) return { ok: false, cause: "wrong_status", detail: wrongStatus };
    const wrong = mismatch(answer);
    if (wrong !== undefined) return { ok: false, cause: "body_mismatch", detail: wrong };
    return { ok: true, detail: String(status) };
  };
}

/** undefined = `status` is within one of the inclusive ranges; `shown` = how it is told. */
export function statusMismatch(
  status: number,
  ranges: HttpQuestion["status"],
  shown = String(status),
): string | undefined {
  if (ranges.some(([from, to]) => status >= from && status <= to)) return undefined;
  return `${shown}, wanted ${ranges.map(rangeText).join(" or ")}`;
}

function rangeText([from, to]: readonly [number, number]): string {
  return from === to ? String(from) : `${from}-${to}`;
}
