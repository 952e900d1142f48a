// The way to a server's stream: TCP, and TLS above it when the check wants it.

import type { Socket } from "node:net";
import { errorText } from "../../lib/errors.ts";
import type { Target } from "../model.ts";
import type { CheckConfig } from "../types/index.ts";
import type { TlsUse } from "../types/tls.ts";
import { type Awaits, connectFailure, dropSocket, type Outcome, type Release } from "./attempt.ts";
import { openTcp } from "./open.ts";
import { isTlsError, openTls, type TlsSummary, tlsFailure } from "./open-tls.ts";

export type Dialling = {
  readonly tls: TlsUse | null;
  /** With TLS, what the server has to choose. */
  readonly alpn?: readonly string[];
  readonly end: (outcome: Outcome) => void;
  readonly awaits: Awaits;
  /** From here on the errors of the stream are for the caller: see onLost(). */
  readonly ready: (stream: Socket, tls: TlsSummary | null) => void;
};

/** The release resets what is still open (closes, with TLS); a caller that is content destroys the stream first. */
export function dial(target: Target, config: CheckConfig, dialling: Dialling): Release {
  const { tls, alpn, end, awaits, ready } = dialling;
  awaits("connection");
  const socket = openTcp(target, config);
  let secure: Socket | undefined;
  const onError = (error: Error): void => end(connectFailure(error));
  const onClose = (): void => end({ ok: false, cause: "connect_failed", detail: "closed" });
  socket.on("error", onError);
  socket.on("close", onClose);
  socket.once("connect", () => {
    socket.off("error", onError);
    socket.off("close", onClose);
    // What becomes of a socket below TLS is told by the one above.
    socket.on("error", () => {});
    if (tls === null) handOver(socket, null);
    else secure = secured(socket, tls);
  });

  /** Also what throws inside of a callback is an end. */
  function handOver(stream: Socket, summary: TlsSummary | null): void {
    awaits("answer");
    try {
      ready(stream, summary);
    } catch (error) {
      end({ ok: false, cause: "internal", detail: errorText(error) });
    }
  }

  function secured(below: Socket, use: TlsUse): Socket | undefined {
    awaits("TLS handshake");
    const place = { address: target.address, ...(alpn === undefined ? {} : { alpn }) };
    return openTls(below, use, place, { end, ready: handOver });
  }

  return () => {
    // The socket below is TLS's to close: a reset under it would be a use after free in Node.
    if (secure !== undefined) secure.destroy();
    else dropSocket(socket);
  };
}

/** By the name of an errno; null = by the end of what the server says. */
export function lostBy(code: string | null): Lost {
  if (code === null) return { how: "the server closed the connection", isEnd: true };
  return { how: code === "ECONNRESET" ? "the connection was reset" : code };
}

/** Told once, when the stream ends by itself or by its peer. */
export function onLost(stream: Socket, told: (lost: Lost) => void): void {
  let lost: Lost | undefined;
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (isTlsError(error)) lost ??= { cause: "tls_failed", how: tlsFailure(error).detail };
    else lost ??= lostBy(error.code ?? error.message);
  });
  stream.on("close", () => told(lost ?? lostBy(null)));
}

export type Lost = {
  readonly how: string;
  readonly cause?: "tls_failed";
  /** The server has said all that it wanted to. */
  readonly isEnd?: true;
};
