// Every kind of advert that a router has to reject, as frames: what a hostile segment can say to it.

import type { RejectReason } from "../../src/vrrp/accept.ts";
import { sequenceOf } from "../../src/vrrp/auth-hmac.ts";
import type { Advert } from "../../src/wire/vrrp.ts";
import { signPdu } from "../../src/wire/vrrp-hmac.ts";
import { THERE } from "./daemon-pair.ts";
import { advertFrame, type Forgery } from "./peer-packets.ts";

/** Whom the forgeries are for. */
export type Target = {
  readonly vrid: number;
  readonly address: string;
  readonly version: 2 | 3;
  readonly intervalMs: number;
  readonly auth: "none" | "password" | "hmac";
};

export type Forged = { readonly reason: RejectReason; readonly frame: string };

export const PASSWORD = "s3cret";
export const KEY = "0123456789abcdef0123456789abcdef";
const KEY_ID = 1;

/** Each kind twice, with priority 0 and with 255: a router that believed one of them would elect anew. */
export function forgeriesFor(target: Target): readonly Forged[] {
  return [0, 255].flatMap((priority) => [
    ...forgeriesOfAll(target, priority),
    ...(target.version === 2 ? forgeriesOfV2(target, priority) : []),
    ...(target.auth === "hmac" ? forgeriesOfHmac(target, priority) : []),
    ...(target.auth === "none" ? [v3Interval(target, priority)] : []),
  ]);
}

/** An advert of the lowest priority that is signed well; heard a second time it is a replay. */
export function signedFrame(target: Target, wallMs: number): string {
  const seal = sealed({ sequence: sequenceOf(wallMs) });
  return frameFor(target, { priority: 1 }, { seal });
}

function frameFor(target: Target, change: Partial<Advert>, forgery: Forgery = {}): string {
  const { vrid, version, intervalMs } = target;
  const advert = { vrid, version, advertIntervalMs: intervalMs, ...change };
  if (target.auth !== "password") return advertFrame(advert, forgery);
  // Where nothing is said about it, the password is right: what is wrong is something else.
  const authType = change.authType ?? 1;
  const spoil = (vrrp: Buffer): Buffer => {
    vrrp.fill(0, vrrp.length - 8);
    vrrp.write(PASSWORD, vrrp.length - 8);
    return forgery.spoil === undefined ? vrrp : forgery.spoil(vrrp);
  };
  return advertFrame({ ...advert, authType }, { ...forgery, spoil });
}

function forgeriesOfAll(target: Target, priority: number): readonly Forged[] {
  const make = (reason: RejectReason, forgery: Forgery): Forged => ({
    reason,
    frame: frameFor(target, { priority }, forgery),
  });
  const signs = target.auth === "hmac";
  return [
    // A signature is judged before the checksum: without one, that is what is missing.
    make(signs ? "auth_ext_missing" : "checksum", { wrongSum: true }),
    make("ttl", { ttl: 1 }),
    make("ttl", { ttl: 254 }),
    make("destination", { destination: target.address }),
    make(signs ? "auth_ext_missing" : "own_source", { source: target.address }),
    ...[0x11, 0x41, 0x01, 0xf1].map((first) => make("version", { spoil: withFirst(first) })),
    make("version", { spoil: otherVersion(target.version) }),
    ...[0, 2, 15].map((type) =>
      make(signs ? "auth_ext_missing" : "type", {
        spoil: withFirst((target.version << 4) | type),
      }),
    ),
    ...[2, 7, 8, 11].map((length) => make("length", { spoil: (vrrp) => vrrp.subarray(0, length) })),
    ...[1, 4, 27, 200].map((more) =>
      make("length", { spoil: (vrrp) => Buffer.concat([vrrp, Buffer.alloc(more)]) }),
    ),
    ...[0, 2, 255].map((count) => make("length", { spoil: withByte(3, count) })),
  ];
}

function forgeriesOfV2(target: Target, priority: number): readonly Forged[] {
  const make = (reason: RejectReason, change: Partial<Advert>, forgery: Forgery = {}): Forged => ({
    reason,
    frame: frameFor(target, { priority, ...change }, forgery),
  });
  const types = target.auth === "password" ? [0, 2, 9] : [1, 2, 9];
  const wrongPasswords = ["", "s3cre", "S3CRET", "s3cret!"];
  return [
    ...types.map((authType) => make("auth_type", { authType })),
    ...(target.auth === "password" ? wrongPasswords : []).map((password) =>
      make("auth_failure", {}, { spoil: withPassword(password) }),
    ),
    make("advert_interval", { advertIntervalMs: target.intervalMs + 1000 }),
    make("advert_interval", { advertIntervalMs: 0 }),
  ];
}

function v3Interval(target: Target, priority: number): Forged {
  return { reason: "advert_interval", frame: frameFor(target, { priority, advertIntervalMs: 0 }) };
}

function forgeriesOfHmac(target: Target, priority: number): readonly Forged[] {
  const make = (reason: RejectReason, seal: Forgery["seal"]): Forged => ({
    reason,
    frame: frameFor(target, { priority }, seal === undefined ? {} : { seal }),
  });
  const now = sequenceOf(Date.now());
  return [
    make("auth_ext_missing", undefined),
    make("length", (pdu) => sealed({ sequence: now })(pdu).subarray(0, -1)),
    make("length", (pdu) => Buffer.concat([sealed({ sequence: now })(pdu), Buffer.alloc(1)])),
    make("malformed", (pdu) => withByte(pdu.length, 2)(sealed({ sequence: now })(pdu))),
    make("malformed", (pdu) => withByte(pdu.length + 3, 1)(sealed({ sequence: now })(pdu))),
    make("stale", sealed({ sequence: 1n })),
    make("stale", sealed({ sequence: sequenceOf(Date.now() + 86_400_000) })),
    make("unknown_key", sealed({ sequence: now, keyId: 9 })),
    make("invalid_hmac", sealed({ sequence: now, key: "another key, that is 32 bytes long" })),
    make("invalid_hmac", (pdu) => {
      const signed = sealed({ sequence: now })(pdu);
      return withByte(signed.length - 1, (signed.at(-1) ?? 0) ^ 1)(signed);
    }),
    // What was signed for one priority does not say another one.
    make("invalid_hmac", (pdu) => withByte(2, 200)(sealed({ sequence: now })(pdu))),
  ];
}

function sealed(how: {
  readonly sequence: bigint;
  readonly keyId?: number;
  readonly key?: string;
}): (pdu: Buffer) => Buffer {
  const { sequence, keyId = KEY_ID, key = KEY } = how;
  return (pdu) => signPdu(pdu, { source: THERE.address, keyId, key: Buffer.from(key), sequence });
}

function withFirst(byte: number): (vrrp: Buffer) => Buffer {
  return withByte(0, byte);
}

function withByte(at: number, byte: number): (bytes: Buffer) => Buffer {
  return (bytes) => {
    const changed = Buffer.from(bytes);
    changed[at] = byte;
    return changed;
  };
}

function withPassword(password: string): (vrrp: Buffer) => Buffer {
  return (vrrp) => {
    vrrp.fill(0, vrrp.length - 8);
    vrrp.write(password, vrrp.length - 8);
    return vrrp;
  };
}

/** Well made, of the version that is not ours. */
function otherVersion(version: 2 | 3): (vrrp: Buffer) => Buffer {
  return (vrrp) =>
    version === 3
      ? withFirst(0x21)(Buffer.concat([vrrp, Buffer.alloc(8)]))
      : withFirst(0x31)(vrrp.subarray(0, -8));
}
