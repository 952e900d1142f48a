// duet and a real keepalived as a pair, VRRP version 2.

import test from "ava";
import { openPair } from "../helpers/daemon-pair.ts";
import { declarePeerScenarios } from "../helpers/peer-scenarios.ts";

declarePeerScenarios(test, await openPair(test), { version: 2, advertS: 1 });
