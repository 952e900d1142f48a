// A server of lines on 127.0.0.1: it greets, and answers each line by the first word that it knows.

import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer, type Server, type Socket } from "node:net";
import { createSecureContext, TLSSocket } from "node:tls";
import type { ExecutionContext } from "ava";
import type { Certificate } from "./certificates.ts";

export type LineServer = {
  readonly port: number;
  /** Every line that was heard, of all connections. */
  readonly heard: string[];
  readonly connections: () => number;
};

export type LineScript = {
  readonly banner: string | null;
  /** The beginning of a line -> what is answered, as it is; null = the connection is closed. */
  readonly answers: Readonly<Record<string, string | null>>;
  /** After the answer to the line that begins so; null = from the first byte on. */
  readonly tls?: { readonly after: string | null; readonly certificate: Certificate };
};

export async function openLineServer(t: ExecutionContext, script: LineScript): Promise<LineServer> {
  const heard: string[] = [];
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
    serve(script.tls?.after === null ? secured(socket) : socket, script.banner);
  });

  function secured(socket: Socket): Socket {
    const { cert = "", key = "" } = script.tls?.certificate ?? {};
    const secureContext = createSecureContext({ key: readFileSync(key), cert: readFileSync(cert) });
    return new TLSSocket(socket, { isServer: true, secureContext });
  }

  function serve(socket: Socket, banner: string | null): void {
    let rest = "";
    socket.on("error", () => {});
    if (banner !== null) socket.write(banner);
    socket.on("data", function hear(bytes: Buffer) {
      rest += bytes.toString("latin1");
      for (let end = rest.indexOf("\r\n"); end >= 0; end = rest.indexOf("\r\n")) {
        const line = rest.slice(0, end);
        rest = rest.slice(end + 2);
        heard.push(line);
        const word = Object.keys(script.answers).find((start) => line.startsWith(start));
        if (word === undefined) continue;
        const answer = script.answers[word] ?? null;
        if (answer === null) {
          socket.end();
          return;
        }
        if (word === script.tls?.after) {
          socket.off("data", hear);
          socket.write(answer);
          serve(secured(socket), null);
          return;
        }
        socket.write(answer);
      }
    });
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.teardown(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    port: (server.address() as AddressInfo).port,
    heard,
    connections: () => sockets.size,
  };
}
