// The TCP connection below a dialogue of lines or packets, with TLS from the start or from the middle.

import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { Target } from "../model.ts";
import type { CheckCommon } from "../model-common.ts";
import { shownBytes } from "../shown.ts";
import type { TlsUse } from "../types/tls.ts";
import { connectFailure, dropSocket, type Outcome } from "./attempt.ts";
import { lostBy } from "./dial.ts";
import { openTcp } from "./open.ts";
import { isTlsError, openTls, type TlsSummary, tlsFailure, warned } from "./open-tls.ts";

export type Wire = {
  /** From now on what comes in the clear is heard. */
  readonly listen: () => void;
  /** What comes after it is heard by TLS. */
  readonly startTls: (use: TlsUse, then: () => void) => void;
  readonly write: (bytes: string | Uint8Array) => void;
  /** A success says what the certificate warns of. */
  readonly warned: (outcome: Outcome) => Outcome;
  /** With a farewell a plain close, also when a login was refused: servers count what breaks off. null = breaks off. */
  readonly close: (farewell: string | Uint8Array | null) => void;
};

export function openWire(
  target: Target,
  config: CheckCommon,
  parts: {
    readonly onConnect: () => void;
    readonly onBytes: (bytes: Buffer) => void;
    /** The connection ended by itself or by its peer: "the connection closed". */
    readonly onLost: (how: string) => void;
    readonly end: (outcome: Outcome) => void;
  },
): Wire {
  const { end } = parts;
  const plain = openTcp(target, config);
  let tls: TLSSocket | undefined;
  let summary: TlsSummary | null = null;
  let connected = false;

  plain.on("connect", () => {
    connected = true;
    parts.onConnect();
  });
  plain.on("error", (error) => {
    if (connected) parts.onLost(howLost(error));
    else end(connectFailure(error));
  });
  plain.on("close", () => parts.onLost(CLOSED));

  function listen(socket: Socket): void {
    socket.on("data", parts.onBytes);
  }

  return {
    listen: () => listen(plain),
    startTls(use, then) {
      plain.removeAllListeners();
      plain.on("error", () => {});
      const ready = (stream: TLSSocket, shown: TlsSummary): void => {
        summary = shown;
        stream.on("error", (error: NodeJS.ErrnoException) => {
          if (isTlsError(error)) end(tlsFailure(error));
          else parts.onLost(howLost(error));
        });
        stream.on("close", () => parts.onLost(CLOSED));
        listen(stream);
        then();
      };
      tls = openTls(plain, use, { address: target.address }, { end, ready });
    },
    write: (bytes) => void (tls ?? plain).write(bytes),
    warned: (outcome) => warned(outcome, summary),
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

export const CLOSED = "the connection closed";

export function howLost(error: NodeJS.ErrnoException): string {
  return lostBy(error.code ?? error.message).how;
}

/** What a dialogue waits for, and what there is of it. */
export function unmet(awaited: string, rest: Buffer): string {
  return rest.length === 0 ? `no ${awaited}` : `no whole ${awaited}, only ${shownBytes(rest)}`;
}
