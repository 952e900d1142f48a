// A server of datagrams on a loopback address: it answers as a test says.

import { createSocket } from "node:dgram";
import type { ExecutionContext } from "ava";

export type UdpServer = { readonly port: number; readonly heard: readonly Buffer[] };

/** Each datagram gets all the answers, in their order. */
export async function openUdpServer(
  t: ExecutionContext,
  answers: (question: Buffer) => readonly Buffer[],
  address = "127.0.0.1",
): Promise<UdpServer> {
  const heard: Buffer[] = [];
  const socket = createSocket(address.includes(":") ? "udp6" : "udp4");
  socket.on("message", (question, from) => {
    heard.push(question);
    for (const answer of answers(question)) socket.send(answer, from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, address, resolve));
  t.teardown(async () => new Promise<void>((resolve) => socket.close(() => resolve())));
  return { port: socket.address().port, heard };
}

/** A port of 127.0.0.1 that nobody has: it was ours a moment ago. */
export async function closedUdpPort(): Promise<number> {
  const socket = createSocket("udp4");
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return port;
}
