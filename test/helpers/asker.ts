// A client in another place that asks an address every few milliseconds, and who answers it here.

import { createSocket } from "node:dgram";
import { once } from "node:events";
import { linesOf, type Place, type Teardown } from "./daemon-place.ts";
import { eventually } from "./wait.ts";

export type Asker = {
  /** Stops asking: how many questions there were and how many were not answered, those before the first answer too. */
  readonly end: () => Promise<{ readonly sent: number; readonly lost: number }>;
};

/** Answers on every address of this process' network. Returns the port. */
export async function openAnswerer(t: Teardown): Promise<number> {
  const socket = createSocket("udp4");
  socket.on("message", (bytes, { port, address }) => socket.send(bytes, port, address));
  socket.bind(0);
  await once(socket, "listening");
  t.teardown(() => void socket.close());
  return socket.address().port;
}

/** Resolves when the first answer has come. */
export async function ask(
  t: Teardown,
  place: Place,
  options: { readonly address: string; readonly port: number; readonly periodMs: number },
): Promise<Asker> {
  const { address, port, periodMs } = options;
  const program = "build/test/helpers/udp-client.js";
  const child = place.spawn(process.execPath, [program, address, String(port), String(periodMs)]);
  const lines: string[] = [];
  linesOf(child.stdout, (line) => lines.push(line));
  t.teardown(() => void child.kill("SIGKILL"));
  await eventually("the first answer", () => lines.includes("answered"));
  return {
    async end() {
      child.kill("SIGTERM");
      await once(child, "close");
      return JSON.parse(lines.at(-1) ?? "") as { sent: number; lost: number };
    },
  };
}
