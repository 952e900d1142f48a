import test from "ava";
import { causeMeaning, FAULT_CAUSES, TRANSITION_CAUSES } from "../../src/control/causes.ts";
import { DEGRADED_KINDS } from "../../src/control/degraded.ts";

const tables = { ...TRANSITION_CAUSES, ...FAULT_CAUSES, ...DEGRADED_KINDS };

test("causeMeaning() knows every cause and every reason of the status, with a name behind it too", (t) => {
  for (const code of Object.keys(tables)) t.truthy(causeMeaning(code), code);
  t.is(causeMeaning("track_script:chk"), FAULT_CAUSES.track_script);
  t.is(causeMeaning("constructor"), undefined);
  t.is(causeMeaning(""), undefined);
});
