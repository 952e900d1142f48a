// Rules of the files of TLS: they are there, they hold what they should, and a key is that of its certificate.

import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import type { Report } from "../schema/lines.ts";
import { type Draft, lineOf } from "../schema/section.ts";
import type { Surroundings } from "../surroundings.ts";

type Held<T> =
  | { readonly ok: true; readonly held: T }
  | { readonly ok: false; readonly why: string };

export function judgePemFiles(draft: Draft, { pemFile }: Surroundings, report: Report): void {
  if (pemFile === undefined) return;
  const textOf = (path: string): Held<string> => {
    const read = pemFile(path);
    return read.ok ? { ok: true, held: read.text } : { ok: false, why: read.reason };
  };
  // Thousands of checks may name the same file.
  const known = new Map<string, Held<readonly X509Certificate[]>>();
  const certificates = (path: string): Held<readonly X509Certificate[]> => {
    const found = known.get(path) ?? certificatesIn(textOf(path));
    known.set(path, found);
    return found;
  };

  for (const section of draft.check) {
    const { ca, certificate, key } = section.values;
    for (const [name, path] of [
      ["ca", ca],
      ["certificate", certificate],
    ] as const) {
      const found = path === undefined ? undefined : certificates(path);
      if (found?.ok === false) {
        report(lineOf(section, name), `Cannot use ${name} "${path}": ${found.why}`);
      }
    }
    if (certificate === undefined) continue;
    const path = key ?? certificate;
    const found = keyIn(textOf(path));
    const shown = certificates(certificate);
    const line = lineOf(section, key === undefined ? "certificate" : "key");
    const hint = key === undefined ? ' (add "key = FILE" when it stands in another file)' : "";
    if (!found.ok) {
      if (key !== undefined || shown.ok) {
        report(line, `Cannot use "${path}" as key: ${found.why}${hint}`);
      }
    } else if (shown.ok && shown.held[0]?.checkPrivateKey(found.held) === false) {
      report(
        line,
        `Cannot use "${path}" as key: it is not that of the certificate in "${certificate}"`,
      );
    }
  }
}

function certificatesIn(text: Held<string>): Held<readonly X509Certificate[]> {
  if (!text.ok) return text;
  const blocks = text.held.match(
    /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----[^]*?-----END [^-]*-----/g,
  );
  if (blocks === null) return { ok: false, why: "there is no certificate in it (PEM)" };
  const held: X509Certificate[] = [];
  for (const block of blocks) {
    try {
      held.push(new X509Certificate(block));
    } catch (error) {
      const which =
        blocks.length === 1 ? "the certificate in it" : `certificate ${held.length + 1} in it`;
      return { ok: false, why: `${which} cannot be read (${shortOf(error)})` };
    }
  }
  return { ok: true, held };
}

function keyIn(text: Held<string>): Held<KeyObject> {
  if (!text.ok) return text;
  if (!/-----BEGIN [^-]*PRIVATE KEY-----/.test(text.held)) {
    return { ok: false, why: "there is no private key in it (PEM)" };
  }
  try {
    return { ok: true, held: createPrivateKey(text.held) };
  } catch (error) {
    const isLocked = /ENCRYPTED/.test(text.held);
    return {
      ok: false,
      why: isLocked
        ? "it has a passphrase, which nobody can type here"
        : `it cannot be read (${shortOf(error)})`,
    };
  }
}

/** "error:0909006C:PEM routines::no start line" -> "no start line" */
function shortOf(error: unknown): string {
  return error instanceof Error ? (error.message.split(":").at(-1) ?? "") : String(error);
}
