// What an answer over HTTP is worth: its status, then its body.

import { createHash } from "node:crypto";
import { type Asker, search, whyUnknown } from "../expressions/search.ts";
import type { HttpQuestion } from "../model-web.ts";
import type { Outcome } from "./attempt.ts";
import type { HttpAnswer } from "./http-exchange.ts";

/** Never rejects. */
export async function judgeHttp(
  { status, body, whole }: HttpAnswer,
  question: HttpQuestion,
  asker: Asker,
): Promise<Outcome> {
  const { body: wanted, bodyNot, regexFlags: flags, digest, bodyMaxBytes } = question;
  const wrongStatus = statusMismatch(status, question.status);
  if (wrongStatus !== undefined) return { ok: false, cause: "wrong_status", detail: wrongStatus };
  if (digest !== null) {
    if (!whole)
      return mismatch(`body is longer than ${bodyMaxBytes} bytes: its digest is not known`);
    const md5 = createHash("md5").update(body).digest("hex");
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
    if (found.kind === "slow") return mismatch(whyUnknown(asked, found));
    if (found.kind === "broken") {
      return { ok: false, cause: "internal", detail: whyUnknown(asked, found) };
    }
    if ((found.kind === "match") !== should) return mismatch(`body ${does} /${source}/`);
  }
  return { ok: true, detail: String(status) };
}

function mismatch(detail: string): Outcome {
  return { ok: false, cause: "body_mismatch", detail };
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
