// What checks make of their keys of TLS.

import { isIP } from "node:net";
import type { TlsUse } from "../../check/model-stream.ts";
import { isGiven, lineOf, type Section } from "../draft.ts";
import type { Row } from "../fields.ts";
import { yesNo } from "../plain-types.ts";
import type { Report } from "../validate.ts";
import { tlsKeys } from "./keys-tls.ts";
import type { CheckKind } from "./kinds.ts";

export const tls: CheckKind<"tls"> = {
  build: (section) => ({ tls: buildTls(section, null) }),
  rows: (check) => tlsRows(check.tls),
  judge: judgeTls,
};

/** `host`: what stands in for sni_name when it is a name. */
export function buildTls({ values }: Section<"check">, host: string | null): TlsUse {
  const { sni_name, verify, ca, certificate, key, min_version, expiry_warning } = values;
  return {
    serverName: sni_name ?? nameIn(host),
    verify,
    caFile: ca ?? null,
    own:
      certificate === undefined
        ? null
        : { certificateFile: certificate, keyFile: key ?? certificate },
    minVersion: min_version,
    expiryWarningDays: expiry_warning ?? null,
  };
}

export function tlsOption(section: Section<"check">, host: string | null): TlsUse | null {
  return section.values.tls ? buildTls(section, host) : null;
}

export function tlsRows(use: TlsUse): readonly Row[] {
  return [
    ["sni_name", use.serverName],
    ["verify", yesNo(use.verify)],
    ["ca", use.caFile],
    ["certificate", use.own?.certificateFile ?? null],
    ["key", use.own?.keyFile ?? null],
    ["expiry_warning", use.expiryWarningDays],
    ["min_version", use.minVersion],
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
