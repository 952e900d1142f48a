// Beyond RFC 5798: a faster witness than the adverts (a BFD session) says that the master's host is gone.

import test from "ava";
import { deadlineMs, step } from "../../src/vrrp/machine.ts";
import { INITIAL, type Input, type State } from "../../src/vrrp/states.ts";
import { advert, backup, config, master, told } from "./router.ts";

const MASTER_ADDRESS = "198.51.100.20";
const promote: Input = { type: "promote", nowMs: 1200, address: MASTER_ADDRESS };

function backupOfMaster(): State {
  return step(config, backup(), advert(1000, { source: MASTER_ADDRESS })).state;
}

test("promote: a backup whose master is gone takes over at once", (t) => {
  const after = step(config, backupOfMaster(), promote);

  t.deepEqual(told(after.actions), [
    "send-advert 100",
    "hold",
    "announce new-master",
    "transition BACKUP MASTER bfd_session_down",
  ]);
  t.is(deadlineMs(after.state), 1200 + config.advertIntervalMs);
});

test("promote: the death of a host that is not the master moves nothing, not even the timer", (t) => {
  const state = backupOfMaster();

  const after = step(config, state, { ...promote, address: "198.51.100.30" });

  t.deepEqual(after, { state, actions: [] });
});

test("promote: a backup that has heard no master yet waits for its timer", (t) => {
  const state = backup();

  t.deepEqual(step(config, state, promote), { state, actions: [] });
});

test("promote: nopreempt is about living masters", (t) => {
  const calm = { ...config, preempt: false };
  const state = step(calm, backup(calm), advert(1000, { priority: 1 })).state;

  t.is(step(calm, state, promote).state.name, "MASTER");
});

test("promote: it means nothing in INIT, FAULT and MASTER", (t) => {
  const fault: State = { name: "FAULT", faults: ["interface_down"] };
  for (const state of [INITIAL, fault, master()]) {
    t.deepEqual(step(config, state, promote), { state, actions: [] });
  }
});

test("promote: a master that lives after all takes the addresses back", (t) => {
  const promoted = step(config, backupOfMaster(), promote).state;

  const after = step(config, promoted, advert(1250, { source: MASTER_ADDRESS }));

  t.is(after.state.name, "BACKUP");
  t.is(told(after.actions)[0], "release");
});
