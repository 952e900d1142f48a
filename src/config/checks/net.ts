// Checks that ask by one packet.

import type { Section } from "../draft.ts";
import { isGiven, lineOf } from "../draft.ts";
import type { Row } from "../fields.ts";
import { yesNo } from "../plain-types.ts";
import type { Report } from "../validate.ts";
import { payload as bytes } from "../values-payload.ts";
import type { CheckKind } from "./kinds.ts";

export const dns: CheckKind<"dns"> = {
  build({ values }) {
    const { answer, answer_regex } = values;
    return {
      transport: values.transport,
      queryName: values.query_name,
      queryType: values.query_type,
      recursion: values.recursion,
      rcode: values.rcode,
      answer:
        answer !== undefined
          ? { kind: "text", text: answer }
          : answer_regex !== undefined
            ? { kind: "regex", source: answer_regex }
            : null,
    };
  },
  rows: (check) => [
    ["transport", check.transport],
    ["query_name", check.queryName],
    ["query_type", check.queryType],
    ["recursion", yesNo(check.recursion)],
    ["rcode", check.rcode],
    ["answer", check.answer?.kind === "text" ? check.answer.text : null],
    ["answer_regex", check.answer?.kind === "regex" ? check.answer.source : null],
  ],
  judge(section, report) {
    if (isGiven(section, "answer") && isGiven(section, "answer_regex")) {
      report(
        Math.max(lineOf(section, "answer"), lineOf(section, "answer_regex")),
        "Cannot use answer and answer_regex in one check: leave one of them out",
      );
    }
  },
};

export const udp: CheckKind<"udp"> = {
  build: ({ values }) => ({
    payload: values.payload ?? null,
    reply: values.require_reply ?? null,
    replyBytesMin: values.min_reply_length,
    replyBytesMax: values.max_reply_length,
  }),
  rows: ({ payload, reply, replyBytesMin, replyBytesMax }): readonly Row[] => [
    ["payload", payload === null ? null : bytes.print(payload)],
    ["require_reply", reply === "" ? "yes" : reply],
    ["min_reply_length", reply === null ? null : replyBytesMin],
    ["max_reply_length", reply === null ? null : replyBytesMax],
  ],
  judge: judgeUdp,
};

function judgeUdp(section: Section<"check">, report: Report): void {
  const { require_reply, min_reply_length: min, max_reply_length: max } = section.values;
  for (const key of ["min_reply_length", "max_reply_length"] as const) {
    if (isGiven(section, key) && !isGiven(section, "require_reply")) {
      report(
        lineOf(section, key),
        `Cannot use ${key} without require_reply: silence has no length`,
      );
    }
  }
  if (min > max) {
    report(
      Math.max(lineOf(section, "min_reply_length"), lineOf(section, "max_reply_length")),
      `Cannot use min_reply_length ${min}: it must be at most max_reply_length, which is ${max}`,
    );
  } else if (require_reply !== undefined && require_reply.length / 2 > max) {
    report(
      lineOf(section, "require_reply"),
      `Cannot use require_reply of ${require_reply.length / 2} bytes: max_reply_length is ${max}`,
    );
  }
}

export const ntp: CheckKind<"ntp"> = {
  build: ({ values }) => ({ stratumMax: values.stratum_max }),
  rows: ({ stratumMax }) => [["stratum_max", stratumMax]],
};
