// What the director role is given: this machine, or one of the tests.

import type { Probe } from "../../check/probes/index.ts";
import type { judgeForwarding } from "../../director/forwarding.ts";
import type { AddressSource } from "../../director/presence.ts";
import type { DirectorIpvs } from "../../director/settings.ts";
import type { AskWay } from "../../director/ways.ts";
import type { Nftables } from "../../kernel/nftables.ts";
import type { Clock } from "../../lib/clock.ts";
import type { openBusClient } from "../process/bus.ts";
import type { RoleContext } from "../process/role.ts";

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
