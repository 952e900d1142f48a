// The table of keys: when a virtual router takes over and when it lets go. What an instance does not say, [global] does.

import { bool, duration, HOUR_MS, integer } from "./plain-types.ts";

/** Of an instance. */
// biome-ignore format: a table, a row a key
export const electionRows = {
  preempt_delay: { field: "preemptDelayMs", type: duration({ minMs: 0, maxMs: HOUR_MS }), default: "0",
    doc: "How long a master of lower priority is left alone after it was first heard; a dead one is not waited for" },
  down_timer_adverts: { field: "downTimerAdverts", type: integer(1, 100), inherits: "vrrp_down_timer_adverts", example: "3",
    doc: "Missed adverts before the master is given up; 3 in the RFC" },
  learned_advert_int_max: { field: "learnsTimes", type: integer(0, 255), inherits: "vrrp_learned_advert_int_max", example: "4",
    doc: "A master's advert interval (version 3) is learned up to so many times advert_int, or one forged advert with 40.95 s would leave the addresses without a master for two minutes; 0 = any (RFC 5798, keepalived). With auth_hmac there is no limit" },
  lower_prio_no_advert: { type: bool, inherits: "vrrp_lower_prio_no_advert", example: "no",
    doc: "A master says nothing to an advert of lower priority (RFC 5798) instead of answering at once (RFC 9568)" },
  higher_prio_send_advert: { field: "saysFarewell", type: bool, inherits: "vrrp_higher_prio_send_advert", example: "yes",
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
  vrrp_down_timer_adverts: { type: integer(1, 100), default: "3", doc: "down_timer_adverts of the instances that say none" },
  vrrp_learned_advert_int_max: { type: integer(0, 255), default: "4",
    doc: "learned_advert_int_max of the instances that say none. With 4 a backup waits for a master that is up to 12 times slower than itself, so a change of advert_int by ten, one node after the other, takes nothing away" },
  vrrp_lower_prio_no_advert: { type: bool, default: "no", doc: "lower_prio_no_advert of the instances that say none" },
  vrrp_higher_prio_send_advert: { type: bool, default: "yes", doc: "higher_prio_send_advert of the instances that say none" },
} as const;
