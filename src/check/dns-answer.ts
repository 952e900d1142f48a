// What an answer of a name server is worth. RFC 1035; names and values as zone files write them, without the last dot.

import type { CaaData, DecodedPacket, MxData, SoaData, SrvData } from "dns-packet";
import { canonicalAddress } from "../lib/ip.ts";
import { type Asker, search, whyUnknown } from "./expressions/search.ts";
import { badResponse, type Outcome } from "./probes/attempt.ts";
import type { CheckConfigOf } from "./types/index.ts";
import type { BodyMatch } from "./types/payload.ts";

export type DnsAsked = Pick<
  CheckConfigOf<"dns">,
  "queryName" | "queryType" | "rcode" | "answer"
> & {
  readonly id: number;
  readonly asker: Asker;
};

type Decode = (bytes: Buffer) => DecodedPacket;

const RESPONSE_FLAG = 0x80;
const HEADER_BYTES = 12;

/** undefined = no answer to this question, whoever sent it. Never rejects. */
export async function judgeAnswer(
  bytes: Buffer,
  asked: DnsAsked,
  decode: Decode,
): Promise<Outcome | undefined> {
  if (bytes.length < HEADER_BYTES || bytes.readUInt16BE(0) !== asked.id) return undefined;
  if (((bytes[2] ?? 0) & RESPONSE_FLAG) === 0) return undefined;
  let packet: DecodedPacket;
  try {
    packet = decode(bytes);
  } catch (error) {
    return badResponse(`malformed answer: ${error instanceof Error ? error.message : "unknown"}`);
  }
  const [question, ...more] = packet.questions ?? [];
  // A server that cannot read the question (FORMERR) may leave it out.
  if (question !== undefined || packet.answers?.length) {
    const same =
      question !== undefined &&
      more.length === 0 &&
      nameOf(question.name) === nameOf(asked.queryName) &&
      question.type === asked.queryType;
    if (!same) return undefined;
  }
  return judgeRecords(packet, asked);
}

async function judgeRecords(
  packet: DecodedPacket,
  { rcode, answer, queryType, asker }: DnsAsked,
): Promise<Outcome> {
  const seen = (packet as unknown as { readonly rcode: string }).rcode;
  if (seen !== rcode) return badResponse(`${seen}, wanted ${rcode}`);
  const records = (packet.answers ?? []).filter(
    ({ type }) => queryType === "ANY" || type === queryType,
  );
  const values = records.map((record) =>
    valueText(record.type, (record as { data?: unknown }).data),
  );
  const found = answer === null || (await matches(answer, values, asker));
  if (answer !== null && found !== true) {
    if (found !== false) return mismatch(found);
    if (packet.flag_tc) return mismatch("the answer is cut: use transport = tcp");
    const wanted = answer.kind === "text" ? JSON.stringify(answer.text) : `/${answer.source}/`;
    return mismatch(`wanted ${wanted}, got ${values.length === 0 ? "none" : values.join(", ")}`);
  }
  const detail = values.length === 0 ? seen : `${seen} ${values.slice(0, 3).join(", ")}`;
  return { ok: true, detail };
}

/** Or why it cannot be told. */
async function matches(
  answer: BodyMatch,
  values: readonly string[],
  asker: Asker,
): Promise<boolean | string> {
  if (answer.kind === "text") {
    const wanted = nameOf(canonicalAddress(answer.text) ?? answer.text);
    return values.some((value) => nameOf(value) === wanted);
  }
  const { source } = answer;
  const asked = { source, flags: "", texts: values } as const;
  const found = await search(asked, asker);
  return "why" in found ? whyUnknown(asked, found) : found.kind === "match";
}

function nameOf(name: string): string {
  return name.toLowerCase().replace(/(?<=.)\.$/, "");
}

/** What stands behind the type in a zone file. */
function valueText(type: string, data: unknown): string {
  if (typeof data === "string") return canonicalAddress(data) ?? data;
  switch (type) {
    case "TXT":
      return (Array.isArray(data) ? data : [data]).map(String).join("");
    case "MX": {
      const { preference = 0, exchange } = data as MxData;
      return `${preference} ${exchange}`;
    }
    case "SRV": {
      const { priority = 0, weight = 0, port, target } = data as SrvData;
      return `${priority} ${weight} ${port} ${target}`;
    }
    case "SOA": {
      const { mname, rname, serial, refresh, retry, expire, minimum } = data as SoaData;
      return [mname, rname, serial, refresh, retry, expire, minimum].join(" ");
    }
    case "CAA": {
      const { flags = 0, tag, value } = data as CaaData;
      return `${flags} ${tag} ${value}`;
    }
    default:
      return otherText(data);
  }
}

/** The fields in their order; what is no text or number is hex. */
function otherText(data: unknown): string {
  if (typeof data === "object" && data !== null && !Buffer.isBuffer(data)) {
    return Object.values(data).map(otherText).join(" ");
  }
  return Buffer.isBuffer(data) ? data.toString("hex") : String(data);
}

function mismatch(detail: string): Outcome {
  return { ok: false, cause: "unexpected_answer", detail };
}
