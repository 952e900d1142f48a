// Holds a dialogue with a server over TCP, with TLS from the start or from the middle.

import type { Move, Protocol } from "../dialogues/dialogue.ts";
import { replyReader } from "../dialogues/replies.ts";
import type { ProbeResult, Target } from "../model.ts";
import type { CheckCommon } from "../model-common.ts";
import type { LoginSteps } from "../types/login.ts";
import type { TlsUse } from "../types/tls.ts";
import { attempt, badResponse, type Outcome, type ProbeContext } from "./attempt.ts";
import { openWire, unmet } from "./wire.ts";

/** The probe of a protocol of lines. */
export function talk<Said>(
  protocol: Protocol<Said>,
): (
  target: Target,
  config: CheckCommon & LoginSteps & { readonly tls: TlsUse | null } & Said,
  context: ProbeContext,
) => Promise<ProbeResult> {
  return async (target, config, context) => {
    const reader = replyReader(protocol.framing);
    let awaited = "connection";
    const missing = (): string => unmet(awaited, reader.rest());
    const late = () => ({ cause: "timeout" as const, detail: missing() });
    return attempt({ timeoutMs: config.timeoutMs, late, ...context }, (report) => {
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
        onLost: (how) => end(badResponse(`${how}: ${missing()}`)),
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
        if (reader.rest().length > 0) {
          return end(badResponse("bytes between the agreement to TLS and TLS itself"));
        }
        awaited = "TLS handshake";
        wire.startTls(use, then);
      }

      function hear(): void {
        while (!over) {
          const reply = reader.take();
          if (reply === undefined) return;
          if (typeof reply === "string") return end(badResponse(reply));
          follow(dialogue.next(reply));
        }
      }

      function follow(next: IteratorResult<Move, Outcome>): void {
        if (next.done) {
          said = true;
          end(wire.warned(next.value));
        } else if (next.value.type === "banner") {
          awaited = "banner";
        } else if (next.value.type === "command") {
          awaited = `answer to ${next.value.step}`;
          wire.write(`${next.value.line}\r\n`);
        } else if (config.tls !== null) {
          startTls(config.tls, () => follow(dialogue.next(NO_REPLY)));
        }
      }

      return () => wire.close(said ? protocol.bye : null);
    });
  };
}

const NO_REPLY = { code: "", lines: [] };
