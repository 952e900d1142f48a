// One OPTIONS to a SIP server.

import { accept, type Judged, refuse } from "../../config/schema/judged.ts";
import { asItIs, type KeyType } from "../../config/schema/type.ts";
import { connects } from "./connects.ts";
import { transport } from "./dns.ts";
import { status } from "./http.ts";
import { tlsOption } from "./tls.ts";
import { type CheckKind, lineOf, plain, type Report, type Written } from "./type.ts";

const sipUri: KeyType<string> = {
  parse: parseSipUri,
  print: asItIs,
  help: "sip:[USER@]HOST[:PORT]",
};

// biome-ignore format: a table, a row a key
const ends = plain({
  to: { field: "to", type: sipUri, otherwise: "sip: with the address and port that are probed", example: "sip:ping@example.com", level: "basic",
    doc: "Who is asked for what he can do (OPTIONS), in the request and its To" },
  from: { field: "from", type: sipUri, otherwise: "sip:duet@ with the address and port of this end", example: "sip:duet@example.com",
    doc: "Who asks" },
});

const stream = {
  ...tlsOption,
  judge(section: Written<typeof tlsOption.keys & typeof transport.keys>, report: Report) {
    tlsOption.judge(section, report);
    if (section.values.tls && section.values.transport === "udp") {
      report(
        lineOf(section, "tls"),
        'Cannot use tls with transport = udp, the default: add "transport = tcp"',
      );
    }
  },
} as const;

export const sip = {
  doc: "a right answer to OPTIONS",
  parts: [transport, ends, status, stream, connects],
} as const satisfies CheckKind;

const URI_BYTES_MAX = 253;

/** RFC 3261 §19.1, without headers; "sip:" may be left out, as ldirectord's login has it. */
function parseSipUri(text: string): Judged<string> {
  const uri = /^sips?:/i.test(text)
    ? text.replace(/^.*?:/, (scheme) => scheme.toLowerCase())
    : `sip:${text}`;
  const isRight =
    uri.length <= URI_BYTES_MAX &&
    /^sips?:(?:[\w.!~*'()&=+$,;?/%:-]+@)?(?:[a-z\d-]+(?:\.[a-z\d-]+)*\.?|\[[\da-f:.]+\])(?::\d{1,5})?(?:;[\w.!~*'()&+$/:%[\]=;-]+)?$/i.test(
      uri,
    );
  return isRight ? accept(uri) : refuse("an address of SIP such as sip:ping@example.com");
}
