// What an answer over HTTP is worth: its status, then its body.

import { type Asker, search, whyUnknown } from "../expressions/search.ts";
import type { HttpQuestion } from "../types/http.ts";
import type { Outcome } from "./attempt.ts";
import type { HttpAnswer } from "./http-exchange.ts";

/** Never rejects. */
export async function judgeHttp(
  answer: HttpAnswer,
  question: HttpQuestion,
  asker: Asker,
): Promise<Outcome> {
  const { status, body, md5, odd } = answer;
  const { body: wanted, bodyNot, regexFlags: flags, digest } = question;
  const mismatch = (detail: string): Outcome => {
    return { ok: false, cause: "body_mismatch", detail: `${detail}, ${readOf(answer)}` };
  };
  const wrongStatus = statusMismatch(status, question.status);
  if (wrongStatus !== undefined) return { ok: false, cause: "wrong_status", detail: wrongStatus };
  if (digest !== null) {
    if (md5 === null) return mismatch("no digest: there is no end of the body");
    if (md5 !== digest) return mismatch(`MD5 of the body is ${md5}`);
  }
  const text = wanted === null && bodyNot === null ? "" : body.toString("utf8");
  if (wanted?.kind === "text" && !text.includes(wanted.text)) {
    return mismatch(`body does not contain ${JSON.stringify(wanted.text)}`);
  }
  const expressions = [
    ...(wanted?.kind === "regex" ? [{ source: wanted.source, should: true }] : []),
    ...(bodyNot === null ? [] : [{ source: bodyNot, should: false }]),
  ];
  for (const { source, should } of expressions) {
    const asked = { source, flags, texts: [text] };
    const found = await search(asked, asker);
    const does = should ? "does not match" : "matches";
    if (found.kind === "slow") {
      return { ok: false, cause: "body_mismatch", detail: whyUnknown(asked, found) };
    }
    if (found.kind === "broken") {
      return { ok: false, cause: "internal", detail: whyUnknown(asked, found) };
    }
    if ((found.kind === "match") !== should) return mismatch(`body ${does} /${source}/`);
  }
  return { ok: true, detail: [status, ...odd].join(", ") };
}

/** What a body that does not fit was. */
function readOf({ body, bodyBytes, coding }: HttpAnswer): string {
  const part = bodyBytes > body.length ? `looked at ${body.length} of ` : "read ";
  const how = coding === undefined ? "" : `, which are ${coding}, and nobody asked for that`;
  return `${part}${bodyBytes} bytes${how}`;
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
