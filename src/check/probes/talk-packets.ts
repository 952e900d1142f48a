// Holds a dialogue of packets with a server over TCP, with TLS where the dialogue starts it.

import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { bad, type PacketMove, type PacketProtocol, type Take } from "../databases/packets.ts";
import type { CheckCommon, ProbeResult, Target } from "../model.ts";
import type { TlsUse } from "../model-stream.ts";
import { attempt, connectFailure, dropSocket, type Outcome, type ProbeContext } from "./attempt.ts";
import { openTcp } from "./open.ts";
import { openTls, tlsFailure } from "./open-tls.ts";

export function talkPackets<P, Said>(
  protocol: PacketProtocol<P, Said>,
): (
  target: Target,
  config: CheckCommon & { readonly tls: TlsUse | null } & Said,
  context: ProbeContext,
) => Promise<ProbeResult> {
  return async (target, config, context) =>
    attempt({ timeoutMs: config.timeoutMs, ...context }, (report) => {
      const plain = openTcp(target, config);
      const dialogue = protocol.dialogue(config);
      let tls: TLSSocket | undefined;
      let connected = false;
      let over = false;
      let said = false;
      let awaited: Take<P> | undefined;
      let rest = Buffer.alloc(0);

      plain.on("connect", () => {
        connected = true;
        if (protocol.tlsFirst && config.tls !== null) return startTls();
        listen(plain);
        follow(dialogue.next());
      });
      plain.on("error", (error) => end(connected ? lost(error) : connectFailure(error)));
      plain.on("close", () => end(bad("the connection closed before the end")));

      function end(outcome: Outcome): void {
        over = true;
        report(outcome);
      }

      function listen(socket: Socket): void {
        socket.on("data", (bytes: Buffer) => {
          rest = Buffer.concat([rest, bytes]);
          hear();
        });
      }

      function hear(): void {
        while (!over && awaited !== undefined) {
          const taken = awaited(rest);
          if (taken === undefined) return;
          if (typeof taken === "string") return end(bad(taken));
          rest = rest.subarray(taken.lengthBytes);
          awaited = undefined;
          follow(dialogue.next(taken.packet));
        }
      }

      function follow(first: IteratorResult<PacketMove<P>, Outcome>): void {
        for (let next = first; ; next = dialogue.next()) {
          if (next.done) {
            said = true;
            return end(next.value);
          }
          if (next.value.type === "send") (tls ?? plain).write(next.value.bytes);
          else if (next.value.type === "start_tls") return startTls();
          else {
            awaited = next.value.take;
            return;
          }
        }
      }

      function startTls(): void {
        if (config.tls === null) return end(bad("no TLS is configured"));
        if (rest.length > 0) return end(bad("bytes between the agreement to TLS and TLS itself"));
        plain.removeAllListeners();
        plain.on("error", () => {});
        const ready = (stream: TLSSocket): void => {
          stream.on("error", (error: NodeJS.ErrnoException) => end(tlsFailure(error)));
          stream.on("close", () => end(bad("the connection closed before the end")));
          listen(stream);
          follow(dialogue.next());
          hear();
        };
        tls = openTls(plain, config.tls, { address: target.address }, { end, ready });
      }

      return () => {
        const stream = tls ?? plain;
        stream.removeAllListeners("data");
        if (said) {
          // A plain close after a farewell, also when a login was refused: servers count what breaks off.
          stream.write(protocol.bye);
          stream.destroySoon();
        } else if (tls === undefined) dropSocket(plain);
        else {
          tls.destroy();
          plain.destroy();
        }
      };
    });
}

function lost(error: NodeJS.ErrnoException): Outcome {
  return bad(
    error.code === "ECONNRESET" ? "the connection was reset" : (error.code ?? error.message),
  );
}
