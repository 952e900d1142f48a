// Checks that speak HTTP.

import { isGiven, lineOf } from "../draft.ts";
import type { CheckKind } from "./kinds.ts";

export const http: CheckKind<"http"> = {
  build: ({ values: { path, host, status, body, regex } }) => ({
    path,
    host: host ?? null,
    status,
    body:
      body !== undefined
        ? { kind: "text", text: body }
        : regex !== undefined
          ? { kind: "regex", source: regex }
          : null,
  }),
  rows: ({ path, host, status, body }) => [
    ["path", path],
    ["host", host],
    ["status", status.map(([low, high]) => (low === high ? low : `${low}-${high}`)).join(" ")],
    ["body", body?.kind === "text" ? body.text : null],
    ["regex", body?.kind === "regex" ? body.source : null],
  ],
  judge(section, report) {
    if (!isGiven(section, "body") || !isGiven(section, "regex")) return;
    report(
      Math.max(lineOf(section, "body"), lineOf(section, "regex")),
      "Cannot use body and regex in one check: leave one of them out",
    );
  },
};
