// Timeouts and sync daemons as `ipvsadm -L --timeout` and `ipvsadm -L --daemon` print them.

import type { SyncDaemon, Timeouts } from "../model.ts";

export function timeoutsText({ tcpS, tcpFinS, udpS }: Timeouts): string {
  return `Timeout (tcp tcpfin udp): ${tcpS} ${tcpFinS} ${udpS}\n`;
}

/** A line for each, in the kernel's order; nothing when none runs. */
export function daemonsText(daemons: readonly SyncDaemon[]): string {
  return daemons.map((daemon) => `${daemonText(daemon)}\n`).join("");
}

function daemonText(daemon: SyncDaemon): string {
  const { state, maxLengthBytes, group, port, ttl } = daemon;
  const facts = [
    `mcast=${daemon.interface}`,
    `syncid=${daemon.syncId}`,
    ...(maxLengthBytes === undefined ? [] : [`maxlen=${maxLengthBytes}`]),
    ...(group === undefined ? [] : [`group=${group}`]),
    ...(port === undefined ? [] : [`port=${port}`]),
    ...(ttl === undefined ? [] : [`ttl=${ttl}`]),
  ];
  return `${state} sync daemon (${facts.join(", ")})`;
}
