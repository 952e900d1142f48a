// Announcements and elections: what [global] says for the instances that say nothing.

import test from "ava";
import { printConfig } from "../../src/config/print.ts";
import { configOf, INSTANCE, linesOf } from "./helpers.ts";

const announced = (text: string) => configOf(text).vrrpInstances[0]?.announce;
const policy = (text: string) => configOf(text).vrrpInstances[0]?.vrrp.policy;

const ALL = `[global]
vrrp_startup_delay = 20
vrrp_delay_after_boot = 60
vrrp_garp_master_delay = 2
vrrp_garp_master_repeat = 3
vrrp_garp_lower_prio_delay = 1
vrrp_garp_lower_prio_repeat = 0
vrrp_garp_master_refresh = 60
vrrp_garp_master_refresh_repeat = 2
vrrp_garp_extra_if = all 90
vrrp_garp_interval = 0.01
vrrp_gna_interval = 20ms
vrrp_down_timer_adverts = 4
vrrp_lower_prio_no_advert = yes
vrrp_higher_prio_send_advert = no
[garp_group.G]
interface[] = eth0
interface[] = eth1
garp_interval = 0.1
`;

test("[global] says it for all", (t) => {
  const { startDelay, pacing } = configOf(ALL + INSTANCE);
  t.deepEqual(startDelay, { startupMs: 20_000, afterBootMs: 60_000 });
  t.deepEqual(pacing, {
    garpMs: 10,
    gnaMs: 20,
    groups: [{ name: "G", interfaces: ["eth0", "eth1"], garpMs: 100, gnaMs: 0 }],
  });
  t.deepEqual(announced(ALL + INSTANCE), {
    repeat: 3,
    delayMs: 2000,
    lowerRepeat: 0,
    lowerDelayMs: 1000,
    refreshMs: 60_000,
    refreshRepeat: 2,
    extraMs: 90_000,
    extraAll: true,
  });
  const { downTimerAdverts, answersLower, saysFarewell } = policy(ALL + INSTANCE) ?? {};
  t.deepEqual([downTimerAdverts, answersLower, saysFarewell], [4, false, false]);
});

test("an instance says it for itself", (t) => {
  const own = `${ALL}${INSTANCE}garp_master_repeat = 9\ndown_timer_adverts = 2\nlower_prio_no_advert = no\n`;
  t.is(announced(own)?.repeat, 9);
  t.is(policy(own)?.downTimerAdverts, 2);
  t.true(policy(own)?.answersLower);
});

test("learned_advert_int_max is the node's, or the instance's, or 4", (t) => {
  const all = "[global]\nvrrp_learned_advert_int_max = 10\n";
  t.is(policy(INSTANCE)?.learnsTimes, 4);
  t.is(policy(all + INSTANCE)?.learnsTimes, 10);
  t.is(policy(`${all}${INSTANCE}learned_advert_int_max = 0\n`)?.learnsTimes, 0);
});

test("garp_lower_prio_* are garp_master_* where nothing else is said", (t) => {
  const { lowerRepeat, lowerDelayMs } =
    announced(`${INSTANCE}garp_master_repeat = 2\ngarp_master_delay = 0\n`) ?? {};
  t.deepEqual([lowerRepeat, lowerDelayMs], [2, 0]);
});

test("vrrp_min_garp: one packet and no second burst, but what is written holds", (t) => {
  const short = `[global]\nvrrp_min_garp = yes\n${INSTANCE}`;
  t.like(announced(short), { repeat: 1, delayMs: 0, lowerRepeat: 1, lowerDelayMs: 0 });
  t.like(announced(`${short}garp_master_repeat = 4\n`), { repeat: 4, delayMs: 0 });
});

test("vrrp_check_unicast_src is for the instances that say nothing", (t) => {
  const text = `[global]\nvrrp_check_unicast_src = no\n${INSTANCE}unicast_peer[] = 10.0.0.2\n`;
  t.false(configOf(text).vrrpInstances[0]?.way.peersOnly);
  t.true(configOf(`${text}check_unicast_src = yes\n`).vrrpInstances[0]?.way.peersOnly);
});

test("printConfig() writes it so that it is read as the same", (t) => {
  const config = configOf(ALL + INSTANCE);
  t.deepEqual(configOf(printConfig(config)), config);
});

test("garp_extra_if is [all] SECONDS", (t) => {
  t.like(announced(`${INSTANCE}garp_extra_if = 5\n`), { extraMs: 5000, extraAll: false });
  t.deepEqual(linesOf(`${INSTANCE}garp_extra_if = every 5\n`), [
    '5: Cannot use garp_extra_if "every 5": it must be [all] SECONDS, and SECONDS is whole seconds from 0s to 86400s, such as 5, 2s, 250ms or 1m',
  ]);
});

test("an interface is in one garp_group, and a group without intervals is told", (t) => {
  t.deepEqual(
    linesOf(`${INSTANCE}[garp_group.A]
interface[] = eth0
garp_interval = 1
[garp_group.B]
interface[] = eth0
`),
    [
      "9: Cannot use interface eth0 twice: [garp_group.A] (line 6) has it already",
      "9: warning: [garp_group.B] has neither garp_interval nor gna_interval, so announcements on its interfaces have no pause at all",
    ],
  );
});
