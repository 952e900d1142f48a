// Firewall marks that duet makes itself: which packets get the mark of a service, and the nftables table that does it.
// IPVS looks at the mark of a new connection's first packet. Pure.

import type { NftElements, NftTable } from "../kernel/nft-codec.ts";
import type { Field, NftRule } from "../kernel/nft-expressions.ts";
import type { NftParts } from "../kernel/nft-read.ts";
import { addressBytes, formatAddress, hostPort } from "../lib/ip.ts";
import { PROTOCOL } from "./attributes.ts";
import { type Protocol } from "./model.ts";

/** What one line of `mark` says. */
export type Mark = {
  readonly address: string;
  readonly firstPort: number;
  /** The first one again where it is no range. */
  readonly lastPort: number;
  readonly protocol: Protocol;
};

export type MarksConfig = {
  /** Of nftables. */
  readonly table: string;
  /** Of its chains; null = where iptables has its mangle table. */
  readonly priority: number | null;
};

/** `fwmark`: what the packets get. */
export type WantedMark = Mark & { readonly fwmark: number };

// NF_IP_PRI_MANGLE: addresses are as the client wrote them (destination NAT is at -100), and in LOCAL_OUT IPVS comes
// later, at -98 (net/netfilter/ipvs/ip_vs_core.c). In front of LOCAL_IN all of PREROUTING is.
const MANGLE = -150;

const INET4 = "marks4";
const INET6 = "marks6";

/**
 * One look-up for each packet, however many ports; a rule for each range of them. No sets of ranges: in those the kernel
 * shows new elements a little later than new rules, so that packets would find no mark while a table is replaced.
 */
export function marksTable(
  { table, priority }: MarksConfig,
  marks: readonly WantedMark[],
): { readonly table: NftTable; readonly elements: readonly NftElements[] } {
  const used = [
    { family: 4, set: INET4, key: "ipv4_addr", address: "ip_daddr" },
    { family: 6, set: INET6, key: "ipv6_addr", address: "ip6_daddr" },
  ] as const;
  const families = used.map((each) => {
    const own = marks.filter(({ address }) => address.includes(":") === (each.family === 6));
    const ports = own.filter(({ firstPort, lastPort }) => firstPort === lastPort);
    return { ...each, ports, ranges: own.filter((mark) => !ports.includes(mark)) };
  });
  const mapped = families.filter(({ ports }) => ports.length > 0);
  const rules = [
    ...mapped.map(({ family, set, address }): NftRule => {
      const fields: readonly Field[] = [address, "l4proto", "dport"];
      return [
        { match: "nfproto", equals: family },
        { markBy: set, fields },
      ];
    }),
    ...families.flatMap(({ family, address, ranges }) =>
      ranges.map((mark) => rangeRule(family, address, mark)),
    ),
  ];
  const here = priority ?? MANGLE;
  return {
    table: {
      name: table,
      sets: mapped.map(({ set, key }) => ({
        name: set,
        key: [key, "inet_proto", "inet_service"],
        gives: "mark",
      })),
      chains: [
        { name: "prerouting", hook: "prerouting", priority: here, rules },
        // Clients on this node itself.
        { name: "output", hook: "output", priority: Math.min(here, MANGLE), rules },
      ],
    },
    elements: mapped.map(({ set, ports }) => ({
      set,
      entries: ports.map((mark) => ({ key: keyOf(mark), mark: mark.fwmark })),
    })),
  };
}

function rangeRule(family: 4 | 6, field: Field, mark: WantedMark): NftRule {
  const address = addressBytes(mark.address);
  return [
    { match: "nfproto", equals: family },
    { match: field, from: address, to: address },
    { match: "l4proto", equals: PROTOCOL[mark.protocol] },
    { match: "dport", from: portBytes(mark.firstPort), to: portBytes(mark.lastPort) },
    { mark: mark.fwmark },
  ];
}

/** Each part padded to 4 bytes. */
function keyOf({ address, protocol, firstPort }: Mark): Buffer {
  const zeros = [0, 0, 0];
  const rest = [PROTOCOL[protocol], ...zeros, ...portBytes(firstPort), 0, 0];
  return Buffer.from([...addressBytes(address), ...rest]);
}

function portBytes(port: number): Buffer {
  return Buffer.from([port >> 8, port & 0xff]);
}

/** "10.0.0.1:80 tcp", "[2001:db8::1]:8000-8010 udp" */
export function markText({ address, firstPort, lastPort, protocol }: Mark): string {
  const range = firstPort === lastPort ? "" : `-${lastPort}`;
  return `${hostPort(address, firstPort)}${range} ${protocol}`;
}

/** What makes `actual` another table than `wanted`, for people. */
export function differences(wanted: NftParts, actual: NftParts): readonly string[] {
  const missing = [...wanted].filter(([name]) => !actual.has(name));
  const changed = [...wanted].filter(([name, text]) => (actual.get(name) ?? text) !== text);
  const added = [...actual].filter(([name]) => !wanted.has(name));
  return [
    ...missing.map(([name, text]) => `${partText(name, text)} removed`),
    ...changed.map(([name]) => `${partText(name, actual.get(name) ?? "")} changed`),
    ...added.map(([name, text]) => `${partText(name, text)} added`),
  ];
}

/** An element's name is its key: see nft-read.ts. */
function partText(name: string, text: string): string {
  const [, digits] = /^([\da-f]+) in marks[46]$/.exec(name) ?? [];
  if (digits === undefined) return name;
  const key = Buffer.from(digits, "hex");
  const end = key.length - 8;
  const protocols = Object.keys(PROTOCOL) as Protocol[];
  const protocol = protocols.find((word) => PROTOCOL[word] === key[end]);
  if (end < 4 || protocol === undefined) return name;
  const port = key.readUInt16BE(end + 4);
  const address = formatAddress(key.subarray(0, end));
  return `mark ${text} of ${markText({ address, firstPort: port, lastPort: port, protocol })}`;
}
