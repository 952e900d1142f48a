// Checks of servers that are asked by one packet.

import type { CheckCommon } from "./model-common.ts";
import type { Login } from "./model-login.ts";
import type { TlsUse } from "./model-stream.ts";
import type { BodyMatch, HttpQuestion } from "./model-web.ts";

export type DnsCheckConfig = CheckCommon & {
  readonly type: "dns";
  readonly transport: "udp" | "tcp";
  readonly queryName: string;
  readonly queryType: QueryType;
  /** Asks the server to look elsewhere for what it does not know. */
  readonly recursion: boolean;
  readonly rcode: Rcode;
  /** What one of the records must be; null = any answer will do, also an empty one. */
  readonly answer: BodyMatch | null;
};

export const QUERY_TYPES = [
  "A",
  "AAAA",
  "NS",
  "CNAME",
  "SOA",
  "PTR",
  "MX",
  "TXT",
  "SRV",
  "NAPTR",
  "DS",
  "SSHFP",
  "DNSKEY",
  "TLSA",
  "CAA",
  "ANY",
] as const;

export type QueryType = (typeof QUERY_TYPES)[number];

export const RCODES = ["NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"] as const;

export type Rcode = (typeof RCODES)[number];

export type UdpCheckConfig = CheckCommon & {
  readonly type: "udp";
  /** As hex; null = 8 random bytes. */
  readonly payload: string | null;
  /** null = silence will do, an ICMP error will not. */
  readonly reply: ReplyPattern | null;
  readonly replyBytesMin: number;
  readonly replyBytesMax: number;
};

/** Hex digits that the reply must begin with, X = any; "" = any reply. */
export type ReplyPattern = string;

export type PingCheckConfig = CheckCommon & { readonly type: "ping" };

export type NtpCheckConfig = CheckCommon & {
  readonly type: "ntp";
  /** A server further away from a clock is no good. */
  readonly stratumMax: number;
};

export type RadiusFields = {
  readonly secret: string;
  /** null = Status-Server in place of Access-Request. */
  readonly login: Login | null;
  readonly nasIp: string | null;
  readonly nasIdentifier: string;
  /** What is right as an answer to Access-Request. */
  readonly reply: "accept" | "reject" | "any";
  /** An answer without Message-Authenticator is no success; a wrong one never is. */
  readonly requireMessageAuthenticator: boolean;
};

export type RadiusCheckConfig = CheckCommon & RadiusFields & { readonly type: "radius" };

export type SipFields = {
  readonly transport: "udp" | "tcp";
  /** Over tcp only. */
  readonly tls: TlsUse | null;
  /** URIs; null = made of the addresses and ports of both ends. */
  readonly to: string | null;
  readonly from: string | null;
  /** Inclusive ranges of status codes that are a success. */
  readonly status: HttpQuestion["status"];
};

export type SipCheckConfig = CheckCommon & SipFields & { readonly type: "sip" };

export type DatagramCheckConfig =
  | SipCheckConfig
  | RadiusCheckConfig
  | DnsCheckConfig
  | UdpCheckConfig
  | PingCheckConfig
  | NtpCheckConfig;
