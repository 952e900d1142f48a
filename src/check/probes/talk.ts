// Holds a dialogue with a server over TCP, with TLS from the start or from the middle.

import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { Move, Protocol } from "../dialogues/dialogue.ts";
import { replyReader } from "../dialogues/replies.ts";
import type { CheckCommon, ProbeResult, Target } from "../model.ts";
import type { LoginFields } from "../model-login.ts";
import type { TlsUse } from "../model-stream.ts";
import { attempt, connectFailure, dropSocket, type Outcome, type ProbeContext } from "./attempt.ts";
import { openTcp } from "./open.ts";
import { openTls, tlsFailure } from "./open-tls.ts";

/** The probe of a protocol of lines. */
export function talk<Said>(
  protocol: Protocol<Said>,
): (
  target: Target,
  config: CheckCommon & LoginFields & Said,
  context: ProbeContext,
) => Promise<ProbeResult> {
  return async (target, config, context) =>
    attempt({ timeoutMs: config.timeoutMs, ...context }, (report) => {
      const plain = openTcp(target, config);
      const reader = replyReader(protocol.framing);
      const dialogue = protocol.dialogue(config);
      let tls: TLSSocket | undefined;
      let connected = false;
      let over = false;
      let said = false;

      plain.on("connect", () => {
        connected = true;
        if (config.tls !== null && !config.starttls) startTls(config.tls, begin);
        else {
          listen(plain);
          begin();
        }
      });
      plain.on("error", (error) => end(connected ? lost(error) : connectFailure(error)));
      plain.on("close", () => end(bad("the connection closed before the end")));

      function end(outcome: Outcome): void {
        over = true;
        report(outcome);
      }

      function begin(): void {
        follow(dialogue.next());
      }

      function listen(socket: Socket): void {
        socket.on("data", (bytes: Buffer) => {
          reader.give(bytes);
          hear();
        });
      }

      function startTls(use: TlsUse, then: () => void): void {
        if (reader.hasRest()) return end(bad("bytes between the agreement to TLS and TLS itself"));
        plain.removeAllListeners();
        plain.on("error", () => {});
        const ready = (stream: TLSSocket): void => {
          stream.on("error", (error: NodeJS.ErrnoException) => end(tlsFailure(error)));
          stream.on("close", () => end(bad("the connection closed before the end")));
          listen(stream);
          then();
        };
        tls = openTls(plain, use, { address: target.address }, { end, ready });
      }

      function hear(): void {
        while (!over) {
          const reply = reader.take();
          if (reply === undefined) return;
          if (typeof reply === "string") return end(bad(reply));
          follow(dialogue.next(reply));
        }
      }

      function follow(next: IteratorResult<Move, Outcome>): void {
        if (next.done) {
          said = true;
          end(next.value);
        } else if (next.value.type === "command") {
          (tls ?? plain).write(`${next.value.line}\r\n`);
        } else if (next.value.type === "start_tls" && config.tls !== null) {
          startTls(config.tls, () => follow(dialogue.next(NO_REPLY)));
        }
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

const NO_REPLY = { code: "", lines: [] };

function lost(error: NodeJS.ErrnoException): Outcome {
  if (error.code === "ECONNRESET") return bad("the connection was reset");
  return bad(error.code ?? error.message);
}

function bad(detail: string): Outcome {
  return { ok: false, cause: "bad_response", detail };
}
