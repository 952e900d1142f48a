// The table of probes: the one place that knows them all. A new one is one file and one line here.

import { ldap } from "../databases/ldap.ts";
import { mysql } from "../databases/mysql.ts";
import { postgresql } from "../databases/postgresql.ts";
import { ftp } from "../dialogues/ftp.ts";
import { imap } from "../dialogues/imap.ts";
import { nntp } from "../dialogues/nntp.ts";
import { pop3 } from "../dialogues/pop3.ts";
import { smtp } from "../dialogues/smtp.ts";
import type { CheckConfig, CheckConfigOf, CheckType, ProbeResult, Target } from "../model.ts";
import type { ProbeContext } from "./attempt.ts";
import { probeBfd } from "./bfd.ts";
import { probeDns } from "./dns.ts";
import { probeFile } from "./file.ts";
import { probeFixed } from "./fixed.ts";
import { probeGrpc } from "./grpc.ts";
import { probeHttp } from "./http.ts";
import { probeMisc } from "./misc.ts";
import { probeNtp } from "./ntp.ts";
import { probePing } from "./ping.ts";
import { probeRadius } from "./radius.ts";
import { probeMemcached, probeRedis } from "./redis.ts";
import { probeSip } from "./sip.ts";
import { talk } from "./talk.ts";
import { talkPackets } from "./talk-packets.ts";
import { probeTcp } from "./tcp.ts";
import { probeTls } from "./tls.ts";
import { probeUdp } from "./udp.ts";
import { probeWebsocket } from "./websocket.ts";

/** `target` is where to go, whatever the check says of it. Never rejects; ends within the checker's timeout; leaves nothing open. */
export type ProbeOf<T extends CheckType> = (
  target: Target,
  config: CheckConfigOf<T>,
  context: ProbeContext,
) => Promise<ProbeResult>;

export type Probe = (
  target: Target,
  config: CheckConfig,
  context: ProbeContext,
) => Promise<ProbeResult>;

const PROBES: { readonly [T in CheckType]: ProbeOf<T> } = {
  tcp: probeTcp,
  tls: probeTls,
  http: probeHttp,
  https: probeHttp,
  websocket: probeWebsocket,
  grpc: probeGrpc,
  redis: probeRedis,
  memcached: probeMemcached,
  smtp: talk(smtp),
  pop3: talk(pop3),
  imap: talk(imap),
  ftp: talk(ftp),
  nntp: talk(nntp),
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
  ldap: talkPackets(ldap),
  mysql: talkPackets(mysql),
  postgresql: talkPackets(postgresql),
};

/** The target is the real server; the check may have another in mind. */
export const probe: Probe = async (realServer, config, context) => {
  const address = config.address ?? realServer.address;
  const target = { address, port: config.port ?? realServer.port };
  return probeOf(config)(target, config, context);
};

function probeOf<T extends CheckType>({ type }: CheckConfigOf<T>): ProbeOf<T> {
  return PROBES[type];
}
