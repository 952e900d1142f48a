// TLS: of the type that is nothing but a handshake, of those that speak it always, and of those that are told to.

import { isIP } from "node:net";
import { type Fields, fieldsOf, type Row, rowsOf } from "../../config/schema/fields.ts";
import { bool, file, integer, oneOf, word } from "../../config/schema/plain-types.ts";
import { connects } from "./connects.ts";
import {
  type CheckKind,
  isGiven,
  lineOf,
  type Part,
  type Report,
  type Rows,
  type Written,
} from "./type.ts";

// biome-ignore format: a table, a row a key
const tlsKeys = {
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
} as const satisfies Rows;

// biome-ignore format: a table, a row a key
const tlsOptionKeys = {
  tls: { type: bool, default: "no", level: "basic", doc: "The connection begins with a TLS handshake" },
  ...tlsKeys,
} as const satisfies Rows;

// biome-ignore format: a table, a row a key
const securedKeys = {
  ...tlsOptionKeys,
  starttls: { type: bool, default: "no", level: "basic",
    doc: "TLS once the server has agreed to it (STARTTLS, STLS, AUTH TLS, StartTLS), in place of tls" },
} as const satisfies Rows;

/** How a probe speaks TLS. */
export type TlsUse = Fields<typeof tlsKeys> & {
  /** What this end shows when it is asked, PEM; both may be one file. null = nothing. */
  readonly own: { readonly certificateFile: string; readonly keyFile: string } | null;
};

/** Keys of other parts that say whom a certificate is for where sni_name does not: of HTTP, and of SIP. */
type Named = { readonly host?: string | undefined; readonly to?: string | undefined };

export const tlsAlways = {
  keys: tlsKeys,
  build: (section: Written<typeof tlsKeys, Named>) => ({ tls: buildTls(section) }),
  rows: ({ tls: use }: { readonly tls: TlsUse }) => tlsRows(use),
  judge: judgeTls,
} as const satisfies Part;

export const tlsOption = {
  keys: tlsOptionKeys,
  build: (section: Written<typeof tlsOptionKeys, Named>) => ({ tls: optional(section) }),
  rows: ({ tls: use }: { readonly tls: TlsUse | null }) => optionRows(use),
  judge: judgeTlsOption,
} as const satisfies Part;

/** TLS from the first byte on, or once the server has agreed to it. */
export const secured = {
  keys: securedKeys,
  build(section: Written<typeof securedKeys>) {
    const { starttls } = section.values;
    return { tls: starttls ? buildTls(section) : optional(section), starttls };
  },
  rows: ({ tls: use, starttls }: { readonly tls: TlsUse | null; readonly starttls: boolean }) => [
    ["starttls", bool.print(starttls)],
    ...(starttls && use !== null ? tlsRows(use) : optionRows(use)),
  ],
  judge(section: Written<typeof securedKeys>, report: Report) {
    const { tls: always, starttls } = section.values;
    if (starttls) judgeTls(section, report);
    else judgeTlsOption(section, report);
    if (always && starttls) {
      report(
        Math.max(lineOf(section, "tls"), lineOf(section, "starttls")),
        "Cannot use tls and starttls in one check: leave one of them out",
      );
    }
  },
} as const satisfies Part;

export const tls = {
  doc: "a handshake with a good certificate",
  parts: [tlsAlways, connects],
} as const satisfies CheckKind;

function buildTls({ values }: Written<typeof tlsKeys, Named>): TlsUse {
  const { sni_name, certificate, key, host, to } = values;
  return {
    ...fieldsOf(tlsKeys, values),
    serverName: sni_name ?? nameIn(host ?? hostIn(to)),
    own:
      certificate === undefined
        ? null
        : { certificateFile: certificate, keyFile: key ?? certificate },
  };
}

function optional(section: Written<typeof tlsOptionKeys, Named>): TlsUse | null {
  return section.values.tls ? buildTls(section) : null;
}

function tlsRows(use: TlsUse): readonly Row[] {
  return [
    ...rowsOf(tlsKeys, use),
    ["certificate", use.own?.certificateFile ?? null],
    ["key", use.own?.keyFile ?? null],
  ];
}

function optionRows(use: TlsUse | null): readonly Row[] {
  return use === null ? [] : [["tls", "yes"], ...tlsRows(use)];
}

function judgeTls(section: Written<typeof tlsKeys>, report: Report): void {
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

function judgeTlsOption(section: Written<typeof tlsOptionKeys>, report: Report): void {
  if (section.values.tls) {
    judgeTls(section, report);
    return;
  }
  for (const key of Object.keys(tlsKeys)) {
    if (!isGiven(section, key)) continue;
    report(lineOf(section, key), `Cannot use ${key} without TLS: add "tls = yes"`);
  }
}

/** HOST[:PORT] of a URI of SIP. */
function hostIn(uri: string | undefined): string | undefined {
  return uri?.replace(/^sips?:(?:.*@)?/, "").replace(/;.*/, "");
}

function nameIn(host: string | undefined): string | null {
  const name = host?.replace(/:\d+$/, "") ?? "";
  return name === "" || name.startsWith("[") || isIP(name) !== 0 ? null : name;
}
