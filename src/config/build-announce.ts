// What an instance says about announcements and elections, completed by [global]; and what [global] says for the node.

import type { AnnounceConfig } from "../vip/model.ts";
import type { PacingConfig } from "../vip/pacing.ts";
import type { ElectionPolicy } from "../vrrp/model.ts";
import type { Draft, Section } from "./draft.ts";
import { preemptDelayMsOf } from "./effective.ts";
import type { StartDelayConfig } from "./model.ts";
import { formatDuration, yesNo } from "./plain-types.ts";
import type { Row } from "./print-trackers.ts";

// The rows of keys-announce.ts and keys-election.ts say the same.
const REPEAT = 5;
const DELAY_MS = 5000;
/** Of ten times as slow a master no backup takes over: Master_Down_Interval is three times this. */
const LEARNS_TIMES = 4;
// 255 is an owner, and that is never a backup.
const BEST_OTHER = 254;

export function buildAnnounce(
  { values }: Section<"vrrp_instance">,
  { global: [node] }: Draft,
): AnnounceConfig {
  const all = node?.values;
  const short = all?.vrrp_min_garp ?? false;
  const extra = values.garp_extra_if ?? all?.vrrp_garp_extra_if;
  const repeat = values.garp_master_repeat ?? all?.vrrp_garp_master_repeat ?? (short ? 1 : REPEAT);
  const delayMs = values.garp_master_delay ?? all?.vrrp_garp_master_delay ?? (short ? 0 : DELAY_MS);
  return {
    repeat,
    delayMs,
    lowerRepeat: values.garp_lower_prio_repeat ?? all?.vrrp_garp_lower_prio_repeat ?? repeat,
    lowerDelayMs: values.garp_lower_prio_delay ?? all?.vrrp_garp_lower_prio_delay ?? delayMs,
    refreshMs: values.garp_master_refresh ?? all?.vrrp_garp_master_refresh ?? 0,
    refreshRepeat: values.garp_master_refresh_repeat ?? all?.vrrp_garp_master_refresh_repeat ?? 1,
    extraMs: extra?.everyMs ?? 0,
    extraAll: extra?.all ?? false,
  };
}

export function buildPolicy(
  section: Section<"vrrp_instance">,
  { global: [node] }: Draft,
): ElectionPolicy {
  const { values } = section;
  const all = node?.values;
  return {
    downTimerAdverts: values.down_timer_adverts ?? all?.vrrp_down_timer_adverts ?? 3,
    learnsTimes: values.learned_advert_int_max ?? all?.vrrp_learned_advert_int_max ?? LEARNS_TIMES,
    preemptDelayMs: preemptDelayMsOf(section),
    answersLower: !(values.lower_prio_no_advert ?? all?.vrrp_lower_prio_no_advert ?? false),
    saysFarewell: values.higher_prio_send_advert ?? all?.vrrp_higher_prio_send_advert ?? true,
    ownerIgnoresAdverts: values.owner_ignore_adverts ?? all?.vrrp_owner_ignore_adverts ?? false,
    bestOther: values.timer_expired_backup ?? BEST_OTHER,
    expiredIsBackup: values.timer_expired_backup !== undefined,
    comparesOnce: values.skip_check_adv_addr ?? all?.vrrp_skip_check_adv_addr ?? false,
  };
}

export function buildStartDelay({ global: [node] }: Draft): StartDelayConfig {
  return {
    startupMs: node?.values.vrrp_startup_delay ?? 0,
    afterBootMs: node?.values.vrrp_delay_after_boot ?? 0,
  };
}

export function buildPacing(draft: Draft): PacingConfig {
  const all = draft.global[0]?.values;
  return {
    garpMs: all?.vrrp_garp_interval ?? 0,
    gnaMs: all?.vrrp_gna_interval ?? 0,
    groups: draft.garp_group.map(({ labels, values }) => ({
      name: labels[0] ?? "",
      interfaces: values.interface.map(({ value }) => value),
      garpMs: values.garp_interval,
      gnaMs: values.gna_interval,
    })),
  };
}

/** Of an instance. */
export function announceRowsOf(announce: AnnounceConfig): readonly Row[] {
  return [
    ["garp_lower_prio_repeat", announce.lowerRepeat],
    ["garp_lower_prio_delay", formatDuration(announce.lowerDelayMs)],
    ["garp_master_delay", formatDuration(announce.delayMs)],
    ["garp_master_repeat", announce.repeat],
    ["garp_master_refresh", formatDuration(announce.refreshMs)],
    ["garp_master_refresh_repeat", announce.refreshRepeat],
    ["garp_extra_if", `${announce.extraAll ? "all " : ""}${announce.extraMs / 1000}`],
  ];
}

export function policyRowsOf(policy: ElectionPolicy): readonly Row[] {
  return [
    ["preempt_delay", formatDuration(policy.preemptDelayMs)],
    ["down_timer_adverts", policy.downTimerAdverts],
    ["learned_advert_int_max", policy.learnsTimes],
    ["lower_prio_no_advert", yesNo(!policy.answersLower)],
    ["higher_prio_send_advert", yesNo(policy.saysFarewell)],
    ["timer_expired_backup", policy.expiredIsBackup ? policy.bestOther : null],
    ["owner_ignore_adverts", yesNo(policy.ownerIgnoresAdverts)],
    ["skip_check_adv_addr", yesNo(policy.comparesOnce)],
  ];
}

/** Of [global]. */
export function nodeRowsOf(delay: StartDelayConfig, pacing: PacingConfig): readonly Row[] {
  return [
    ["vrrp_startup_delay", formatDuration(delay.startupMs)],
    ["vrrp_delay_after_boot", formatDuration(delay.afterBootMs)],
    ["vrrp_garp_interval", formatDuration(pacing.garpMs)],
    ["vrrp_gna_interval", formatDuration(pacing.gnaMs)],
  ];
}

export function pacingSections({
  groups,
}: PacingConfig): readonly (readonly [string, readonly Row[]])[] {
  return groups.map(({ name, interfaces, garpMs, gnaMs }) => [
    `garp_group.${name}`,
    [
      ...interfaces.map((each): Row => ["interface[]", each]),
      ["garp_interval", formatDuration(garpMs)],
      ["gna_interval", formatDuration(gnaMs)],
    ],
  ]);
}
