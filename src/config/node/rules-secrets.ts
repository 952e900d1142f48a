// Passwords and keys that others on this machine may read: of the configuration, and of the files that it names. A warning, for the
// pair works all the same. Key files of auth_hmac are refused in that case (read.ts): they are duet's alone.

import { keysOf, SECTION_NAMES, type SectionName } from "../keys.ts";
import type { Report } from "../schema/lines.ts";
import { type Draft, lineOf, type Section, sectionsOf } from "../schema/section.ts";
import type { Surroundings } from "../surroundings.ts";
import { hmacKey, keyPathOf } from "../vrrp/hmac-key.ts";

type Found = { readonly line: number; readonly what: string };

export function judgeSecrets(
  draft: Draft,
  { fileOf, readersOf }: Surroundings,
  report: Report,
): void {
  const byFile = new Map<string, Found[]>();
  for (const one of secretsOf(draft)) {
    const file = fileOf(one.line);
    const found = byFile.get(file);
    if (found === undefined) byFile.set(file, [one]);
    else found.push(one);
  }
  for (const [file, [first, ...others]] of byFile) {
    const readers = readersOf(file);
    if (first === undefined || readers === undefined) continue;
    const more = others.length === 0 ? "" : ` (and ${others.length} more below)`;
    report(
      first.line,
      `Cannot keep ${first.what}${more} secret in this file, ${readers}: chmod 600 ${file} makes it its owner's alone`,
      "warning",
    );
  }
  judgePrivateKeys(draft, readersOf, report);
}

/** By their lines. */
function secretsOf(draft: Draft): readonly Found[] {
  const found = sectionsOf(draft)
    .filter(({ kind }) => kind === "check" || secretKeys.get(kind)?.length !== 0)
    .flatMap(secretsIn);
  return found.sort((a, b) => a.line - b.line);
}

function secretsIn(section: Section<SectionName>): readonly Found[] {
  const found = (secretKeys.get(section.kind) ?? []).flatMap((key): Found[] => {
    const line = section.lines[key];
    return line === undefined ? [] : [{ line, what: key }];
  });
  return [...found, ...hmacKeysIn(section), ...spokenIn(section)];
}

/** Each of a list of keys is judged by itself below. */
const secretKeys = new Map(
  SECTION_NAMES.map((kind) => [
    kind,
    Object.entries(keysOf(kind)).flatMap(([key, { type }]) =>
      type.secret && type !== hmacKey ? [key] : [],
    ),
  ]),
);

function hmacKeysIn({ kind, values }: Section<SectionName>): readonly Found[] {
  if (kind !== "vrrp_instance") return [];
  const { auth_hmac_key: keys } = values as Section<"vrrp_instance">["values"];
  return keys.flatMap(({ value, line }) =>
    keyPathOf(value.written) === undefined ? [{ line, what: "auth_hmac_key" }] : [],
  );
}

/** RFC 9110 section 11.6 and 11.7, RFC 6265, and what web services call their own. */
const SECRET_HEADER = /^(?:proxy-)?authorization$|^cookie$|(?:key|token|secret|password)$/i;
/** Redis, POP3 and FTP. */
const SECRET_LINE = /^(?:AUTH|PASS) ./i;

/** What a check says, when it is surely a password. */
function spokenIn({ kind, values }: Section<SectionName>): readonly Found[] {
  if (kind !== "check") return [];
  const { header, send } = values as Section<"check">["values"];
  return [
    ...header.flatMap(({ value: { name }, line }) =>
      SECRET_HEADER.test(name) ? [{ line, what: `header ${name}` }] : [],
    ),
    ...send.flatMap(({ value: hex, line }) =>
      SECRET_LINE.test(Buffer.from(hex, "hex").toString("latin1")) ? [{ line, what: "send" }] : [],
    ),
  ];
}

function judgePrivateKeys(
  draft: Draft,
  readersOf: Surroundings["readersOf"],
  report: Report,
): void {
  for (const section of draft.check) {
    const { certificate, key } = section.values;
    const path = key ?? certificate;
    const readers = path === undefined ? undefined : readersOf(path);
    // Debian's group ssl-cert may read keys, and is meant to.
    if (readers?.startsWith("everybody") !== true) continue;
    report(
      lineOf(section, key === undefined ? "certificate" : "key"),
      `Cannot keep the private key in "${path}" secret, ${readers}: chmod 600 ${path} makes it its owner's alone`,
      "warning",
    );
  }
}
