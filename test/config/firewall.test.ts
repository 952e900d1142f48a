import test from "ava";
import { printConfig } from "../../src/config/print.ts";
import { configOf, INSTANCE, linesOf, SERVICE } from "./helpers.ts";

test("accept and no_accept are one setting, and printed so that it reads the same", (t) => {
  const accepts = (more: string): boolean | undefined =>
    configOf(`${INSTANCE}${more}`).vrrpInstances[0]?.holds.accept;
  t.true(accepts(""));
  t.true(accepts("accept"));
  t.false(accepts("no_accept"));
  t.false(accepts("accept = no"));
  t.true(accepts("no_accept = no"));
  const config = configOf(
    `[global]\nnftables = mine\nnftables_priority = 7\nnftables_counters\n${INSTANCE}no_accept`,
  );
  t.deepEqual(config.global.nftables, { table: "mine", priority: 7, counters: true });
  t.deepEqual(configOf(printConfig(config)), config);
});

test("the two words must not contradict each other", (t) => {
  t.deepEqual(linesOf(`${INSTANCE}accept\nno_accept`), [
    "6: Cannot use accept and no_accept that contradict each other: leave one of them out",
  ]);
});

test("the owner of the addresses answers at them (RFC 5798 §6.4.3)", (t) => {
  const owner = INSTANCE.replace("10.0.0.100/24", "10.0.0.1/24");
  const text = `${owner}priority = 255\nno_accept`;
  t.regex(linesOf(text).join(), /^6: warning: no_accept is ignored with priority 255/);
  t.true(configOf(text).vrrpInstances[0]?.holds.accept);
});

test("rules in front of IPVS would take its packets", (t) => {
  const text = (priority: string): string =>
    `[global]\n${priority}\n${INSTANCE}no_accept\n${SERVICE}`;
  t.deepEqual(linesOf(text("")), []);
  t.deepEqual(linesOf(text("nftables_priority = 200")), []);
  t.regex(
    linesOf(text("nftables_priority = -1")).join(),
    /^2: Cannot use nftables_priority -1 with no_accept in \[vrrp_instance.VI_1\]: \[virtual_server.web\] would get nothing/,
  );
});

test("strict_mode: a master answers at its own addresses only, and says so where it is written otherwise", (t) => {
  t.false(configOf(`${INSTANCE}strict_mode`).vrrpInstances[0]?.holds.accept);
  const asked = `${INSTANCE}strict_mode\naccept`;
  t.false(configOf(asked).vrrpInstances[0]?.holds.accept);
  t.regex(linesOf(asked).join(), /^6: warning: Cannot keep accept yes with strict_mode/);
  t.deepEqual(linesOf(`${INSTANCE}strict_mode\nno_accept`), []);
});
