// Ethernet frames with an advert inside, honest or not.

import { once } from "node:events";
import { addToSum, finishSum } from "../../src/lib/checksum.ts";
import { addressBytes } from "../../src/lib/ip.ts";
import { type Advert, encodeAdvert, type Path, VRRP_GROUP_IPV4 } from "../../src/wire/vrrp.ts";
import { THERE } from "./daemon-pair.ts";
import type { Place } from "./daemon-place.ts";

export type Forgery = {
  readonly source?: string;
  /** The group where nothing is said; a peer of THERE's neighbour otherwise. */
  readonly destination?: string;
  readonly ttl?: number;
  /** Changes the bytes after the IP header; the checksum is made right again unless it says `wrongSum`. */
  readonly spoil?: (vrrp: Buffer) => Buffer;
  readonly wrongSum?: boolean;
  /** The checksum of the bytes alone (RFC 9568). */
  readonly checksumAsV2?: boolean;
  /** After the checksum is right: a trailer of a signature. */
  readonly seal?: (vrrp: Buffer) => Buffer;
  /** What Ethernet adds to a short frame, after the end that the IP header tells. */
  readonly paddingBytes?: number;
};

/** Where forged frames say they come from, to be told from the others by. */
export const FORGED_MAC = "02:aa:bb:cc:dd:ee";

export function advertFrame(
  advert: Partial<Advert> & { vrid: number },
  forgery: Forgery = {},
): string {
  const { destination = VRRP_GROUP_IPV4 } = forgery;
  const { source = THERE.address, ttl = 255, spoil = (vrrp) => vrrp, wrongSum = false } = forgery;
  const whole: Advert = {
    version: 3,
    priority: 254,
    advertIntervalMs: 100,
    addresses: ["10.9.0.250"],
    authType: 0,
    ...advert,
  };
  const path = { source, destination };
  const { checksumAsV2 = false, seal = (pdu) => pdu, paddingBytes = 0 } = forgery;
  const pdu = spoil(encodeAdvert(whole, path));
  if (pdu.length >= 8) {
    pdu.writeUInt16BE(0, 6);
    pdu.writeUInt16BE(sumOf(pdu, path, checksumAsV2) ^ (wrongSum ? 0x5555 : 0), 6);
  }
  const vrrp = seal(pdu);
  const header = Buffer.alloc(20);
  header.set([0x45, 0xc0], 0);
  header.writeUInt16BE(20 + vrrp.length, 2);
  header.set([ttl, 112], 8);
  header.set(addressBytes(source), 12);
  header.set(addressBytes(destination), 16);
  header.writeUInt16BE(finishSum(addToSum(0, header)), 10);
  // To everybody where it is not to the group: which MAC the peer has is no matter of these tests.
  const to = destination === VRRP_GROUP_IPV4 ? "01005e000012" : "ffffffffffff";
  const ethernet = Buffer.from(`${to}${FORGED_MAC.replaceAll(":", "")}0800`, "hex");
  const padding = Buffer.alloc(paddingBytes, 0xa5);
  return Buffer.concat([ethernet, header, vrrp, padding]).toString("hex");
}

/** Resolves when they are all out. */
export async function sendFrames(
  place: Place,
  frames: readonly string[],
  { times = 1, pauseMs = 0 } = {},
): Promise<void> {
  const program = ["build/test/helpers/peer-frames.js", THERE.device, `${times}`, `${pauseMs}`];
  const child = place.spawn(process.execPath, [...program, ...frames]);
  child.stderr?.pipe(process.stderr);
  const [code] = (await once(child, "exit")) as [number | null];
  if (code !== 0) throw new Error(`peer-frames ended with ${code}`);
}

function sumOf(vrrp: Buffer, { source, destination }: Path, asV2: boolean): number {
  if (asV2 || (vrrp[0] ?? 0) >> 4 === 2) return finishSum(addToSum(0, vrrp));
  const pseudo = Buffer.alloc(12);
  pseudo.set(addressBytes(source), 0);
  pseudo.set(addressBytes(destination), 4);
  pseudo.set([0, 112], 8);
  pseudo.writeUInt16BE(vrrp.length, 10);
  return finishSum(addToSum(addToSum(0, pseudo), vrrp));
}
