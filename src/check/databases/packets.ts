// An exchange of packets with a server, as a pure dialogue: what came in, what to do out.

import type { Outcome } from "../probes/attempt.ts";

/** The first packet of `rest` and its length; undefined = not whole yet, a text = what is wrong with it. */
export type Take<P> = (rest: Buffer) => Taken<P> | string | undefined;
export type Taken<P> = { readonly packet: P; readonly lengthBytes: number };

export type PacketMove<P> =
  | { readonly type: "send"; readonly bytes: Buffer }
  | { readonly type: "receive"; readonly take: Take<P> }
  | { readonly type: "start_tls" };

/** Given the packet after "receive", and undefined after everything else. */
export type PacketDialogue<P> = Generator<PacketMove<P>, Outcome, P | undefined>;

export type PacketProtocol<P, Said> = {
  readonly dialogue: (config: Said) => PacketDialogue<P>;
  readonly tlsFirst?: true;
  /** Said at the end of a dialogue. */
  readonly bye: Buffer;
};

/** One packet of a server, at most. */
export const PACKET_BYTES_MAX: number = 1024 * 1024;
/** All packets of a server together. */
export const HEARD_BYTES_MAX: number = 4 * PACKET_BYTES_MAX;

export function refused(detail: string): Outcome {
  return { ok: false, cause: "login_failed", detail };
}
