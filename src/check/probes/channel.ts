// The bytes to and from a server: of a bare connection, which costs little more than its system calls, or of TLS.

import { openTcpStream, type TcpStream } from "../../kernel/tcp-stream.ts";
import { errorText } from "../../lib/errors.ts";
import type { Target } from "../model.ts";
import type { CheckConfig } from "../types/index.ts";
import type { TlsUse } from "../types/tls.ts";
import { type Awaits, connectFailure, type Outcome, type Release } from "./attempt.ts";
import { dial, type Lost, lostBy, onLost } from "./dial.ts";
import type { TlsSummary } from "./open-tls.ts";

export type Channel = {
  /** `onSent`: the kernel took all that was written so far. */
  readonly write: (bytes: Uint8Array, onSent?: () => void) => void;
  /** Nothing more is heard until resume(); what was lost meanwhile is told then. */
  readonly pause: () => void;
  readonly resume: () => void;
  /** A plain close, of who has heard all: a reset would look like an error in the server's log. */
  readonly close: () => void;
};

export type Hearing = {
  /** Only valid during the call. */
  readonly onBytes: (bytes: Buffer) => void;
  /** The stream ended by itself or by its peer. */
  readonly onLost: (lost: Lost) => void;
};

export type Opening = {
  readonly tls: TlsUse | null;
  /** With TLS, what the server has to choose. */
  readonly alpn?: readonly string[];
  readonly end: (outcome: Outcome) => void;
  readonly awaits: Awaits;
  /** Connected; null = whatever comes is of no interest. */
  readonly ready: (channel: Channel, tls: TlsSummary | null) => Hearing | null;
};

/** The release resets what is still open (closes, with TLS). What throws inside is an end. */
export function openChannel(target: Target, config: CheckConfig, opening: Opening): Release {
  return opening.tls === null
    ? openBare(target, config, opening)
    : openSecure(target, config, opening);
}

function openBare(
  { address, port }: Target,
  { source }: CheckConfig,
  { end, awaits, ready }: Opening,
): Release {
  awaits("connection");
  let hearing: Hearing | null | undefined;
  let stream: TcpStream | undefined;

  function guarded(act: () => void): void {
    try {
      act();
    } catch (error) {
      end({ ok: false, cause: "internal", detail: errorText(error) });
    }
  }

  const events = {
    onConnected: () =>
      guarded(() => {
        awaits("answer");
        const channel: Channel = {
          write: (bytes, onSent) => stream?.write(bytes, onSent),
          pause: () => stream?.pause(),
          resume: () => stream?.resume(),
          close: () => stream?.close("plain"),
        };
        hearing = ready(channel, null);
      }),
    onBytes: (bytes: Buffer) => guarded(() => hearing?.onBytes(bytes)),
    onLost: (code: string | null) => {
      if (hearing === undefined) end(connectFailure(code));
      else guarded(() => hearing?.onLost(lostBy(code)));
      stream?.close("plain");
    },
  };
  stream = openTcpStream({ address, port, source }, events);
  return () => stream?.close("reset");
}

function openSecure(
  target: Target,
  config: CheckConfig,
  { tls, alpn, end, awaits, ready }: Opening,
): Release {
  return dial(target, config, {
    tls,
    ...(alpn && { alpn }),
    end,
    awaits,
    ready(socket, summary) {
      const channel: Channel = {
        write: (bytes, onSent) =>
          void socket.write(bytes, (error) => {
            if (!error) onSent?.();
          }),
        pause: () => void socket.pause(),
        resume: () => void socket.resume(),
        close: () => void socket.destroy(),
      };
      // What is written by the one who is ready is answered later.
      const hearing = ready(channel, summary);
      if (hearing === null) return;
      socket.on("data", (bytes: Buffer) => {
        try {
          if (!socket.destroyed) hearing.onBytes(bytes);
        } catch (error) {
          end({ ok: false, cause: "internal", detail: errorText(error) });
        }
      });
      onLost(socket, hearing.onLost);
    },
  });
}
