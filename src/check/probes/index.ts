// The probe of each type: the dialogue that it holds (types/), or the file that the table here says.

import type { PacketProtocol } from "../databases/packets.ts";
import type { CheckType } from "../types/index.ts";
import { TYPES } from "../types/index.ts";
import type { CheckKind } from "../types/type.ts";
import { probeBfd } from "./bfd.ts";
import { probeDns } from "./dns.ts";
import { probeFile } from "./file.ts";
import { probeFixed } from "./fixed.ts";
import { probeGrpc } from "./grpc.ts";
import { probeHttp } from "./http.ts";
import { probeMisc } from "./misc.ts";
import { probeNtp } from "./ntp.ts";
import { probePing } from "./ping.ts";
import type { Probe, ProbeOf } from "./probe.ts";
import { probeRadius } from "./radius.ts";
import { probeMemcached, probeRedis } from "./redis.ts";
import { probeSip } from "./sip.ts";
import { talk } from "./talk.ts";
import { talkPackets } from "./talk-packets.ts";
import { probeTcp } from "./tcp.ts";
import { probeTls } from "./tls.ts";
import { probeUdp } from "./udp.ts";
import { probeWebsocket } from "./websocket.ts";

/** Those whose probe is no dialogue. */
const PROBES = {
  tcp: probeTcp,
  tls: probeTls,
  http: probeHttp,
  https: probeHttp,
  websocket: probeWebsocket,
  grpc: probeGrpc,
  redis: probeRedis,
  memcached: probeMemcached,
  dns: probeDns,
  udp: probeUdp,
  ping: probePing,
  ntp: probeNtp,
  radius: probeRadius,
  sip: probeSip,
  misc: probeMisc,
  file: probeFile,
  bfd: probeBfd,
  on: probeFixed,
  off: probeFixed,
} as const satisfies { readonly [T in Exclude<CheckType, Dialogue>]: ProbeOf<T> };

/** Those whose type holds one. */
type Dialogue = {
  [T in CheckType]: (typeof TYPES)[T] extends
    | { readonly lines: object }
    | { readonly packets: object }
    ? T
    : never;
}[CheckType];

const all = new Map(
  Object.entries<CheckKind>(TYPES).map(([type, { lines, packets }]) => [
    type,
    lines !== undefined
      ? talk(lines)
      : packets !== undefined
        ? talkPackets(packets as PacketProtocol<unknown, never>)
        : PROBES[type as keyof typeof PROBES],
  ]),
) as ReadonlyMap<string, unknown> as ReadonlyMap<CheckType, Probe>;

/** The target is the real server; the check may have another in mind. */
export const probe: Probe = async (realServer, config, context) => {
  const address = config.address ?? realServer.address;
  const target = { address, port: config.port ?? realServer.port };
  const how = all.get(config.type);
  if (how === undefined) throw new Error(`Cannot probe by ${config.type}: there is no probe`);
  return how(target, config, context);
};
