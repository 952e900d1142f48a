// The TCP connection below a dialogue of lines or packets, with TLS from the start or from the middle.

import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { bad } from "../databases/packets.ts";
import type { CheckCommon, Target } from "../model.ts";
import type { TlsUse } from "../model-stream.ts";
import { connectFailure, dropSocket, type Outcome } from "./attempt.ts";
import { openTcp } from "./open.ts";
import { isTlsError, openTls, tlsFailure } from "./open-tls.ts";

export type Wire = {
  /** From now on what comes in the clear is heard. */
  readonly listen: () => void;
  /** What comes after it is heard by TLS. */
  readonly startTls: (use: TlsUse, then: () => void) => void;
  readonly write: (bytes: string | Uint8Array) => void;
  /** With a farewell a plain close, also when a login was refused: servers count what breaks off. null = breaks off. */
  readonly close: (farewell: string | Uint8Array | null) => void;
};

export function openWire(
  target: Target,
  config: CheckCommon,
  parts: {
    readonly onConnect: () => void;
    readonly onBytes: (bytes: Buffer) => void;
    readonly end: (outcome: Outcome) => void;
  },
): Wire {
  const { end } = parts;
  const plain = openTcp(target, config);
  let tls: TLSSocket | undefined;
  let connected = false;

  plain.on("connect", () => {
    connected = true;
    parts.onConnect();
  });
  plain.on("error", (error) => end(connected ? lost(error) : connectFailure(error)));
  plain.on("close", () => end(bad("the connection closed before the end")));

  function listen(socket: Socket): void {
    socket.on("data", parts.onBytes);
  }

  return {
    listen: () => listen(plain),
    startTls(use, then) {
      plain.removeAllListeners();
      plain.on("error", () => {});
      const ready = (stream: TLSSocket): void => {
        stream.on("error", (error: NodeJS.ErrnoException) => {
          end(isTlsError(error) ? tlsFailure(error) : lost(error));
        });
        stream.on("close", () => end(bad("the connection closed before the end")));
        listen(stream);
        then();
      };
      tls = openTls(plain, use, { address: target.address }, { end, ready });
    },
    write: (bytes) => void (tls ?? plain).write(bytes),
    close(farewell) {
      const stream = tls ?? plain;
      stream.removeAllListeners("data");
      if (farewell !== null) {
        stream.write(farewell);
        stream.destroySoon();
      } else if (tls === undefined) dropSocket(plain);
      else {
        tls.destroy();
        plain.destroy();
      }
    },
  };
}

function lost(error: NodeJS.ErrnoException): Outcome {
  if (error.code === "ECONNRESET") return bad("the connection was reset");
  return bad(error.code ?? error.message);
}
