// Servers on 127.0.0.1 that answer as a test says, and count who is still connected.

import { type AddressInfo, createServer, type Socket } from "node:net";

export type TestServer = {
  readonly port: number;
  /** What each connection sent first. */
  readonly requests: string[];
  readonly connections: () => number;
  readonly close: () => Promise<void>;
};

/** Calls `answer` at the first bytes of each connection. */
export async function openServer(answer: (socket: Socket) => void): Promise<TestServer> {
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
    socket.once("data", (bytes) => {
      requests.push(bytes.toString("latin1"));
      answer(socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    connections: () => sockets.size,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A port that nobody listens on: it was ours a moment ago. */
export async function refusedPort(): Promise<number> {
  const server = await openServer(() => {});
  await server.close();
  return server.port;
}
