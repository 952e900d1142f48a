// Runs bad servers on 127.0.0.1 for bad-servers.ts, until the channel closes.

import { createSocket } from "node:dgram";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { type BadTcp, type BadUdpBehaviour, behaviourOf, datagramsOf } from "./bad-behaviours.ts";

export type BadOrder =
  | { readonly kind: "tcp"; readonly what: BadTcp }
  | { readonly kind: "udp"; readonly what: BadUdpBehaviour }
  | { readonly kind: "count"; readonly port: number }
  | { readonly kind: "close"; readonly port: number };

export type BadCounts = {
  readonly port: number;
  readonly connections: number;
  readonly sentBytes: number;
};

type Open = { readonly counts: () => Omit<BadCounts, "port">; readonly close: () => Promise<void> };

const servers = new Map<number, Open>();

process.on("disconnect", () => process.exit());
process.on("message", ({ id, order }: { readonly id: number; readonly order: BadOrder }) => {
  void obey(order).then((counts) => process.send?.({ id, counts }));
});

async function obey(order: BadOrder): Promise<BadCounts> {
  if (order.kind === "tcp") return countsOf(await openTcp(order.what));
  if (order.kind === "udp") return countsOf(await openUdp(order.what));
  if (order.kind === "close") await servers.get(order.port)?.close();
  return countsOf(order.port);
}

function countsOf(port: number): BadCounts {
  return { port, ...(servers.get(port)?.counts() ?? { connections: 0, sentBytes: 0 }) };
}

async function openTcp(what: BadTcp): Promise<number> {
  const behave = behaviourOf(what);
  const sockets = new Set<Socket>();
  let sentBytes = 0;
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
    // The other half stays open as long as the client wants; what it sends is read away.
    socket.on("end", () => socket.end());
    behave(socket, (bytes) => {
      if (!socket.writable) return false;
      sentBytes += bytes.length;
      return socket.write(bytes);
    });
    socket.resume();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  servers.set(port, {
    counts: () => ({ connections: sockets.size, sentBytes }),
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  });
  return port;
}

async function openUdp(what: BadUdpBehaviour): Promise<number> {
  const answersTo = datagramsOf(what);
  const socket = createSocket("udp4");
  let sentBytes = 0;
  socket.on("error", () => {});
  socket.on("message", (bytes, { address, port }) => {
    for (const answer of answersTo(bytes)) {
      sentBytes += answer.length;
      socket.send(answer, port, address);
    }
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  const { port } = socket.address();
  servers.set(port, {
    counts: () => ({ connections: 0, sentBytes }),
    async close() {
      await new Promise<void>((resolve) => socket.close(resolve));
    },
  });
  return port;
}
