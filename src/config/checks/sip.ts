// Checks of SIP servers.

import { lineOf } from "../draft.ts";
import { statusCodes } from "../values-http.ts";
import type { CheckKind } from "./kinds.ts";
import { judgeTlsOption, tlsOption, tlsOptionRows } from "./tls.ts";

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
