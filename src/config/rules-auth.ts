// Rules of authentication in [vrrp_instance.*]. Whatever is wrong with it is an error: it is never just "off".

import { type Draft, isGiven, lineOf, type Section } from "./draft.ts";
import { versionOf } from "./effective.ts";
import { hmacKeyBytes } from "./hmac-key.ts";
import type { Report, Surroundings } from "./validate.ts";

type Instance = Section<"vrrp_instance">;

export function judgeAuth(draft: Draft, { keyFile }: Surroundings, report: Report): void {
  for (const instance of draft.vrrp_instance) {
    judgePassword(instance, versionOf(instance, draft), report);
    judgeKeys(instance, keyFile, report);
    judgeActiveKey(instance, report);
  }
}

function judgePassword(instance: Instance, version: 2 | 3, report: Report): void {
  const key = isGiven(instance, "auth_pass") ? "auth_pass" : "auth_type";
  if (!isGiven(instance, key)) return;
  if (key === "auth_type" && instance.values.auth_type !== undefined) {
    report(lineOf(instance, key), "Cannot use auth_type PASS without a password: write auth_pass");
  }
  if (version === 3) {
    report(
      lineOf(instance, key),
      `Cannot use ${key} with version 3, which has no authentication: it must be version = 2, or auth_hmac_key[] in its place`,
    );
  }
}

function judgeKeys(instance: Instance, keyFile: Surroundings["keyFile"], report: Report): void {
  const seen = new Map<number, number>();
  for (const { value, line } of instance.values.auth_hmac_key) {
    const before = seen.get(value.id);
    if (before !== undefined) {
      report(line, `Cannot use auth_hmac_key ${value.id} twice: line ${before} has it already`);
    }
    seen.set(value.id, before ?? line);
    const key = hmacKeyBytes(value.written, keyFile);
    if (!key.ok) report(line, `Cannot use auth_hmac_key ${value.id}, ${key.problem}`);
  }
}

const dependent = [
  "auth_hmac_active_key",
  "auth_hmac_anti_replay",
  "auth_hmac_time_window",
  "auth_hmac_mode",
] as const;

function judgeActiveKey(instance: Instance, report: Report): void {
  const { auth_hmac_key: keys, auth_hmac_active_key: active } = instance.values;
  if (!isGiven(instance, "auth_hmac_key")) {
    const key = dependent.find((each) => isGiven(instance, each));
    if (key === undefined) return;
    report(
      lineOf(instance, key),
      `Cannot use ${key} without a key: write auth_hmac_key[] = ID KEY`,
    );
    return;
  }
  // All that were written have been complained about.
  if (keys.length === 0) return;
  const ids = keys.map(({ value }) => value.id);
  if (!isGiven(instance, "auth_hmac_active_key")) {
    report(
      lineOf(instance, "auth_hmac_key"),
      `Cannot sign without auth_hmac_active_key: it must be the ID of a key (${ids.join(", ")})`,
    );
  } else if (active !== undefined && !ids.includes(active)) {
    report(
      lineOf(instance, "auth_hmac_active_key"),
      `Cannot use auth_hmac_active_key ${active}: there is no key with this ID (there is ${ids.join(", ")})`,
    );
  }
}
