// What servers do that misbehave in every way a probe can meet.

import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";

const DRIP_MS = 20;
const FLOOD_BYTES = 2 ** 30;
const CHUNK = Buffer.alloc(64 * 1024, "x");
const LINES = Buffer.from("220-x\r\n".repeat(8192));
/** TLS 1.2, fatal handshake_failure (RFC 5246 §7.2). */
const TLS_ALERT = Buffer.from("15030300020228", "hex");

export type Behaviour = (socket: Socket, send: (bytes: Uint8Array) => boolean) => void;

/** What each does with a new connection. All but those that say so leave it open. */
const BEHAVIOURS = {
  "says nothing": () => {},
  "drips a byte at a time": (socket, send) => {
    const timer = setInterval(() => send(Buffer.from("2")), DRIP_MS);
    socket.on("close", () => clearInterval(timer));
  },
  "sends a gigabyte in one line": (socket, send) => flood(socket, send, CHUNK),
  "sends a gigabyte of lines": (socket, send) => flood(socket, send, LINES),
  "resets at once": (socket) => void socket.resetAndDestroy(),
  "resets after the first bytes": (socket) => {
    socket.on("data", () => socket.resetAndDestroy());
  },
  "closes at once": (socket) => void socket.end(),
  "closes its half and keeps the other": (socket, send) => {
    send(Buffer.from("2"));
    socket.end();
  },
  "closes in the middle of a word": (socket) => {
    socket.on("data", () => socket.end("HTT"));
  },
  "sends garbage": (_socket, send) => void send(randomBytes(4096)),
  "sends garbage and closes": (socket, send) => {
    send(randomBytes(4096));
    socket.end();
  },
  "sends NULs": (_socket, send) => void send(Buffer.alloc(4096)),
  "speaks another protocol": (_socket, send) => void send(Buffer.from("SSH-2.0-OpenSSH_9.2\r\n")),
  "sends a TLS alert": (socket, send) => {
    send(TLS_ALERT);
    socket.end();
  },
  "sends back what it gets": (socket, send) => {
    socket.on("data", (bytes: Buffer) => send(bytes));
  },
} as const satisfies Record<string, Behaviour>;

export type BadBehaviour = keyof typeof BEHAVIOURS;
export const BAD_BEHAVIOURS = Object.keys(BEHAVIOURS) as readonly BadBehaviour[];

/** What a right answer begins with, and what it goes on with for ever; bytes as latin1. */
export type Endless = {
  readonly first: string;
  readonly again: string;
  readonly pace: "drips" | "floods";
};

export type BadTcp = BadBehaviour | Endless;

export function behaviourOf(what: BadTcp): Behaviour {
  return typeof what === "string" ? BEHAVIOURS[what] : endless(what);
}

/** Right in every byte, and never at an end. */
function endless({ first, again, pace }: Endless): Behaviour {
  const begin = Buffer.from(first, "latin1");
  const more = Buffer.from(again.repeat(Math.ceil(CHUNK.length / again.length)), "latin1");
  return (socket, send) => {
    if (pace === "floods") {
      send(begin);
      flood(socket, send, more);
      return;
    }
    const all = Buffer.concat([begin, more]);
    let at = 0;
    const timer = setInterval(() => {
      send(all.subarray(at, at + 1));
      at += 1;
    }, DRIP_MS);
    socket.on("close", () => clearInterval(timer));
  };
}

function flood(socket: Socket, send: (bytes: Uint8Array) => boolean, chunk: Buffer): void {
  let leftBytes = FLOOD_BYTES;
  const pump = (): void => {
    while (leftBytes > 0 && socket.writable) {
      leftBytes -= chunk.length;
      if (!send(chunk)) return;
    }
  };
  socket.on("drain", pump);
  pump();
}

/** What each answers to a datagram; undefined = nothing. */
const UDP_BEHAVIOURS = {
  "says nothing": () => [],
  "answers with nothing in it": () => [Buffer.alloc(0)],
  "answers garbage": () => [randomBytes(512)],
  "answers NULs": () => [Buffer.alloc(512)],
  "answers a thousand times": () => Array.from({ length: 1000 }, () => randomBytes(64)),
  "answers 60,000 bytes": () => [Buffer.alloc(60_000, "x")],
  "sends back what it gets": (bytes: Buffer) => [bytes],
  "answers half of what it gets": (bytes: Buffer) => [bytes.subarray(0, bytes.length >> 1)],
} as const satisfies Record<string, (bytes: Buffer) => readonly Buffer[]>;

export type BadUdpBehaviour = keyof typeof UDP_BEHAVIOURS;
export const BAD_UDP_BEHAVIOURS = Object.keys(UDP_BEHAVIOURS) as readonly BadUdpBehaviour[];

export function datagramsOf(what: BadUdpBehaviour): (bytes: Buffer) => readonly Buffer[] {
  return UDP_BEHAVIOURS[what];
}
