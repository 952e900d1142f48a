// Keys of [check.*] that speak TLS.

import { bool, file, integer, oneOf, word } from "../plain-types.ts";
import type { KeySpec } from "../spec.ts";

/** Of the types that speak TLS always. */
// biome-ignore format: a table, a row a key
export const tlsKeys = {
  sni_name: { field: "serverName", type: word, aliases: ["sni"], otherwise: "host when it is a name, else none", example: "www.example.com", level: "basic",
    doc: "Name that is sent as SNI and that the certificate must be for; without a name it must be for the address that is probed" },
  verify: { field: "verify", type: bool, default: "yes", level: "basic",
    doc: "The certificate must be good: its chain, its dates and its name; no = any will do" },
  ca: { field: "caFile", type: file, otherwise: "the authorities that this system trusts", example: "/etc/duet/ca.pem", level: "basic",
    doc: "Certificates of the authorities, PEM, in place of those of the system; a file that changes is read again" },
  certificate: { type: file, otherwise: "none is shown", example: "/etc/duet/probe.pem",
    doc: "Certificate that a probe shows to a server that asks for one, PEM, with those between it and the authority; with TLS 1.3 only a check that reads an answer notices that a server does not like it" },
  key: { type: file, otherwise: "in the file of certificate", example: "/etc/duet/probe.key",
    doc: "Private key of certificate, PEM, without a passphrase" },
  expiry_warning: { field: "expiryWarningDays", type: integer(0, 3650), otherwise: "never", example: "14", level: "basic",
    doc: "Days: a check still succeeds, and its last detail warns, when the certificate expires sooner. One that has expired is a failure, also with verify = no" },
  min_version: { field: "minVersion", type: oneOf("1.0", "1.1", "1.2", "1.3"), default: "1.2", doc: "Lowest version of TLS that will do" },
} as const satisfies Readonly<Record<string, KeySpec>>;

/** Of the types that speak TLS when they are told to. */
// biome-ignore format: a table, a row a key
export const tlsOptionKeys = {
  tls: { type: bool, default: "no", level: "basic", doc: "The connection begins with a TLS handshake" },
  ...tlsKeys,
} as const satisfies Readonly<Record<string, KeySpec>>;
