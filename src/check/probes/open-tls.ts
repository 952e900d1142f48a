// TLS over a socket that is connected: the handshake, and what the certificate is worth. RFC 8446, RFC 6125.

import { createPrivateKey, X509Certificate } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import type { Socket } from "node:net";
import {
  checkServerIdentity,
  connect,
  createSecureContext,
  type SecureContext,
  type TLSSocket,
} from "node:tls";
import { wallMs } from "../../lib/clock.ts";
import { errorText } from "../../lib/errors.ts";
import type { TlsUse } from "../types/tls.ts";
import type { Outcome } from "./attempt.ts";

export type TlsSummary = {
  /** "TLSv1.3" */
  readonly protocol: string;
  /** undefined = the server showed no certificate. */
  readonly daysLeft: number | undefined;
  /** Set when the certificate ends soon. */
  readonly warning: string | null;
};

export type TlsPlace = { readonly address: string; readonly alpn?: readonly string[] };

/** Calls `ready` after a handshake whose certificate will do, or `end`. The socket must be destroyed by the caller; undefined = it ended at once, by a file that cannot be used. */
export function openTls(
  below: Socket,
  use: TlsUse,
  { address, alpn = [] }: TlsPlace,
  then: {
    readonly ready: (stream: TLSSocket, summary: TlsSummary) => void;
    readonly end: (outcome: Outcome) => void;
  },
): TLSSocket | undefined {
  let secureContext: SecureContext;
  try {
    secureContext = contextOf(use);
  } catch (error) {
    then.end({ ok: false, cause: "internal", detail: errorText(error) });
    return undefined;
  }
  const socket = connect({
    socket: below,
    secureContext,
    // What does not verify is judged below, where more can be said about it.
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
    ...(use.serverName === null ? {} : { servername: use.serverName }),
    ...(alpn.length === 0 ? {} : { ALPNProtocols: [...alpn] }),
  });
  const onError = (error: Error): void => then.end(handshakeFailure(error));
  const onClose = (): void => then.end(failed("the connection closed during the handshake"));
  socket.on("error", onError);
  socket.on("close", onClose);
  socket.once("secureConnect", () => {
    socket.off("error", onError);
    socket.off("close", onClose);
    socket.on("error", () => {});
    const leftMs = certificateLeftMs(socket);
    const wrong = certificateProblem(socket, use, address, leftMs);
    if (wrong !== undefined) {
      then.end({ ok: false, cause: "certificate_rejected", detail: wrong });
      return;
    }
    if (alpn.length > 0 && !alpn.includes(socket.alpnProtocol || "")) {
      then.end(failed(`the server does not choose ${alpn.join(" or ")} (ALPN)`));
      return;
    }
    const days = leftMs === undefined ? undefined : Math.trunc(leftMs / DAY_MS);
    const isSoon = days !== undefined && days <= (use.expiryWarningDays ?? -1);
    const summary: TlsSummary = {
      protocol: socket.getProtocol() ?? "TLS",
      daysLeft: days,
      warning: isSoon ? `warning: the certificate expires in ${spokenDays(days)}` : null,
    };
    then.ready(socket, summary);
  });
  return socket;
}

/** A success says what its certificate warns of. */
export function warned(outcome: Outcome, summary: TlsSummary | null): Outcome {
  const warning = summary?.warning ?? null;
  if (!outcome.ok || warning === null) return outcome;
  return { ...outcome, detail: `${outcome.detail}, ${warning}` };
}

type TlsError = NodeJS.ErrnoException & { readonly reason?: string };

/** An error of a TLS socket during its handshake. */
function handshakeFailure(error: TlsError): Outcome {
  const { code = "", reason, message } = error;
  if (code === "ECONNRESET") {
    // Node calls an end of the server's so too; only a reset comes from a system call.
    const how = error.syscall === undefined ? "closed" : "was reset";
    return failed(`the connection ${how} during the handshake`);
  }
  if (isInTheClear(error)) return failed(`the server does not speak TLS (${reason ?? code})`);
  if (isTlsError(error)) return failed(reason ?? code);
  return failed(code === "" ? message : code);
}

/** An error of TLS itself, see isTlsError(), once it was agreed. */
export function tlsFailure(error: TlsError): Outcome {
  const { code = "", reason } = error;
  // As vsftpd tells its own faults.
  if (isInTheClear(error)) return failed(`the server left TLS (${reason ?? code})`);
  return failed(reason ?? code);
}

/** What came is no record of TLS. */
function isInTheClear({ code }: TlsError): boolean {
  return code === "ERR_SSL_WRONG_VERSION_NUMBER" || code === "ERR_SSL_PACKET_LENGTH_TOO_LONG";
}

export function isTlsError(error: NodeJS.ErrnoException): boolean {
  return error.code?.startsWith("ERR_SSL_") === true || error.code === "EPROTO";
}

export function spokenDays(days: number): string {
  return days === 1 ? "1 day" : `${days} days`;
}

function failed(detail: string): Outcome {
  return { ok: false, cause: "tls_failed", detail };
}

function certificateProblem(
  socket: TLSSocket,
  use: TlsUse,
  address: string,
  leftMs: number | undefined,
): string | undefined {
  const { verify, serverName, expiryWarningDays } = use;
  // Asked for its days, a certificate without any is no success even where nobody verifies it.
  if (leftMs !== undefined && leftMs < 0 && (verify || expiryWarningDays !== null)) {
    return `the certificate expired ${spokenDays(Math.trunc(-leftMs / DAY_MS))} ago`;
  }
  if (!verify) return undefined;
  // @types says Error; it is the code of the error.
  const chain = socket.authorizationError as unknown as string | Error | null | undefined;
  if (chain) return chainProblem(typeof chain === "string" ? chain : chain.message);
  const name = serverName ?? address;
  const certificate = socket.getPeerCertificate();
  if (checkServerIdentity(name, certificate) === undefined) return undefined;
  const names = certificate.subjectaltname ?? `CN:${String(certificate.subject.CN)}`;
  return `the certificate is for ${names.replaceAll(/(?:DNS|IP Address|CN):/g, "")}, not for ${name}`;
}

function chainProblem(code: string): string {
  const known = CHAIN_PROBLEMS[code];
  return known === undefined ? `the certificate does not verify (${code})` : `${known} (${code})`;
}

const CHAIN_PROBLEMS: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: "the certificate is self-signed",
  SELF_SIGNED_CERT_IN_CHAIN: "the authority of the certificate is not known here",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "the authority of the certificate is not known here",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "the authority of the certificate is not known here",
  CERT_HAS_EXPIRED: "a certificate has expired",
  CERT_NOT_YET_VALID: "the certificate is not valid yet",
};

const DAY_MS = 86_400_000;

function certificateLeftMs(socket: TLSSocket): number | undefined {
  const { valid_to: until } = socket.getPeerCertificate();
  const untilMs = until === undefined ? Number.NaN : Date.parse(until);
  return Number.isNaN(untilMs) ? undefined : untilMs - wallMs();
}

const SYSTEM_CA_FILE = "/etc/ssl/certs/ca-certificates.crt";

type Kept = { readonly context: SecureContext; readonly changed: string };

// Building one costs milliseconds, so the few that there are stay; a file that changed is read again.
const contexts = new Map<string, Kept>();

function contextOf({ caFile, own, minVersion }: TlsUse): SecureContext {
  const file = caFile ?? (existsSync(SYSTEM_CA_FILE) ? SYSTEM_CA_FILE : null);
  const named = { ca: file, certificate: own?.certificateFile ?? null, key: own?.keyFile ?? null };
  const changed = Object.entries(named).map(changeOf).join();
  const key = JSON.stringify([minVersion, named]);
  const kept = contexts.get(key);
  if (kept?.changed === changed) return kept.context;
  const context = createSecureContext({
    ...(file === null ? {} : { ca: certificatesOf("ca", file) }),
    ...(own === null ? {} : shown(own)),
    minVersion: minVersion === "1.0" ? "TLSv1" : `TLSv${minVersion}`,
    // OpenSSL 3 has no TLS 1.0 and 1.1 above level 0.
    ...(minVersion < "1.2" ? { ciphers: "DEFAULT@SECLEVEL=0" } : {}),
  } as Parameters<typeof createSecureContext>[0]);
  contexts.set(key, { context, changed });
  return context;
}

function changeOf([key, file]: readonly [key: string, file: string | null]): number {
  if (file === null) return 0;
  try {
    return statSync(file).mtimeMs;
  } catch (error) {
    throw new Error(`Cannot read the file of ${key}`, { cause: error });
  }
}

/** OpenSSL takes a file without a certificate for an empty list, in silence. */
function certificatesOf(key: string, file: string): string {
  const text = readFileSync(file, "utf8");
  try {
    new X509Certificate(text);
  } catch (error) {
    throw new Error(`Cannot use ${file} as ${key}: ${errorText(error)}`);
  }
  return text;
}

function shown({ certificateFile, keyFile }: NonNullable<TlsUse["own"]>): {
  readonly cert: string;
  readonly key: Buffer;
} {
  const cert = certificatesOf("certificate", certificateFile);
  try {
    const key = readFileSync(keyFile);
    if (!new X509Certificate(cert).checkPrivateKey(createPrivateKey(key)))
      throw new Error("it is another one's");
    return { cert, key };
  } catch (error) {
    throw new Error(`Cannot use ${keyFile} as key of ${certificateFile}: ${errorText(error)}`);
  }
}
