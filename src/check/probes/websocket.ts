// The opening handshake of a WebSocket, and a polite end. RFC 6455 section 4.

import { createHash, randomBytes } from "node:crypto";
import { type IncomingMessage, request } from "node:http";
import type { Socket } from "node:net";
import type { Target } from "../model.ts";
import type { CheckConfigOf } from "../types/index.ts";
import { attempt, badResponse, type Outcome } from "./attempt.ts";
import { dial } from "./dial.ts";
import { headersOf, hostOf } from "./http-exchange.ts";
import { http1Failure } from "./http1.ts";
import { warned } from "./open-tls.ts";
import type { ProbeOf } from "./probe.ts";

// RFC 6455 section 1.3: what the server has to know.
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** Close with code 1000, masked with zeroes (sections 5.2, 5.5.1, 7.4.1). */
const CLOSE = Buffer.from("88820000000003e8", "hex");
/** Interim answers (1xx) before the one that counts. */
const INTERIM_MAX = 16;

export const probeWebsocket: ProbeOf<"websocket"> = async (target, config, context) => {
  const { timeoutMs, tls } = config;
  return attempt({ timeoutMs, ...context }, (end, awaits) =>
    dial(target, config, {
      tls,
      end,
      awaits,
      ready(stream, summary) {
        shakeHands(stream, target, config, (outcome) => end(warned(outcome, summary)));
      },
    }),
  );
};

function shakeHands(
  stream: Socket,
  target: Target,
  { path, host, headers }: CheckConfigOf<"websocket">,
  end: (outcome: Outcome) => void,
): void {
  const key = randomBytes(16).toString("base64");
  const own = {
    Host: host ?? hostOf(target),
    "User-Agent": "duet",
    Connection: "Upgrade",
    Upgrade: "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": key,
  };
  const asked = request({
    createConnection: () => stream,
    path,
    setHost: false,
    headers: headersOf(own, headers),
  });
  asked.on("error", (error) => end(http1Failure(error)));
  let interim = 0;
  asked.on("information", () => {
    interim += 1;
    if (interim > INTERIM_MAX) end(badResponse("no end of interim answers"));
  });
  asked.on("upgrade", (answer) => {
    const wrong = wrongUpgrade(answer, key);
    if (wrong === undefined) {
      stream.write(CLOSE);
      stream.destroy();
      end({ ok: true, detail: "101" });
    } else end(badResponse(wrong));
  });
  asked.on("response", (answer) => {
    answer.on("error", () => {});
    end({ ok: false, cause: "wrong_status", detail: `${answer.statusCode ?? 0}, wanted 101` });
  });
  asked.on("close", () => end(badResponse("the connection closed before an answer")));
  asked.end();
}

/** Section 4.1: what the client must fail the connection for. */
function wrongUpgrade({ statusCode, headers }: IncomingMessage, key: string): string | undefined {
  if (statusCode !== 101) return `${statusCode ?? 0} with an upgrade`;
  if (headers.upgrade?.toLowerCase() !== "websocket") {
    return `an upgrade to ${JSON.stringify(headers.upgrade ?? "")}, wanted websocket`;
  }
  const accept = createHash("sha1").update(`${key}${GUID}`).digest("base64");
  return headers["sec-websocket-accept"] === accept
    ? undefined
    : "a wrong Sec-WebSocket-Accept: the server does not speak WebSocket";
}
