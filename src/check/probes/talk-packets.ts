// Holds a dialogue of packets with a server over TCP, with TLS where the dialogue starts it.

import {
  HEARD_BYTES_MAX,
  type PacketMove,
  type PacketProtocol,
  type Take,
} from "../databases/packets.ts";
import type { ProbeResult, Target } from "../model.ts";
import type { CheckCommon } from "../model-common.ts";
import { shownBytes } from "../shown.ts";
import type { TlsUse } from "../types/tls.ts";
import { attempt, badResponse, type Outcome, type ProbeContext } from "./attempt.ts";
import { openWire, unmet } from "./wire.ts";

export function talkPackets<P, Said>(
  protocol: PacketProtocol<P, Said>,
): (
  target: Target,
  config: CheckCommon & { readonly tls: TlsUse | null; readonly starttls?: boolean } & Said,
  context: ProbeContext,
) => Promise<ProbeResult> {
  return async (target, config, context) => {
    let stage = "connection";
    let rest: Buffer = Buffer.alloc(0);
    const missing = (): string => unmet(stage, rest);
    const late = () => ({ cause: "timeout" as const, detail: missing() });
    return attempt({ timeoutMs: config.timeoutMs, late, ...context }, (report) => {
      const dialogue = protocol.dialogue(config);
      let over = false;
      let said = false;
      let awaited: Take<P> | undefined;
      let heardBytes = 0;
      const wire = openWire(target, config, {
        onConnect() {
          if (config.tls !== null && protocol.tlsFirst && !config.starttls) return startTls();
          wire.listen();
          follow(dialogue.next());
        },
        onBytes(bytes) {
          heardBytes += bytes.length;
          rest = Buffer.concat([rest, bytes]);
          hear();
          if (heardBytes > HEARD_BYTES_MAX) end(badResponse(`more than ${HEARD_BYTES_MAX} bytes`));
        },
        onLost: (how) => end(badResponse(`${how}: ${missing()}`)),
        end,
      });

      function end(outcome: Outcome): void {
        over = true;
        report(outcome);
      }

      function hear(): void {
        while (!over && awaited !== undefined) {
          const taken = awaited(rest);
          if (taken === undefined) return;
          if (typeof taken === "string") return end(badResponse(`${taken}: ${shownBytes(rest)}`));
          rest = rest.subarray(taken.lengthBytes);
          awaited = undefined;
          follow(dialogue.next(taken.packet));
        }
      }

      function follow(first: IteratorResult<PacketMove<P>, Outcome>): void {
        for (let next = first; ; next = dialogue.next()) {
          if (next.done) {
            said = true;
            return end(wire.warned(next.value));
          }
          if (next.value.type === "send") wire.write(next.value.bytes);
          else if (next.value.type === "start_tls") return startTls();
          else {
            awaited = next.value.take;
            stage = "answer";
            return;
          }
        }
      }

      function startTls(): void {
        if (config.tls === null) return end(badResponse("no TLS is configured"));
        if (rest.length > 0)
          return end(badResponse("bytes between the agreement to TLS and TLS itself"));
        stage = "TLS handshake";
        wire.startTls(config.tls, () => {
          follow(dialogue.next());
          hear();
        });
      }

      return () => wire.close(said ? protocol.bye : null);
    });
  };
}
