// The values that only IPVS has: forwarding methods, and the lines of [global].

import type { Mark } from "../../ipvs/marks.ts";
import type { Destination, Tunnel } from "../../ipvs/model.ts";
import { hostPort } from "../../lib/ip.ts";
import { interfaceName, multicastAddress, parseEndpoint } from "../schema/addresses.ts";
import { accept, type Judged, numberIn, refuse } from "../schema/judged.ts";
import { integer, name, oneOf } from "../schema/plain-types.ts";
import type { LvsMethod, LvsSysctl } from "../schema/row.ts";
import { didYouMean, nearest } from "../schema/suggest.ts";
import type { KeyType, ValueOf } from "../schema/type.ts";
import { first, lineType, madeOf, option, perhaps } from "../schema/words.ts";

const port = integer(1, 65535);
const checksums = { nocsum: "none", csum: "checksum", remcsum: "remote-checksum" } as const;

const methodWords = lineType(
  {
    forward: first("METHOD", oneOf("NAT", "DR", "TUN")),
    type: option("type", "T", oneOf("ipip", "gue", "gre")),
    port: option("port", "N", port),
    checksum: perhaps("C", oneOf("nocsum", "csum", "remcsum")),
  },
  { help: "NAT | DR | TUN [type ipip | type gue port N | type gre] [nocsum|csum|remcsum]" },
);

/** keepalived's lvs_method. */
export const lvsMethod: KeyType<LvsMethod> = madeOf(
  methodWords,
  makeMethod,
  ({ forward, tunnel }) => {
    const word = (Object.keys(checksums) as (keyof typeof checksums)[]).find(
      (each) => checksums[each] === tunnel?.checksum,
    );
    return {
      forward,
      type: tunnel?.type ?? null,
      port: tunnel?.type === "gue" ? tunnel.port : null,
      checksum: word === undefined || word === "nocsum" ? null : word,
    };
  },
);

export function methodText({ forward, tunnel }: Pick<Destination, "forward" | "tunnel">): string {
  return lvsMethod.print({ forward, tunnel: tunnel ?? null });
}

function makeMethod({
  forward,
  type,
  port: written,
  checksum,
}: ValueOf<typeof methodWords>): Judged<LvsMethod> {
  if (forward !== "TUN") {
    const isPlain = type === null && written === null && checksum === null;
    return isPlain
      ? accept({ forward, tunnel: null })
      : refuse(`${forward} alone: only TUN has a type`);
  }
  const tunnel: Tunnel = {
    type: type ?? "ipip",
    port: written ?? 0,
    checksum: checksums[checksum ?? "nocsum"],
  };
  if ((tunnel.type === "gue") !== (written !== null)) {
    return refuse("gue has a port, the others have none");
  }
  if (tunnel.type === "ipip" && tunnel.checksum !== "none") return refuse("ipip has no checksum");
  if (tunnel.type === "gre" && tunnel.checksum === "remote-checksum") {
    return refuse("remcsum is for gue");
  }
  return accept({ forward, tunnel: tunnel.type === "ipip" ? null : tunnel });
}

const TIMEOUT_MAX_S = 31 * 24 * 3600;
const timeout = integer(1, TIMEOUT_MAX_S);

/** keepalived's lvs_timeouts; 0 = stays as it is. */
export const lvsTimeouts = madeOf(
  lineType({
    tcpS: option("tcp", "S", timeout),
    tcpFinS: option("tcpfin", "S", timeout),
    udpS: option("udp", "S", timeout),
  }),
  ({ tcpS, tcpFinS, udpS }) => accept({ tcpS: tcpS ?? 0, tcpFinS: tcpFinS ?? 0, udpS: udpS ?? 0 }),
  ({ tcpS, tcpFinS, udpS }) => ({
    tcpS: tcpS || null,
    tcpFinS: tcpFinS || null,
    udpS: udpS || null,
  }),
);

/** keepalived's lvs_sync_daemon. */
export const syncDaemon = lineType(
  {
    interface: first("INTERFACE", interfaceName),
    instance: perhaps("INSTANCE", name, "inst"),
    id: option("id", "N", integer(0, 255)),
    maxlen: option("maxlen", "N", integer(1, 65507)),
    port: option("port", "N", port),
    ttl: option("ttl", "N", integer(1, 255)),
    group: option("group", "A", multicastAddress),
  },
  { about: ({ instance }) => instance },
);

export const lvsSysctl: KeyType<LvsSysctl> = {
  parse: parseLvsSysctl,
  print: ({ name: setting, value }) => `${setting} ${value}`,
  about: ({ name: setting }) => setting,
  help: "NAME VALUE, a setting of net.ipv4.vs",
};

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
  const [, setting = "", value = ""] = match ?? [];
  if (match === null) return refuse(right);
  // A newer kernel may know more: only what looks like a slip of the pen is refused here.
  const known = LVS_SYSCTLS.some((each) => each === setting);
  if (!known && nearest(setting, LVS_SYSCTLS) !== undefined) {
    return refuse(`${right}${didYouMean(setting, LVS_SYSCTLS)}`);
  }
  return accept({ name: setting, value: value.trim().replace(/\s+/g, " ") });
}

const place: KeyType<Omit<Mark, "protocol">> = {
  parse: parsePlace,
  print: ({ address, firstPort, lastPort }) =>
    `${hostPort(address, firstPort)}${firstPort === lastPort ? "" : `-${lastPort}`}`,
  help: "ADDRESS:PORT[-PORT]",
};

export const markLine: KeyType<Mark> = madeOf(
  lineType({
    place: first("ADDRESS:PORT[-PORT]", place),
    protocol: perhaps("tcp|udp|sctp", oneOf("tcp", "udp", "sctp")),
  }),
  ({ place: where, protocol }) => accept({ ...where, protocol: protocol ?? "tcp" }),
  ({ protocol, ...where }) => ({ place: where, protocol }),
  { numeric: "place" },
);

function parsePlace(text: string): Judged<Omit<Mark, "protocol">> {
  const right =
    "an address and its port, such as 10.0.0.1:443, 10.0.0.1:8000-8010 or [2001:db8::1]:80";
  const range = /^(.*:\d+)-(\d+)$/.exec(text);
  const endpoint = parseEndpoint(range?.[1] ?? text, "required");
  if (!endpoint.ok) return refuse(right);
  const { address, port } = endpoint.value;
  const firstPort = port ?? 0;
  const lastPort = range === null ? firstPort : numberIn(range[2], 1, 65535);
  if (lastPort === undefined) return refuse(`${right}, with ports from 1 to 65535`);
  if (lastPort < firstPort) return refuse(`${right}, and a range that goes upwards`);
  return accept({ address, firstPort, lastPort });
}
