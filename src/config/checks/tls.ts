// TLS of checks: its keys, what they come to, and their rules.

import { isIP } from "node:net";
import type { TlsUse } from "../../check/model-stream.ts";
import { fieldsOf, type Row, rowsOf } from "../schema/fields.ts";
import { bool, file, integer, oneOf, word } from "../schema/plain-types.ts";
import type { KeySpec } from "../schema/row.ts";
import { isGiven, lineOf, type Section } from "../schema/section.ts";
import type { Report } from "../validate.ts";
import type { CheckKind } from "./kinds.ts";

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

export const tls: CheckKind<"tls"> = {
  build: (section) => ({ tls: buildTls(section, null) }),
  rows: (check) => tlsRows(check.tls),
  judge: judgeTls,
};

/** `host`: what stands in for sni_name when it is a name. */
export function buildTls({ values }: Section<"check">, host: string | null): TlsUse {
  const { sni_name, certificate, key } = values;
  return {
    ...fieldsOf(tlsKeys, values),
    serverName: sni_name ?? nameIn(host),
    own:
      certificate === undefined
        ? null
        : { certificateFile: certificate, keyFile: key ?? certificate },
  };
}

export function tlsOption(section: Section<"check">, host: string | null): TlsUse | null {
  return section.values.tls ? buildTls(section, host) : null;
}

export function tlsRows(use: TlsUse): readonly Row[] {
  return [
    ...rowsOf(tlsKeys, use),
    ["certificate", use.own?.certificateFile ?? null],
    ["key", use.own?.keyFile ?? null],
  ];
}

export function tlsOptionRows(use: TlsUse | null): readonly Row[] {
  return use === null ? [] : [["tls", "yes"], ...tlsRows(use)];
}

export function judgeTls(section: Section<"check">, report: Report): void {
  const { sni_name, verify } = section.values;
  if (sni_name !== undefined && isIP(sni_name) !== 0) {
    report(
      lineOf(section, "sni_name"),
      `Cannot use sni_name "${sni_name}": it must be a name, an address is never sent as SNI`,
    );
  }
  if (isGiven(section, "key") && !isGiven(section, "certificate")) {
    report(lineOf(section, "key"), "Cannot use key without certificate: say whose key it is");
  }
  if (!verify && isGiven(section, "ca")) {
    report(lineOf(section, "ca"), "Cannot use ca with verify = no: leave one of them out");
  }
}

export function judgeTlsOption(section: Section<"check">, report: Report): void {
  if (section.values.tls) {
    judgeTls(section, report);
    return;
  }
  for (const key of Object.keys(tlsKeys) as (keyof typeof tlsKeys)[]) {
    if (!isGiven(section, key)) continue;
    report(lineOf(section, key), `Cannot use ${key} without TLS: add "tls = yes"`);
  }
}

function nameIn(host: string | null): string | null {
  const name = host?.replace(/:\d+$/, "") ?? "";
  return name === "" || name.startsWith("[") || isIP(name) !== 0 ? null : name;
}
