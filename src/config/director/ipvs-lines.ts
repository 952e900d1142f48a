// The values that only IPVS has: forwarding methods, and the lines of [global].

import type { Tunnel } from "../../ipvs/model.ts";
import { canonicalAddress, familyOf, isMulticast } from "../../lib/ip.ts";
import { isInterfaceName } from "../schema/addresses.ts";
import { accept, isLabel, type Judged, numberIn, refuse } from "../schema/judged.ts";
import type { LvsMethod, LvsSysctl, LvsTimeouts, SyncDaemonLine } from "../schema/row.ts";
import { didYouMean, nearest } from "../schema/suggest.ts";
import type { KeyType } from "../schema/type.ts";

const methods = ["NAT", "DR", "TUN"] as const;
const tunnelTypes = ["ipip", "gue", "gre"] as const;
const checksums = { nocsum: "none", csum: "checksum", remcsum: "remote-checksum" } as const;

export const lvsMethod: KeyType<LvsMethod> = {
  parse: parseLvsMethod,
  print: ({ forward, tunnel }) => formatLvsMethod(forward, tunnel ?? undefined),
  help: "NAT | DR | TUN [type ipip | type gue port N | type gre] [nocsum|csum|remcsum]",
};

export const lvsTimeouts: KeyType<LvsTimeouts> = {
  parse: parseLvsTimeouts,
  print: formatLvsTimeouts,
  help: "[tcp S] [tcpfin S] [udp S], in seconds",
};

export const lvsSysctl: KeyType<LvsSysctl> = {
  parse: parseLvsSysctl,
  print: ({ name, value }) => `${name} ${value}`,
  about: ({ name }) => name,
  help: "NAME VALUE, a setting of net.ipv4.vs",
};

export const syncDaemon: KeyType<SyncDaemonLine> = {
  parse: parseSyncDaemon,
  print: formatSyncDaemon,
  about: ({ instance }) => instance,
  help: "INTERFACE [INSTANCE] [id N] [maxlen N] [port N] [ttl N] [group A]",
};

/** keepalived's lvs_method: NAT | DR | TUN [type ipip | gue port N | gre] [nocsum | csum | remcsum]. */
export function parseLvsMethod(text: string): Judged<LvsMethod> {
  const [first = "", ...words] = text.split(/\s+/);
  const forward = methods.find((method) => method === first.toUpperCase());
  if (forward === undefined) return refuse(`one of NAT, DR, TUN${didYouMean(first, methods)}`);
  if (words.length === 0) return accept({ forward, tunnel: null });
  if (forward !== "TUN") return refuse(`${forward} alone: only TUN has a type`);
  const right =
    "TUN, TUN type ipip, TUN type gue port N [nocsum|csum|remcsum] or TUN type gre [nocsum|csum]";
  let type: Tunnel["type"] | undefined;
  let port: number | undefined;
  let checksum: Tunnel["checksum"] | undefined;
  for (let i = 0; i < words.length; i += 1) {
    const word = words[i] ?? "";
    if (word === "type" && type === undefined) {
      i += 1;
      type = tunnelTypes.find((each) => each === words[i]);
      if (type === undefined) return refuse(right);
    } else if (word === "port" && port === undefined) {
      i += 1;
      port = numberIn(words[i], 1, 65535);
      if (port === undefined) return refuse(`${right}, with a port from 1 to 65535`);
    } else if (isChecksum(word) && checksum === undefined) checksum = checksums[word];
    else return refuse(right);
  }
  const tunnel: Tunnel = { type: type ?? "ipip", port: port ?? 0, checksum: checksum ?? "none" };
  if ((tunnel.type === "gue") !== (port !== undefined)) {
    return refuse(`${right}: gue has a port, the others have none`);
  }
  if (tunnel.type === "ipip" && tunnel.checksum !== "none") {
    return refuse(`${right}: ipip has no checksum`);
  }
  if (tunnel.type === "gre" && tunnel.checksum === "remote-checksum") {
    return refuse(`${right}: remcsum is for gue`);
  }
  const isPlain = tunnel.type === "ipip";
  return accept({ forward, tunnel: isPlain ? null : tunnel });
}

/** parseLvsMethod() makes the same of it. */
export function formatLvsMethod(forward: string, tunnel: Tunnel | undefined): string {
  if (tunnel === undefined) return forward;
  const port = tunnel.type === "gue" ? [`port ${tunnel.port}`] : [];
  const word = Object.entries(checksums).find(([, checksum]) => checksum === tunnel.checksum)?.[0];
  return [forward, "type", tunnel.type, ...port, ...(word === "nocsum" ? [] : [word])].join(" ");
}

const timeoutKeys = { tcp: "tcpS", tcpfin: "tcpFinS", udp: "udpS" } as const;
const TIMEOUT_MAX_S = 31 * 24 * 3600;

/** keepalived's lvs_timeouts. */
function parseLvsTimeouts(text: string): Judged<LvsTimeouts> {
  const right = `[tcp S] [tcpfin S] [udp S], with seconds from 1 to ${TIMEOUT_MAX_S}`;
  const timeouts = { tcpS: 0, tcpFinS: 0, udpS: 0 };
  const words = text.split(/\s+/);
  for (let i = 0; i < words.length; i += 2) {
    const word = words[i] ?? "";
    const seconds = numberIn(words[i + 1], 1, TIMEOUT_MAX_S);
    if (!isTimeoutKey(word) || seconds === undefined) return refuse(right);
    if (timeouts[timeoutKeys[word]] !== 0) return refuse(`${right}, each once`);
    timeouts[timeoutKeys[word]] = seconds;
  }
  return accept(timeouts);
}

function formatLvsTimeouts(timeouts: LvsTimeouts): string {
  return Object.entries(timeoutKeys)
    .filter(([, key]) => timeouts[key] !== 0)
    .map(([word, key]) => `${word} ${timeouts[key]}`)
    .join(" ");
}

/** Documentation/networking/ipvs-sysctl.rst, and what net/netfilter/ipvs/ip_vs_ctl.c has beside. */
export const LVS_SYSCTLS = [
  "am_droprate", "amemthresh", "backup_only", "cache_bypass", "conn_lfactor", "conn_max", "conn_reuse_mode",
  "conntrack", "drop_entry", "drop_packet", "est_cpulist", "est_nice", "expire_nodest_conn",
  "expire_quiescent_template", "ignore_tunneled", "nat_icmp_send", "pmtu_disc", "run_estimation",
  "schedule_icmp", "secure_tcp", "sloppy_sctp", "sloppy_tcp", "snat_reroute", "svc_lfactor",
  "sync_persist_mode", "sync_ports", "sync_qlen_max", "sync_refresh_period", "sync_retries",
  "sync_sock_size", "sync_threshold", "sync_version",
] as const; // biome-ignore format: a list of words

/** NAME VALUE, "sync_threshold 3 50". */
function parseLvsSysctl(text: string): Judged<LvsSysctl> {
  const match = /^([a-z\d_]+)(?:\s*=\s*|\s+)(-?\d[\d\s,-]*)$/.exec(text);
  const right = 'NAME VALUE, such as "expire_nodest_conn 1", with a NAME of net.ipv4.vs';
  const [, name = "", value = ""] = match ?? [];
  if (match === null) return refuse(right);
  // A newer kernel may know more: only what looks like a slip of the pen is refused here.
  const known = LVS_SYSCTLS.some((each) => each === name);
  if (!known && nearest(name, LVS_SYSCTLS) !== undefined) {
    return refuse(`${right}${didYouMean(name, LVS_SYSCTLS)}`);
  }
  return accept({ name, value: value.trim().replace(/\s+/g, " ") });
}

const syncLimits = {
  id: [0, 255],
  maxlen: [1, 65507],
  port: [1, 65535],
  ttl: [1, 255],
} as const;

/** keepalived's lvs_sync_daemon. */
function parseSyncDaemon(text: string): Judged<SyncDaemonLine> {
  const right =
    "INTERFACE [INSTANCE] [id 0-255] [maxlen 1-65507] [port 1-65535] [ttl 1-255] [group MULTICAST-ADDRESS]";
  const [device = "", ...words] = text.split(/\s+/);
  if (!isInterfaceName(device)) return refuse(right);
  const line: { -readonly [K in keyof SyncDaemonLine]: SyncDaemonLine[K] } = {
    interface: device,
    instance: null,
    id: null,
    maxlen: null,
    port: null,
    ttl: null,
    group: null,
  };
  for (let i = 0; i < words.length; i += 1) {
    const word = words[i] ?? "";
    if (isSyncNumber(word)) {
      i += 1;
      const [min, max] = syncLimits[word];
      const number = numberIn(words[i], min, max);
      if (number === undefined || line[word] !== null) return refuse(right);
      line[word] = number;
    } else if (word === "group") {
      i += 1;
      const group = canonicalAddress(words[i] ?? "") ?? "";
      if (familyOf(group) === undefined || !isMulticast(group) || line.group !== null) {
        return refuse(right);
      }
      line.group = group;
    } else if (line.instance === null && (word === "inst" || i === 0)) {
      if (word === "inst") i += 1;
      const name = words[i] ?? "";
      if (!isLabel(name)) return refuse(right);
      line.instance = name;
    } else return refuse(right);
  }
  return accept(line);
}

function formatSyncDaemon(line: SyncDaemonLine): string {
  const { interface: device, instance, ...rest } = line;
  const options = Object.entries(rest).flatMap(([word, value]) =>
    value === null ? [] : [word, String(value)],
  );
  return [device, ...(instance === null ? [] : ["inst", instance]), ...options].join(" ");
}

function isChecksum(word: string): word is keyof typeof checksums {
  return Object.hasOwn(checksums, word);
}

function isTimeoutKey(word: string): word is keyof typeof timeoutKeys {
  return Object.hasOwn(timeoutKeys, word);
}

function isSyncNumber(word: string): word is keyof typeof syncLimits {
  return Object.hasOwn(syncLimits, word);
}
