// Every cause that duet gives for a transition or a FAULT, with what it means: one table for help, the README and tests.
// The reasons of `degraded` have theirs in degraded.ts; causeMeaning() finds both.

import type { FaultCause, TransitionCause } from "../vrrp/model.ts";
import { DEGRADED_KINDS } from "./degraded.ts";

/** Why an instance changed its state: `cause` of "state changed", of the events and of the status. */
export const TRANSITION_CAUSES: Readonly<Record<TransitionCause, string>> = {
  startup:
    "duet started, or the instance was added by a reload; it listens before it may become MASTER",
  startup_as_owner: "duet started, and priority 255 (the owner of the addresses) does not wait",
  master_down_timer:
    "no advert of a master was heard for three intervals and the skew (Master_Down_Interval): it is dead, cut off, or there was none",
  master_priority_fell:
    "the master lives, but says a lower priority than before, below ours: something that it tracks has failed there",
  own_priority_rose:
    "the master lives and says what it said before, but our priority is above it now: something that we track works again, or the configuration changed",
  lower_master_preempted:
    "this node has the higher priority and takes over from a master that lives (preempt)",
  bfd_session_down: "the BFD session of bfd_promote lost the master",
  priority_zero_received: "the master said that it goes (an advert of priority 0)",
  higher_priority_advert: "another node with a higher priority says that it is master",
  equal_priority_higher_address:
    "another node with the same priority and a higher address says that it is master",
  second_owner:
    "another node with priority 255 does not give way: two nodes are configured as owner",
  switchover:
    "somebody asked for a switchover: the other node has taken over, and this one waits until that one is gone",
  stalled:
    "this process did not run for so long that another node must have taken over: it let go without a word",
  adverts_not_sent:
    "our adverts did not leave this machine for so long that another node became master, and it was heard: one owner only",
  sync_group: "another member of the sync group is not MASTER, and members are MASTER together",
  fault: "something that the instance needs is missing or has failed: see faults",
  fault_cleared: "nothing is wrong any more",
  shutdown: "duet stops, or a reload removed the instance",
};

type FaultCode = FaultCause extends infer Cause
  ? Cause extends `${infer Kind}:${string}`
    ? Kind
    : Cause
  : never;

/** What keeps an instance in FAULT, the part before the colon; a name follows it where it is about one. */
export const FAULT_CAUSES: Readonly<Record<FaultCode, string>> = {
  interface_missing: "the interface of the instance does not exist",
  interface_down: "the interface of the instance is down or has no carrier",
  no_source_address: "the interface has no address that adverts could be sent from",
  source_is_virtual:
    "the only address of the interface is configured as a virtual one, which whoever is not master must not have, unless it is the owner (priority 255): give the interface another one",
  virtual_interface_missing: "the interface of use_vmac or use_ipvlan could not be made",
  addresses_not_held: "none of the virtual addresses could be put on: see not_held",
  no_unicast_peer: "unicast_peer is wanted and none is configured",
  track_interface: "a tracked interface is down",
  track_script: "a tracked script has failed",
  track_file: "a tracked file says so, or cannot be read",
  track_process: "a tracked process does not run, or runs too often",
  track_bfd: "a tracked BFD session is down",
  track_group:
    "a static address, route or rule of a tracked group is not there, or its interface is down",
  track_virtual_server:
    "a tracked virtual server has no quorum or is not in the kernel's table, or the director role that would tell is gone",
  sync_group: "another member of the sync group is in FAULT",
};

/** Undefined = there is no such cause; "track_script:chk" is found as well. */
export function causeMeaning(cause: string): string | undefined {
  const [code = ""] = cause.split(":");
  return (
    meaningIn(TRANSITION_CAUSES, code) ??
    meaningIn(FAULT_CAUSES, code) ??
    meaningIn(DEGRADED_KINDS, code)
  );
}

function meaningIn(table: Readonly<Record<string, string>>, code: string): string | undefined {
  return Object.hasOwn(table, code) ? table[code] : undefined;
}
