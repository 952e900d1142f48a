// How a master announces its addresses, and when a virtual router takes over: rows, what they come to, and rules. What an
// instance does not say, [global] does.

import type { AnnounceConfig } from "../../vip/model.ts";
import type { PacingConfig } from "../../vip/pacing.ts";
import type { ElectionPolicy } from "../../vrrp/model.ts";
import type { StartDelayConfig } from "../model.ts";
import { globalAnnounceRows, globalElectionRows } from "../node/keys-parts.ts";
import { fieldsOf, type Row, rowsOf } from "../schema/fields.ts";
import type { Report } from "../schema/lines.ts";
import { yesNo } from "../schema/plain-types.ts";
import { type Draft, isGiven, lineOf, nameOf, type Section } from "../schema/section.ts";
import { preemptDelayMsOf } from "./effective.ts";
import { announceRows, electionRows } from "./keys-instance.ts";
import { garpGroupKeys } from "./keys-trackers.ts";

// What vrrp_min_garp changes.
const REPEAT = 5;
const DELAY_MS = 5000;
// 255 is an owner, and that is never a backup.
const BEST_OTHER = 254;

export function buildAnnounce(
  { values }: Section<"vrrp_instance">,
  { global: { values: all } }: Draft,
): AnnounceConfig {
  const short = all.vrrp_min_garp;
  const { everyMs, all: extraAll } = values.garp_extra_if;
  const said = fieldsOf(announceRows, values);
  const repeat = said.repeat ?? (short ? 1 : REPEAT);
  const delayMs = said.delayMs ?? (short ? 0 : DELAY_MS);
  return {
    ...said,
    repeat,
    delayMs,
    lowerRepeat: said.lowerRepeat ?? repeat,
    lowerDelayMs: said.lowerDelayMs ?? delayMs,
    extraMs: everyMs,
    extraAll,
  };
}

export function buildPolicy(section: Section<"vrrp_instance">): ElectionPolicy {
  const { values } = section;
  return {
    ...fieldsOf(electionRows, values),
    preemptDelayMs: preemptDelayMsOf(section),
    answersLower: !values.lower_prio_no_advert,
    ownerIgnoresAdverts: values.owner_ignore_adverts,
    bestOther: values.timer_expired_backup ?? BEST_OTHER,
    expiredIsBackup: values.timer_expired_backup !== undefined,
    comparesOnce: values.skip_check_adv_addr,
  };
}

export function buildStartDelay({ global: { values } }: Draft): StartDelayConfig {
  return fieldsOf(globalElectionRows, values);
}

export function buildPacing({ global: { values }, garp_group }: Draft): PacingConfig {
  return {
    ...fieldsOf(globalAnnounceRows, values),
    groups: garp_group.map((group) => ({
      name: nameOf(group),
      ...fieldsOf(garpGroupKeys.keys, group.values),
    })),
  };
}

/** Of an instance. */
export function announceRowsOf(announce: AnnounceConfig): readonly Row[] {
  const { extraMs: everyMs, extraAll: all } = announce;
  return [
    ...rowsOf(announceRows, announce),
    ["garp_extra_if", announceRows.garp_extra_if.type.print({ everyMs, all })],
  ];
}

export function policyRowsOf(policy: ElectionPolicy): readonly Row[] {
  return [
    ...rowsOf(electionRows, policy),
    ["lower_prio_no_advert", yesNo(!policy.answersLower)],
    ["timer_expired_backup", policy.expiredIsBackup ? policy.bestOther : null],
    ["owner_ignore_adverts", yesNo(policy.ownerIgnoresAdverts)],
    ["skip_check_adv_addr", yesNo(policy.comparesOnce)],
  ];
}

/** Of [global]. */
export function nodeRowsOf(delay: StartDelayConfig, pacing: PacingConfig): readonly Row[] {
  return [...rowsOf(globalElectionRows, delay), ...rowsOf(globalAnnounceRows, pacing)];
}

export function pacingSections({
  groups,
}: PacingConfig): readonly (readonly [string, readonly Row[]])[] {
  return groups.map((group) => [`garp_group.${group.name}`, rowsOf(garpGroupKeys.keys, group)]);
}

export function judgePacing(draft: Draft, report: Report): void {
  for (const group of draft.garp_group) {
    if (isGiven(group, "garp_interval") || isGiven(group, "gna_interval")) continue;
    report(
      lineOf(group, "interface"),
      `[${group.title}] has neither garp_interval nor gna_interval, so announcements on its interfaces have no pause at all`,
      "warning",
    );
  }
}
