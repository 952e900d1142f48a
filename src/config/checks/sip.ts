// Checks of SIP servers: their keys, what they come to, and their rules.

import type { KeySpec } from "../schema/row.ts";
import { lineOf } from "../schema/section.ts";
import type { CheckKind } from "./kinds.ts";
import { dnsKeys } from "./net.ts";
import { judgeTlsOption, tlsOption, tlsOptionKeys, tlsOptionRows } from "./tls.ts";
import { sipUri, statusCodes } from "./values.ts";
import { httpKeys } from "./web.ts";

// biome-ignore format: a table, a row a key
export const sipKeys = {
  transport: dnsKeys.transport,
  to: { type: sipUri, otherwise: "sip: with the address and port that are probed", example: "sip:ping@example.com", level: "basic",
    doc: "Who is asked for what he can do (OPTIONS), in the request and its To" },
  from: { type: sipUri, otherwise: "sip:duet@ with the address and port of this end", example: "sip:duet@example.com",
    doc: "Who asks" },
  status: httpKeys.status,
  ...tlsOptionKeys,
} as const satisfies Readonly<Record<string, KeySpec>>;

export const sip: CheckKind<"sip"> = {
  build(section) {
    const { transport, to, from, status } = section.values;
    const tls = tlsOption(section, hostIn(to));
    return { transport, to: to ?? null, from: from ?? null, status, tls };
  },
  rows: ({ transport, to, from, status, tls }) => [
    ["transport", transport],
    ["to", to],
    ["from", from],
    ["status", statusCodes.print(status)],
    ...tlsOptionRows(tls),
  ],
  judge(section, report) {
    judgeTlsOption(section, report);
    if (section.values.tls && section.values.transport === "udp") {
      report(
        lineOf(section, "tls"),
        'Cannot use tls with transport = udp, the default: add "transport = tcp"',
      );
    }
  },
};

/** HOST[:PORT] of a URI: what a certificate is for. */
function hostIn(uri: string | undefined): string | null {
  return uri?.replace(/^sips?:(?:.*@)?/, "").replace(/;.*/, "") ?? null;
}
