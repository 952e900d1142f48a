// Checks that ask no server.

import { userOf } from "../build-notify.ts";
import { isGiven, lineOf, type Section } from "../draft.ts";
import { needed } from "../draft-parts.ts";
import { serverPortOf } from "../effective.ts";
import { yesNo } from "../plain-types.ts";
import { printUser } from "../print-notify.ts";
import type { Report } from "../validate.ts";
import { placeKeys } from "./keys-place.ts";
import type { Around, CheckKind } from "./kinds.ts";

export const misc: CheckKind<"misc"> = {
  build: ({ values }, around) => ({
    command: needed(values.script),
    arguments: values.script_arguments === "ldirectord" ? ldirectordArguments(around) : null,
    user: userOf(values.user, around.draft, around.identityOf),
    security: around.draft.global[0].values.enable_script_security,
    dynamic: values.dynamic,
  }),
  rows: (check) => [
    ["script", check.command],
    ["user", printUser(check.user)],
    ["dynamic", yesNo(check.dynamic)],
    ["script_arguments", check.arguments === null ? "none" : "ldirectord"],
  ],
  judge(section, report) {
    judgeNeeded(section, "script", report);
    judgePlace(section, report);
  },
};

export const file: CheckKind<"file"> = {
  build: ({ values }) => ({ path: needed(values.file), factor: values.weight }),
  rows: ({ path, factor }) => [
    ["file", path],
    ["weight", factor],
  ],
  judge(section, report) {
    judgeNeeded(section, "file", report);
    judgePlace(section, report);
  },
};

export const fixed: CheckKind<"on" | "off"> = {
  build: () => ({}),
  rows: () => [],
  judge: judgePlace,
};

function ldirectordArguments({ service, server }: Around): readonly string[] {
  const { address, fwmark } = service.values;
  const endpoint = needed(server.values.address);
  return [
    address?.address ?? String(fwmark ?? ""),
    String(address?.port ?? 0),
    endpoint.address,
    String(serverPortOf(server, service)),
  ];
}

function judgeNeeded(section: Section<"check">, key: "script" | "file", report: Report): void {
  if (isGiven(section, key)) return;
  report(section.line, `Cannot use [${section.title}]: type ${section.values.type} needs ${key}`);
}

export function judgePlace(section: Section<"check">, report: Report): void {
  for (const key of Object.keys(placeKeys) as readonly (keyof typeof placeKeys)[]) {
    if (!isGiven(section, key)) continue;
    const { type } = section.values;
    report(lineOf(section, key), `Cannot use ${key} with type ${type}: it asks no server`);
  }
}
