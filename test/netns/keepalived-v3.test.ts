// duet and a real keepalived as a pair, VRRP version 3.

import test from "ava";
import { openPair } from "../helpers/daemon-pair.ts";
import { openMetronome } from "../helpers/metronome.ts";
import {
  // Not shorter: a master whose process gets no processor for as long as a backup waits lets go, and that is right.
  declarePeerScenarios,
} from "../helpers/peer-scenarios.ts";

const pair = await openPair(test);
// Not shorter: a master whose process gets no processor for as long as a backup waits lets go, and that is right.
declarePeerScenarios(test, pair, openMetronome(test), { version: 3, advertS: 0.5 });
