// strict_mode, point by point: what it overrides, and what it refuses.

import test from "ava";
import { printConfig } from "../../src/config/print.ts";
import { configOf, INSTANCE, linesOf } from "./helpers.ts";

const STRICT = `${INSTANCE}strict_mode = yes\n`;

function instanceOf(text: string): ReturnType<typeof configOf>["vrrpInstances"][number] {
  const [instance] = configOf(text).vrrpInstances;
  if (instance === undefined) throw new Error("no instance");
  return instance;
}

test("what strict_mode makes of an instance that says nothing", (t) => {
  const { vrrp, announce } = instanceOf(STRICT);
  t.deepEqual(vrrp.policy, {
    downTimerAdverts: 3,
    learnsTimes: 4,
    preemptDelayMs: 0,
    answersLower: false,
    saysFarewell: false,
    ownerIgnoresAdverts: true,
    bestOther: 254,
    expiredIsBackup: false,
    comparesOnce: false,
  });
  t.deepEqual([announce.lowerRepeat, announce.lowerDelayMs], [0, 0]);
  t.deepEqual(linesOf(STRICT), []);
});

test("vrrp_strict is for the instances that do not say", (t) => {
  const globals = "[global]\nvrrp_strict = yes\n";
  t.false(instanceOf(globals + INSTANCE).vrrp.policy.answersLower);
  t.true(instanceOf(`${globals}${INSTANCE}strict_mode = no\n`).vrrp.policy.answersLower);
});

for (const [line, says] of [
  [
    "auth_pass = s3cret",
    "auth_pass with strict_mode, it is ignored: RFC 3768 §10 has no authentication",
  ],
  [
    "preempt_delay = 5",
    "preempt_delay with strict_mode, it is 0: a router of higher priority takes over when the timer ends (RFC 5798 §6.4.2)",
  ],
  [
    "down_timer_adverts = 2",
    "down_timer_adverts with strict_mode, it is 3: Master_Down_Interval is three intervals and the skew (RFC 5798 §6.1)",
  ],
  [
    "lower_prio_no_advert = no",
    "lower_prio_no_advert with strict_mode, it is yes: an advert of lower priority is discarded (RFC 5798 §6.4.3)",
  ],
  [
    "higher_prio_send_advert = yes",
    "higher_prio_send_advert with strict_mode, it is no: who hears a better master says nothing more (RFC 5798 §6.4.3)",
  ],
  [
    "garp_lower_prio_repeat = 3",
    "garp_lower_prio_repeat with strict_mode, it is 0: a new master announces, nobody else (RFC 5798 §6.4.3)",
  ],
  [
    "garp_lower_prio_delay = 3",
    "garp_lower_prio_delay with strict_mode, it is 0: a new master announces, nobody else (RFC 5798 §6.4.3)",
  ],
  [
    "owner_ignore_adverts = no",
    "owner_ignore_adverts with strict_mode, it is yes: the owner of the addresses hears nobody (RFC 5798 §7.1)",
  ],
] as const) {
  test(`strict_mode overrides ${line}, and says so`, (t) => {
    const plain = instanceOf(STRICT);
    t.deepEqual(instanceOf(`${STRICT}${line}\n`), plain);
    t.deepEqual(linesOf(`${STRICT}${line}\n`), [`6: warning: Cannot keep ${says}`]);
    t.notDeepEqual(
      linesOf(`${INSTANCE}strict_mode = no\n${line}\n`),
      linesOf(`${STRICT}${line}\n`),
    );
  });
}

test("strict_mode enforces signatures", (t) => {
  const key = "auth_hmac_key[] = 1 0123456789abcdef0123456789abcdef\nauth_hmac_active_key = 1\n";
  const text = `${STRICT}${key}auth_hmac_mode = permissive\n`;
  t.is(instanceOf(text).vrrp.auth.hmac?.mode, "enforce");
  t.deepEqual(linesOf(text), [
    "8: warning: Cannot keep auth_hmac_mode with strict_mode, it is enforce: what is signed is signed on both sides",
  ]);
});

test("strict_mode: state MASTER is for priority 255 and for nobody else", (t) => {
  const master = `${STRICT}state = MASTER\npriority = 150\nnopreempt = yes\n`;
  const { vrrp } = instanceOf(master);
  t.deepEqual([vrrp.initialState, vrrp.priority, vrrp.preempt], ["BACKUP", 150, false]);
  t.deepEqual(linesOf(master), [
    "6: warning: Cannot keep state MASTER with strict_mode, it is BACKUP: MASTER is for the owner of the addresses, who has priority 255, and for nobody else (RFC 5798 §6.4.1)",
  ]);
  const own = STRICT.replace("10.0.0.100", "10.0.0.1");
  t.is(instanceOf(`${own}priority = 255\n`).vrrp.initialState, "MASTER");
  t.deepEqual(linesOf(`${own}priority = 255\n`), []);
  t.is(instanceOf(`${own}state = MASTER\n`).vrrp.priority, 255);
});

test("strict_mode refuses an advert without addresses", (t) => {
  const text = INSTANCE.replace("virtual_ipaddress[] = 10.0.0.100/24", "no_virtual_ipaddress");
  t.deepEqual(linesOf(text), []);
  t.deepEqual(linesOf(`${text}strict_mode = yes\n`), [
    "4: Cannot use no_virtual_ipaddress with strict_mode: an advert tells at least one address (RFC 5798 §5.2.5)",
  ]);
});

test("strict_mode refuses peers on an interface that knows multicast", (t) => {
  const peers = `${STRICT}unicast_peer[] = 10.0.0.2\n`;
  t.deepEqual(linesOf(peers), [
    "6: Cannot use unicast_peer with strict_mode on eth0: adverts go to the multicast group (RFC 5798 §5.1.1.2), and this interface can",
  ]);
  t.deepEqual(linesOf(peers, { deviceFlags: (device) => (device === "eth0" ? 0x1 : 0x1001) }), []);
});

test("strict_mode wants a link-local first IPv6 address, where others are warned", (t) => {
  const inet6 = (first: string): string => STRICT.replace("10.0.0.100/24", first);
  t.deepEqual(linesOf(inet6("fe80::64/64")), []);
  t.deepEqual(linesOf(inet6("2001:db8::64/64")), [
    "4: Cannot use virtual_ipaddress 2001:db8::64 first with strict_mode: it must be link-local, such as fe80::1 (RFC 5798 §5.2.9)",
  ]);
  t.deepEqual(linesOf(`${inet6("fe80::64/64")}version = 2\n`), [
    "6: Cannot use version 2 with IPv6 addresses: it must be 3 (RFC 5798)",
  ]);
});

test("printConfig() of a strict instance is read as the same", (t) => {
  const config = configOf(`${STRICT}preempt_delay = 5\nauth_pass = s3cret\n`);
  t.deepEqual(configOf(printConfig(config)), config);
});

test("strict_mode: a master answers at its addresses only when that is written, in version 3", (t) => {
  const accepts = (more: string): boolean => instanceOf(`${STRICT}${more}\n`).holds.accept;
  t.false(accepts(""));
  t.false(accepts("version = 3"));
  t.true(accepts("version = 3\naccept"));
  t.true(accepts("version = 3\nno_accept = no"));
  t.deepEqual(linesOf(`${STRICT}version = 3\naccept\n`), []);
  t.false(accepts("accept"));
  t.deepEqual(linesOf(`${STRICT}accept\n`), [
    "6: warning: Cannot keep accept yes with strict_mode in version 2, nobody is answered: RFC 3768 §6.4.3 lets only the owner of the addresses answer at them (version 3 takes accept)",
  ]);
  const own = STRICT.replace("10.0.0.100", "10.0.0.1");
  t.true(instanceOf(`${own}priority = 255\n`).holds.accept);
});
