// What really went over the wire, with the kernel's time stamps: tcpdump writes, this file reads. The few fields
// that tests need are taken from the bytes here, by hand, so that the codecs under test are not their own judge.

import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { SocketAddress } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { linesOf, type Place, type Teardown } from "./daemon-place.ts";
import { eventually } from "./wait.ts";

export type HeardAdvert = {
  readonly atMs: number;
  /** Of the Ethernet frame. */
  readonly mac: string;
  readonly source: string;
  readonly destination: string;
  readonly ttl: number;
  readonly version: number;
  readonly vrid: number;
  readonly priority: number;
  readonly addresses: readonly string[];
};

export type HeardArp = {
  readonly atMs: number;
  readonly mac: string;
  readonly sender: string;
  readonly target: string;
};

export type HeardAnswer = { readonly atMs: number; readonly mac: string; readonly address: string };

export type Sniffer = {
  readonly adverts: (of?: Partial<HeardAdvert>) => readonly HeardAdvert[];
  /** ARP requests in which sender and target are the same address. */
  readonly announcements: (address: string) => readonly HeardArp[];
  /** When somebody asked who has the address: ARP requests that are no announcements, and neighbour solicitations. */
  readonly questions: (address: string) => readonly { readonly atMs: number }[];
  /** ARP replies and solicited neighbour advertisements: who says that it has the address. */
  readonly answers: (address: string) => readonly HeardAnswer[];
  /** The same as a capture file, for other programs. */
  readonly file: string;
  readonly close: () => Promise<void>;
};

const FILE_HEADER_BYTES = 24;
const RECORD_HEADER_BYTES = 16;
const ETHERNET_BYTES = 14;

/** `only`: tcpdump's words for what of it is wanted. */
export async function sniff(
  t: Teardown,
  place: Place,
  device: string,
  only = "",
): Promise<Sniffer> {
  const directory = mkdtempSync(join(tmpdir(), "duet-sniff-"));
  const file = join(directory, "wire.pcap");
  // A slot of the ring is as large as the longest packet may be: by default there is room for eight, and a burst has hundreds.
  const ring = ["--snapshot-length", "2048", "--buffer-size", "32768"];
  const options = ["-Z", "root", "-i", device, ...ring, "-U", "--immediate-mode", "-w", "-"];
  const filter = `(proto 112 or arp or icmp6 or udp port 3784) ${only}`;
  const child = place.spawn("tcpdump", [...options, filter]);
  const adverts: HeardAdvert[] = [];
  const arps: HeardArp[] = [];
  const answers: HeardAnswer[] = [];
  const solicited: { readonly atMs: number; readonly address: string }[] = [];
  let ready = false;
  linesOf(child.stderr, (line) => {
    ready ||= line.includes("listening on");
  });
  let rest = Buffer.alloc(0);
  let headerRead = false;
  child.stdout?.on("data", (part: Buffer) => {
    rest = Buffer.concat([rest, part]);
    if (!headerRead && rest.length >= FILE_HEADER_BYTES) {
      appendFileSync(file, rest.subarray(0, FILE_HEADER_BYTES));
      rest = rest.subarray(FILE_HEADER_BYTES);
      headerRead = true;
    }
    while (headerRead && rest.length >= RECORD_HEADER_BYTES) {
      const length = rest.readUInt32LE(8);
      if (rest.length < RECORD_HEADER_BYTES + length) return;
      // Whole packets only: who reads the file meanwhile is not to find a half.
      appendFileSync(file, rest.subarray(0, RECORD_HEADER_BYTES + length));
      const atMs = rest.readUInt32LE(0) * 1000 + rest.readUInt32LE(4) / 1000;
      hear(rest.subarray(RECORD_HEADER_BYTES, RECORD_HEADER_BYTES + length), atMs);
      rest = rest.subarray(RECORD_HEADER_BYTES + length);
    }
  });

  function hear(frame: Buffer, atMs: number): void {
    const type = frame.readUInt16BE(12);
    const body = frame.subarray(ETHERNET_BYTES);
    if (type === 0x0800) {
      const advert = advertOf(body);
      if (advert !== undefined) adverts.push({ atMs, mac: sourceOf(frame), ...advert });
    }
    const address = answered(type, body);
    if (address !== undefined) answers.push({ atMs, mac: sourceOf(frame), address });
    // RFC 4861 §4.3: type 135.
    if (type === 0x86dd && body.length >= 64 && body[6] === 58 && body[40] === 135)
      solicited.push({ atMs, address: colons(body, 48) });
    if (type === 0x86dd && body.length >= 48 && body[6] === 112)
      adverts.push({ atMs, mac: sourceOf(frame), ...advertOf6(body) });
    if (type === 0x0806 && body.length >= 28) {
      const mac = body.subarray(8, 14).toString("hex");
      arps.push({ atMs, mac, sender: dotted(body, 14), target: dotted(body, 24) });
    }
  }

  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  t.teardown(async () => {
    child.kill("SIGTERM");
    await ended;
    rmSync(directory, { recursive: true, force: true });
  });
  await eventually("tcpdump at work", () => ready);
  return {
    adverts: (of = {}) =>
      adverts.filter((advert) =>
        Object.entries(of).every(([key, value]) => advert[key as keyof HeardAdvert] === value),
      ),
    announcements: (address) =>
      arps.filter(({ sender, target }) => sender === address && target === address),
    questions: (address) => [
      ...arps.filter(({ sender, target }) => target === address && sender !== address),
      ...solicited.filter((each) => each.address === address),
    ],
    answers: (address) => answers.filter((each) => each.address === address),
    file,
    async close() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

export type Gap = { readonly ms: number; readonly fromMs: number; readonly toMs: number };

/** The longest pause between two of these. */
export function longestGap(times: readonly { readonly atMs: number }[]): Gap {
  let longest: Gap = { ms: 0, fromMs: 0, toMs: 0 };
  for (const [i, { atMs: toMs }] of times.slice(1).entries()) {
    const fromMs = times[i]?.atMs ?? toMs;
    if (toMs - fromMs > longest.ms) longest = { ms: toMs - fromMs, fromMs, toMs };
  }
  return longest;
}

type Packet = Omit<HeardAdvert, "atMs" | "mac">;

function sourceOf(frame: Buffer): string {
  return frame.toString("hex", 6, 12).replaceAll(/..(?=.)/g, "$&:");
}

/** RFC 826: an operation of 2 is a reply. RFC 4861 §4.4: type 136, and the second flag is "solicited". */
function answered(type: number, body: Buffer): string | undefined {
  if (type === 0x0806 && body.length >= 28) return body[7] === 2 ? dotted(body, 14) : undefined;
  const isAdvertisement =
    type === 0x86dd && body.length >= 64 && body[6] === 58 && body[40] === 136;
  return isAdvertisement && ((body[44] ?? 0) & 0x40) !== 0 ? colons(body, 48) : undefined;
}

function advertOf(packet: Buffer): Packet | undefined {
  const headerBytes = ((packet[0] ?? 0) & 0xf) * 4;
  const vrrp = packet.subarray(headerBytes, packet.readUInt16BE(2));
  if (packet[9] !== 112 || vrrp.length < 8) return undefined;
  const addresses: string[] = [];
  for (let i = 0; i < (vrrp[3] ?? 0) && 12 + 4 * i <= vrrp.length; i += 1) {
    addresses.push(dotted(vrrp, 8 + 4 * i));
  }
  return {
    source: dotted(packet, 12),
    destination: dotted(packet, 16),
    ttl: packet[8] ?? 0,
    version: (vrrp[0] ?? 0) >> 4,
    vrid: vrrp[1] ?? 0,
    priority: vrrp[2] ?? 0,
    addresses,
  };
}

function advertOf6(packet: Buffer): Packet {
  const vrrp = packet.subarray(40, 40 + packet.readUInt16BE(4));
  const addresses: string[] = [];
  for (let i = 0; i < (vrrp[3] ?? 0) && 24 + 16 * i <= vrrp.length; i += 1) {
    addresses.push(colons(vrrp, 8 + 16 * i));
  }
  return {
    source: colons(packet, 8),
    destination: colons(packet, 24),
    ttl: packet[7] ?? 0,
    version: (vrrp[0] ?? 0) >> 4,
    vrid: vrrp[1] ?? 0,
    priority: vrrp[2] ?? 0,
    addresses,
  };
}

function colons(bytes: Buffer, at: number): string {
  const groups = bytes.toString("hex", at, at + 16).match(/.{4}/g) ?? [];
  return new SocketAddress({ address: groups.join(":"), family: "ipv6" }).address;
}

function dotted(bytes: Buffer, at: number): string {
  return [...bytes.subarray(at, at + 4)].join(".");
}
