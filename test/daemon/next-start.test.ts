import test from "ava";
import { waitsForStart } from "../../src/daemon/guardian/reload.ts";
import { configWith, instanceConfig } from "../helpers/desk-fixtures.ts";

test("waitsForStart() names what a reload cannot change, and nothing else", (t) => {
  const before = configWith();
  t.deepEqual(waitsForStart(before, configWith({ vrrpInstances: [instanceConfig("A")] })), []);
  const { notify } = before;
  const startupScript = { command: "/etc/duet/start", timeoutMs: 1000 };
  const after = configWith({
    notify: { ...notify, startupScript },
    startDelay: { startupMs: 5000, afterBootMs: 0 },
  });
  t.deepEqual(waitsForStart(before, after), ["startup_script", "vrrp_startup_delay"]);
});
