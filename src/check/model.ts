// The words of the check room. A checker is what is configured, a probe is one run of it.

import type { CheckCommon } from "./model-common.ts";
import type { DatabaseCheckConfig } from "./model-database.ts";
import type { DatagramCheckConfig } from "./model-datagram.ts";
import type { LocalCheckConfig } from "./model-local.ts";
import type { MailCheckConfig } from "./model-login.ts";
import type { Step, TlsUse } from "./model-stream.ts";
import type { HttpHeader, HttpQuestion } from "./model-web.ts";

export type CheckConfig =
  | TcpCheckConfig
  | TlsCheckConfig
  | HttpCheckConfig
  | HttpsCheckConfig
  | WebsocketCheckConfig
  | GrpcCheckConfig
  | RedisCheckConfig
  | MemcachedCheckConfig
  | MailCheckConfig
  | DatagramCheckConfig
  | LocalCheckConfig
  | DatabaseCheckConfig;
export type CheckType = CheckConfig["type"];
export type CheckConfigOf<T extends CheckType> = Extract<CheckConfig, { readonly type: T }>;

export type TcpCheckConfig = CheckCommon & {
  readonly type: "tcp";
  readonly tls: TlsUse | null;
  /** In this order, after the connection. */
  readonly steps: readonly Step[];
};

export type TlsCheckConfig = CheckCommon & { readonly type: "tls"; readonly tls: TlsUse };

export type HttpCheckConfig = CheckCommon &
  HttpQuestion & { readonly type: "http"; readonly tls: null };

export type HttpsCheckConfig = CheckCommon &
  HttpQuestion & { readonly type: "https"; readonly tls: TlsUse };

export type WebsocketCheckConfig = CheckCommon & {
  readonly type: "websocket";
  readonly tls: TlsUse | null;
  readonly path: string;
  /** The Host header; null = the address and port that are probed. */
  readonly host: string | null;
  readonly headers: readonly HttpHeader[];
};

export type GrpcCheckConfig = CheckCommon & {
  readonly type: "grpc";
  readonly tls: TlsUse | null;
  /** As above, sent as :authority. */
  readonly host: string | null;
  /** Shorter than 128 bytes; "" = the server as a whole. */
  readonly service: string;
};

export type RedisCheckConfig = CheckCommon & {
  readonly type: "redis";
  readonly tls: TlsUse | null;
  /** Without a name: the password of the server. */
  readonly login: { readonly name: string | null; readonly password: string } | null;
  /** null = either will do. */
  readonly role: "master" | "slave" | null;
};

export type MemcachedCheckConfig = CheckCommon & {
  readonly type: "memcached";
  readonly tls: TlsUse | null;
};

/** Where a probe goes. */
export type Target = { readonly address: string; readonly port: number };

/** Why a probe failed; a closed list, so that status and metrics can count it. */
export type FailureCause =
  | "connect_refused"
  | "connect_failed"
  | "timeout"
  /** No handshake: an alert, another protocol, no version in common. */
  | "tls_failed"
  | "certificate_rejected"
  | "unexpected_answer"
  | "bad_response"
  | "wrong_status"
  | "body_mismatch"
  | "too_many_redirects"
  /** The script, the file or the operator says so. */
  | "says_down"
  /** Nothing was heard of the probe: it got no slot, or did not end. */
  | "stale"
  | "login_failed"
  | "internal";

/** What a check makes of the real server's weight. */
export type SaidWeight = { readonly kind: "set" | "add"; readonly value: number };

export type ProbeResult =
  | {
      readonly ok: true;
      readonly detail: string;
      readonly tookMs: number;
      /** Left out = the configured one. */
      readonly weight?: SaidWeight;
    }
  | {
      readonly ok: false;
      readonly cause: FailureCause;
      readonly detail: string;
      readonly tookMs: number;
    };
