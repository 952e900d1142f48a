// Holds a dialogue with a server over TCP, with TLS from the start or from the middle.

import { bad } from "../databases/packets.ts";
import type { Move, Protocol } from "../dialogues/dialogue.ts";
import { replyReader } from "../dialogues/replies.ts";
import type { CheckCommon, ProbeResult, Target } from "../model.ts";
import type { LoginFields } from "../model-login.ts";
import type { TlsUse } from "../model-stream.ts";
import { attempt, type Outcome, type ProbeContext } from "./attempt.ts";
import { openWire } from "./wire.ts";

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
      const reader = replyReader(protocol.framing);
      const dialogue = protocol.dialogue(config);
      let over = false;
      let said = false;
      const wire = openWire(target, config, {
        onConnect() {
          if (config.tls !== null && !config.starttls) return startTls(config.tls, begin);
          wire.listen();
          begin();
        },
        onBytes(bytes) {
          reader.give(bytes);
          hear();
        },
        end,
      });

      function end(outcome: Outcome): void {
        over = true;
        report(outcome);
      }

      function begin(): void {
        follow(dialogue.next());
      }

      function startTls(use: TlsUse, then: () => void): void {
        if (reader.hasRest()) return end(bad("bytes between the agreement to TLS and TLS itself"));
        wire.startTls(use, then);
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
          wire.write(`${next.value.line}\r\n`);
        } else if (next.value.type === "start_tls" && config.tls !== null) {
          startTls(config.tls, () => follow(dialogue.next(NO_REPLY)));
        }
      }

      return () => wire.close(said ? protocol.bye : null);
    });
}

const NO_REPLY = { code: "", lines: [] };
