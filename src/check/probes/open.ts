// Sockets of probes: where they go, and how they leave this machine. The one door to the network for all probes.

import type { Socket as UdpSocket } from "node:dgram";
import { Socket } from "node:net";
import { tcpSocketFrom, udpSocketFrom } from "../../kernel/client-socket.ts";
import type { Target } from "../model.ts";
import type { CheckPlace } from "../model-common.ts";

type How = Pick<CheckPlace, "source">;

/** Connecting; "connect" or "error" follows. Throws when its source cannot be used. */
export function openTcp({ address, port }: Target, { source }: How): Socket {
  const socket = source === null ? new Socket() : tcpSocketFrom(source, familyOf(address));
  // An error after the end of a probe, or before a library listens, is nobody's.
  socket.on("error", () => {});
  return socket.connect({ host: address, port });
}

/** Connected when "connect" comes: hears only its target, and an ICMP error is an "error". Throws as openTcp(). */
export function openUdp({ address, port }: Target, { source }: How): UdpSocket {
  const socket = udpSocketFrom(source, familyOf(address));
  socket.on("error", () => {});
  socket.connect(port, address);
  return socket;
}

function familyOf(address: string): 4 | 6 {
  return address.includes(":") ? 6 : 4;
}
