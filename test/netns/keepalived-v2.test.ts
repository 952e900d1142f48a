// duet and a real keepalived as a pair, VRRP version 2.

import test from "ava";
import { openPair } from "../helpers/daemon-pair.ts";
import { openMetronome } from "../helpers/metronome.ts";
import { declarePeerScenarios } from "../helpers/peer-scenarios.ts";

const pair = await openPair(test);
declarePeerScenarios(test, pair, openMetronome(test), { version: 2, advertS: 1 });
