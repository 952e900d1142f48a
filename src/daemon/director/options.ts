// What the director role is given: this machine, or one of the tests.

import type { Probe } from "../../check/probes/index.ts";
import type { Nftables } from "../../kernel/nftables.ts";
import type { Clock } from "../../lib/clock.ts";
import type { openBusClient } from "../process/bus.ts";
import type { RoleContext } from "../process/role.ts";
import type { judgeForwarding } from "./forwarding.ts";
import type { AddressSource } from "./presence.ts";
import type { DirectorIpvs } from "./settings.ts";
import type { AskWay } from "./ways.ts";

export type DirectorOptions = {
  readonly context: RoleContext;
  readonly clock: Clock;
  /** Of the checkers, for which some milliseconds are as good as none; left out = `clock`. */
  readonly checkClock?: Clock;
  /** For tests: the kernel's table, the probes and the bus of a machine that is not this one. */
  readonly open?: () => DirectorIpvs;
  readonly probe?: Probe;
  /** 0 to 1: when checks begin. */
  readonly random?: () => number;
  readonly openBus?: typeof openBusClient;
  readonly addresses?: AddressSource;
  readonly forwarding?: typeof judgeForwarding;
  readonly nftables?: () => Nftables;
  readonly askWay?: AskWay;
};
