// How a master announces its addresses, and when a virtual router takes over: rows, what they come to, and rules. What an
// instance does not say, [global] does.

import type { AnnounceConfig } from "../../vip/model.ts";
import type { PacingConfig } from "../../vip/pacing.ts";
import type { ElectionPolicy } from "../../vrrp/model.ts";
import { preemptDelayMsOf } from "../effective.ts";
import type { StartDelayConfig } from "../model.ts";
import { interfaceName } from "../schema/addresses.ts";
import { fieldsOf, type Row, rowsOf } from "../schema/fields.ts";
import { mirrored } from "../schema/inherit.ts";
import { bool, DAY_MS, duration, HOUR_MS, integer, yesNo } from "../schema/plain-types.ts";
import type { SectionSpec } from "../schema/row.ts";
import { type Draft, isGiven, lineOf, nameOf, type Section } from "../schema/section.ts";
import type { Report } from "../validate.ts";
import { extraIf } from "./tracked-lines.ts";

const SPACING = duration({ minMs: 0, maxMs: 60_000 });

/** Of an instance. */
// biome-ignore format: a table, a row a key
export const announceRows = {
  garp_master_delay: { field: "delayMs", type: duration({ minMs: 0, maxMs: DAY_MS }), inherits: "vrrp_garp_master_delay", globally: { otherwise: "5, or 0 with vrrp_min_garp" }, example: "5",
    doc: "Pause before the second burst of gratuitous ARP after becoming master; 0 = no second burst. Between the two each address is announced once more after 0.1 s and after 1 s, in case that a predecessor was slow to let go" },
  garp_master_repeat: { field: "repeat", type: integer(1, 255), inherits: "vrrp_garp_master_repeat", globally: { otherwise: "5, or 1 with vrrp_min_garp" }, example: "5",
    doc: "Gratuitous ARP packets of each address in a burst after becoming master" },
  garp_lower_prio_repeat: { field: "lowerRepeat", type: integer(0, 255), inherits: "vrrp_garp_lower_prio_repeat", otherwise: "vrrp_garp_lower_prio_repeat of [global], or else garp_master_repeat", globally: { otherwise: "garp_master_repeat" }, example: "5",
    doc: "Gratuitous ARP packets in a burst after hearing a master of lower priority (a healed split)" },
  garp_lower_prio_delay: { field: "lowerDelayMs", type: duration({ minMs: 0, maxMs: HOUR_MS }), inherits: "vrrp_garp_lower_prio_delay", otherwise: "vrrp_garp_lower_prio_delay of [global], or else garp_master_delay", globally: { otherwise: "garp_master_delay" }, example: "5",
    doc: "Pause before the second of these bursts; 0 = no second burst" },
  garp_master_refresh: { field: "refreshMs", type: duration({ minMs: 0, maxMs: DAY_MS }), inherits: "vrrp_garp_master_refresh", globally: { default: "0" }, example: "60",
    doc: "Period of further bursts while master; 0 = none" },
  garp_master_refresh_repeat: { field: "refreshRepeat", type: integer(1, 255), inherits: "vrrp_garp_master_refresh_repeat", globally: { default: "1" }, example: "1",
    doc: "Gratuitous ARP packets of each address in such a further burst" },
  garp_extra_if: { type: extraIf, inherits: "vrrp_garp_extra_if", globally: { default: "0", example: "all 60" }, example: "60",
    doc: "[all] SECONDS: how often a master announces addresses on its own VMAC when adverts leave by another interface, so that switches do not forget it; with all the addresses on every such interface; 0 = never" },
} as const;

/** Of [global]. */
// biome-ignore format: a table, a row a key
export const globalAnnounceRows = {
  ...mirrored(announceRows),
  vrrp_min_garp: { type: bool, default: "no", doc: "One gratuitous ARP and no second burst where nothing else is said" },
  vrrp_garp_interval: { field: "garpMs", type: SPACING, default: "0",
    doc: "Pause between two gratuitous ARP packets on one interface, for switches that drop a burst; 0 = none" },
  vrrp_gna_interval: { field: "gnaMs", type: SPACING, default: "0", doc: "The same between two unsolicited neighbour advertisements (IPv6)" },
} as const;

// biome-ignore format: a table, a row a key
export const garpGroupKeys = {
  doc: "Interfaces on which announcements share one pace, because they end in one switch",
  labels: ["NAME"],
  example: "garp_group.uplinks",
  keys: {
    interface: { field: "interfaces", type: interfaceName, unique: "everywhere", list: true, required: true, example: "eth0",
      doc: "An interface of the group; it is in one group at most" },
    garp_interval: { field: "garpMs", type: SPACING, default: "0", doc: "Pause between two gratuitous ARP packets on all of them together" },
    gna_interval: { field: "gnaMs", type: SPACING, default: "0", doc: "The same between two unsolicited neighbour advertisements (IPv6)" },
  },
} as const satisfies SectionSpec;

/** Of an instance. */
// biome-ignore format: a table, a row a key
export const electionRows = {
  preempt_delay: { field: "preemptDelayMs", type: duration({ minMs: 0, maxMs: HOUR_MS }), default: "0",
    doc: "How long a master of lower priority is left alone after it was first heard; a dead one is not waited for" },
  down_timer_adverts: { field: "downTimerAdverts", type: integer(1, 100), inherits: "vrrp_down_timer_adverts", globally: { default: "3" }, example: "3",
    doc: "Missed adverts before the master is given up; 3 in the RFC" },
  learned_advert_int_max: { field: "learnsTimes", type: integer(0, 255), inherits: "vrrp_learned_advert_int_max",
    globally: { default: "4", doc: "learned_advert_int_max of the instances that say none. With 4 a backup waits for a master that is up to 12 times slower than itself, so a change of advert_int by ten, one node after the other, takes nothing away" }, example: "4",
    doc: "A master's advert interval (version 3) is learned up to so many times advert_int, or one forged advert with 40.95 s would leave the addresses without a master for two minutes; 0 = any (RFC 5798, keepalived). With auth_hmac there is no limit" },
  lower_prio_no_advert: { type: bool, inherits: "vrrp_lower_prio_no_advert", globally: { default: "no" }, example: "no",
    doc: "A master says nothing to an advert of lower priority (RFC 5798) instead of answering at once (RFC 9568)" },
  higher_prio_send_advert: { field: "saysFarewell", type: bool, inherits: "vrrp_higher_prio_send_advert", globally: { default: "yes" }, example: "yes",
    doc: "A master that steps down says its priority once more, so that the winner announces itself again" },
  timer_expired_backup: { type: integer(1, 254), otherwise: "254, and it listens for one advert_int", example: "254", aliases: ["thread_timer_expired"],
    doc: "Highest priority of another node: a master that did not run for so long that it must have taken over lets its addresses go without an advert, and waits like every backup (keepalived: with nopreempt only, else it goes on as master)" },
} as const;

/** Of [global]. */
// biome-ignore format: a table, a row a key
export const globalElectionRows = {
  vrrp_startup_delay: { field: "startupMs", type: duration({ minMs: 0, maxMs: HOUR_MS }), default: "0",
    doc: "After a start no instance takes part in an election for so long, whatever its priority, and adverts are not listened to" },
  vrrp_delay_after_boot: { field: "afterBootMs", type: duration({ minMs: 0, maxMs: HOUR_MS }), default: "0",
    doc: "The same, counted from the boot of the machine; the longer one holds" },
  ...mirrored(electionRows),
} as const;

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
