// What an instance says about announcements and elections, completed by [global]; and what [global] says for the node.

import type { AnnounceConfig } from "../vip/model.ts";
import type { PacingConfig } from "../vip/pacing.ts";
import type { ElectionPolicy } from "../vrrp/model.ts";
import type { Draft, Section } from "./draft.ts";
import { nameOf } from "./draft-parts.ts";
import { preemptDelayMsOf } from "./effective.ts";
import { fieldsOf, type Row, rowsOf } from "./fields.ts";
import { announceRows, garpGroupKeys, globalAnnounceRows } from "./keys-announce.ts";
import { electionRows, globalElectionRows } from "./keys-election.ts";
import type { StartDelayConfig } from "./model.ts";
import { yesNo } from "./plain-types.ts";

// What vrrp_min_garp changes.
const REPEAT = 5;
const DELAY_MS = 5000;
// 255 is an owner, and that is never a backup.
const BEST_OTHER = 254;

export function buildAnnounce(
  { values }: Section<"vrrp_instance">,
  { global: [{ values: all }] }: Draft,
): AnnounceConfig {
  const short = all.vrrp_min_garp;
  const { everyMs, all: extraAll } = values.garp_extra_if ?? all.vrrp_garp_extra_if;
  const said = fieldsOf(announceRows, values, all);
  const repeat = said.repeat ?? (short ? 1 : REPEAT);
  const delayMs = said.delayMs ?? (short ? 0 : DELAY_MS);
  return {
    ...said,
    repeat,
    delayMs,
    lowerRepeat: said.lowerRepeat ?? all.vrrp_garp_lower_prio_repeat ?? repeat,
    lowerDelayMs: said.lowerDelayMs ?? all.vrrp_garp_lower_prio_delay ?? delayMs,
    extraMs: everyMs,
    extraAll,
  };
}

export function buildPolicy(
  section: Section<"vrrp_instance">,
  { global: [{ values: all }] }: Draft,
): ElectionPolicy {
  const { values } = section;
  return {
    ...fieldsOf(electionRows, values, all),
    preemptDelayMs: preemptDelayMsOf(section),
    answersLower: !(values.lower_prio_no_advert ?? all.vrrp_lower_prio_no_advert),
    ownerIgnoresAdverts: values.owner_ignore_adverts ?? all.vrrp_owner_ignore_adverts,
    bestOther: values.timer_expired_backup ?? BEST_OTHER,
    expiredIsBackup: values.timer_expired_backup !== undefined,
    comparesOnce: values.skip_check_adv_addr ?? all.vrrp_skip_check_adv_addr,
  };
}

export function buildStartDelay({ global: [{ values }] }: Draft): StartDelayConfig {
  return fieldsOf(globalElectionRows, values);
}

export function buildPacing({ global: [{ values }], garp_group }: Draft): PacingConfig {
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
