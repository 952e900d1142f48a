// A command line on its way to a command: options are taken in the order in which they stand, because some change what
// later ones mean (-6, -r, -M), and the first that cannot be used ends it.

import { type Family, familyOf } from "../../lib/ip.ts";
import type { Destination, Protocol, SyncDaemon, Tunnel } from "../model.ts";
import type { Topic } from "./options.ts";
import { maskOf, type Names, placeOf, wholeNumber } from "./values.ts";
import type { Word } from "./words.ts";

const TIMEOUT_S_MAX = 31 * 86_400;
/** What the binary of 1.31 sets (IP_VS_TEMPLATE_TIMEOUT); its man page says 300. */
const PERSISTENCE_S = 360;
const INT_MAX = 2 ** 31 - 1;
const SCHEDULER_CHARACTERS = 15;
const ENGINE_CHARACTERS = 16;
const INTERFACE_CHARACTERS = 15;

/** Why a line cannot be used. `status` is the exit status. */
export class Refusal extends Error {
  readonly status: number;

  constructor(message: string, status = 2) {
    super(message);
    this.status = status;
  }
}

export type Draft = {
  readonly given: Set<Topic>;
  /** undefined until an address or a mark was given. */
  family: Family | undefined;
  protocol: Protocol | undefined;
  address: string;
  port: number;
  fwmark: number;
  scheduler: string;
  timeoutS: number;
  /** IPv4: a mask, IPv6: a prefix length. */
  mask: string;
  engine: string;
  schedulerFlags: string;
  /** undefined until -r. */
  server: { address: string; port: number } | undefined;
  forward: Destination["forward"];
  weight: number;
  upperThreshold: number;
  lowerThreshold: number;
  tunnel: Tunnel;
  daemon: SyncDaemon;
};

export function newDraft(): Draft {
  return {
    given: new Set(),
    family: undefined,
    protocol: undefined,
    address: "0.0.0.0",
    port: 0,
    fwmark: 0,
    scheduler: "",
    timeoutS: 0,
    mask: "255.255.255.255",
    engine: "",
    schedulerFlags: "",
    server: undefined,
    forward: "DR",
    weight: 1,
    upperThreshold: 0,
    lowerThreshold: 0,
    tunnel: { type: "ipip", port: 0, checksum: "none" },
    daemon: { state: "master", interface: "", syncId: 0 },
  };
}

/** One option after the command. */
export function take(draft: Draft, word: Word, names: Names): void {
  const { topic, command, long } = word.option;
  if (command !== undefined) throw new Refusal(`invalid option \`${word.argument}'`);
  if (topic !== undefined) {
    if (draft.given.has(topic)) throw new Refusal(`multiple '${topic}' options specified`);
    draft.given.add(topic);
  }
  TAKERS[long]?.(draft, word.value ?? "", { names, isSaid: word.value !== undefined });
}

type Context = { readonly names: Names; readonly isSaid: boolean };
type Taker = (draft: Draft, value: string, context: Context) => void;

/** Those that are not here only count as given. */
const TAKERS: Readonly<Record<string, Taker>> = {
  "tcp-service": (draft, value, { names }) => takeService(draft, "tcp", value, names),
  "udp-service": (draft, value, { names }) => takeService(draft, "udp", value, names),
  "sctp-service": (draft, value, { names }) => takeService(draft, "sctp", value, names),
  "fwmark-service"(draft, value) {
    const fwmark = wholeNumber(value, 1, 0xffffffff);
    if (fwmark === undefined) throw new Refusal(`invalid fwmark value \`${value}' specified`);
    Object.assign(draft, { fwmark, family: 4, protocol: "tcp" });
  },
  ipv6(draft) {
    // The empty line is ipvsadm's.
    if (draft.fwmark === 0) throw new Refusal("-6 used before -f\n");
    Object.assign(draft, { family: 6, mask: "128" });
  },
  scheduler(draft, value) {
    draft.scheduler = value.slice(0, SCHEDULER_CHARACTERS);
  },
  persistent(draft, value, { isSaid }) {
    draft.timeoutS = isSaid ? timeoutOf(value, 1) : PERSISTENCE_S;
  },
  netmask(draft, value, { names }) {
    draft.mask = draft.family === 6 ? prefixText(value) : maskText(value, names);
  },
  pe(draft, value) {
    draft.engine = value.slice(0, ENGINE_CHARACTERS);
  },
  "sched-flags"(draft, value) {
    draft.schedulerFlags = value;
  },
  "real-server"(draft, value, { names }) {
    const place = placeOf(value, draft.protocol, names);
    if (place === undefined) throw new Refusal("illegal real server address[:port] specified");
    draft.server = { address: place.address, port: place.port ?? draft.port };
  },
  ipip(draft) {
    draft.forward = "TUN";
  },
  gatewaying(draft) {
    draft.forward = "DR";
  },
  masquerading(draft) {
    draft.forward = "NAT";
  },
  weight(draft, value) {
    draft.weight = numberOf(value, 0, INT_MAX, "illegal weight specified");
  },
  "u-threshold"(draft, value) {
    draft.upperThreshold = numberOf(value, 0, INT_MAX, "illegal u_threshold specified");
  },
  "l-threshold"(draft, value) {
    draft.lowerThreshold = numberOf(value, 0, INT_MAX, "illegal l_threshold specified");
  },
  "tun-type"(draft, type) {
    if (type !== "ipip" && type !== "gue" && type !== "gre") {
      throw new Refusal("illegal tunnel type specified");
    }
    draft.tunnel = { ...draft.tunnel, type };
  },
  "tun-port"(draft, value) {
    const port = numberOf(value, 1, 65535, "illegal tunnel port specified");
    draft.tunnel = { ...draft.tunnel, port };
  },
  "tun-csum"(draft) {
    draft.tunnel = { ...draft.tunnel, checksum: "checksum" };
  },
  "tun-remcsum"(draft) {
    draft.tunnel = { ...draft.tunnel, checksum: "remote-checksum" };
  },
  "mcast-interface": (draft, value) =>
    takeDaemon(draft, { interface: value.slice(0, INTERFACE_CHARACTERS) }),
  syncid: (draft, value) =>
    takeDaemon(draft, { syncId: numberOf(value, 0, 255, "illegal syncid specified") }),
  "sync-maxlen": (draft, value) =>
    takeDaemon(draft, {
      maxLengthBytes: numberOf(value, 1, 65507, "illegal sync-maxlen specified"),
    }),
  "mcast-group": (draft, value) => takeDaemon(draft, { group: groupOf(value) }),
  "mcast-port": (draft, value) =>
    takeDaemon(draft, { port: numberOf(value, 1, 65535, "illegal mcast-port specified") }),
  "mcast-ttl": (draft, value) =>
    takeDaemon(draft, { ttl: numberOf(value, 1, 255, "illegal mcast-ttl specified") }),
};

/** Seconds. */
export function timeoutOf(text: string, min: number): number {
  return numberOf(text, min, TIMEOUT_S_MAX, `invalid timeout value \`${text}' specified`);
}

function takeService(draft: Draft, protocol: Protocol, text: string, names: Names): void {
  draft.protocol = protocol;
  const place = placeOf(text, protocol, names);
  if (place === undefined) throw new Refusal("illegal virtual server address[:port] specified");
  draft.address = place.address;
  draft.port = place.port ?? 0;
  draft.family = familyOf(place.address);
  if (draft.family === 6) draft.mask = "128";
}

function takeDaemon(draft: Draft, change: Partial<SyncDaemon>): void {
  draft.daemon = { ...draft.daemon, ...change };
}

function numberOf(text: string, min: number, max: number, complaint: string): number {
  const number = wholeNumber(text, min, max);
  if (number === undefined) throw new Refusal(complaint);
  return number;
}

function prefixText(text: string): string {
  const length = Number.parseInt(text, 10);
  if (!(length >= 1 && length <= 128)) throw new Refusal("illegal ipv6 netmask specified");
  return String(length);
}

function maskText(text: string, names: Names): string {
  const mask = maskOf(text, names);
  if (mask === undefined) throw new Refusal("illegal virtual server persistent mask specified");
  return mask;
}

/** An IPv4 address of 224.0.0.0/4 or an IPv6 address of ff00::/8. */
function groupOf(text: string): string {
  const family = text.includes(":") ? 6 : 4;
  const isGroup = family === 4 ? /^2(2[4-9]|3\d)\./ : /^ff/i;
  if (familyOf(text) !== family || !isGroup.test(text)) {
    throw new Refusal(`invalid IPv${family} mcast-group \`${text}'`);
  }
  return text;
}
