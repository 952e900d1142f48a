// Secrets that others may read: which words are one, and what is said once.

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { keysOf, SECTION_NAMES } from "../../src/config/keys.ts";
import { readConfigFile } from "../../src/config/read.ts";
import { checkText, INSTANCE, KEY_TEXT, linesOf } from "./helpers.ts";

const EVERYBODY = "everybody may read it (mode 0644)";
const readersOf = (): string => EVERYBODY;

function told(what: string): string {
  return `warning: Cannot keep ${what} secret in this file, ${EVERYBODY}: chmod 600 x.ini makes it its owner's alone`;
}

for (const [what, text, right] of [
  ["auth_pass", `${INSTANCE}auth_pass = s3cret\n`, [`5: ${told("auth_pass")}`]],
  [
    "auth_hmac_key[] in place",
    `${INSTANCE}auth_hmac_active_key = 1\nauth_hmac_key[] = 2 file:/k\nauth_hmac_key[] = 1 ${KEY_TEXT}\n`,
    [`7: ${told("auth_hmac_key")}`],
  ],
  [
    "auth_hmac_key[] in a file",
    `${INSTANCE}auth_hmac_active_key = 2\nauth_hmac_key[] = 2 file:/k\n`,
    [],
  ],
  [
    "passwd, by its other name",
    checkText("type = redis", "password = s3cret"),
    [`3: ${told("passwd")}`],
  ],
  [
    "several",
    checkText("type = radius", "login = x", "passwd = y", "secret = z"),
    [`4: ${told("passwd (and 1 more below)")}`],
  ],
  [
    "a header",
    checkText("type = http", "header[] = Accept: a", "header[] = Authorization: Basic eDp5"),
    [`4: ${told("header Authorization")}`],
  ],
  [
    "what is sent",
    checkText("type = tcp", "send[] = PING", String.raw`send[] = 'AUTH s3cret\r\n'`),
    [`4: ${told("send")}`],
  ],
  ["nothing", INSTANCE, []],
  ["nothing that is secret", checkText("type = smtp", "helo_name = x"), []],
] as const) {
  test(`a file that everybody may read: ${what}`, (t) => {
    t.deepEqual(linesOf(text, { readersOf }), right);
  });
}

test("a private key that everybody may read is told, one that a group may read is not", (t) => {
  const text = checkText("type = https", "certificate = /c.pem", "key = /k.pem");
  const only = (readers: string) => (path: string) => (path === "/k.pem" ? readers : undefined);
  t.deepEqual(linesOf(text, { readersOf: only(EVERYBODY) }), [
    `4: warning: Cannot keep the private key in "/k.pem" secret, ${EVERYBODY}: chmod 600 /k.pem makes it its owner's alone`,
  ]);
  t.deepEqual(linesOf(text, { readersOf: only("group ssl-cert may read it (mode 0640)") }), []);
});

test("a key whose name sounds like a secret is one", (t) => {
  const rows = SECTION_NAMES.flatMap((name) => Object.entries(keysOf(name)));
  const missed = rows.flatMap(([key, { type }]) =>
    /pass(?:wd|word)?$|secret|hmac_key$/.test(key) && !type.secret ? [key] : [],
  );
  t.deepEqual(missed, []);
});

test("readConfigFile() warns of its own file, until it is its owner's alone", async (t) => {
  const dir = mkdtempSync(join(tmpdir(), "duet-secrets-"));
  t.teardown(() => rmSync(dir, { recursive: true }));
  chmodSync(dir, 0o755);
  const file = join(dir, "x.ini");
  writeFileSync(file, `${INSTANCE}auth_pass = s3cret\n`);
  const secrets = async (mode: number): Promise<readonly string[]> => {
    chmodSync(file, mode);
    const read = await readConfigFile(file);
    const problems = read.ok ? read.warnings : read.problems;
    return problems.flatMap(({ line, message }) =>
      message.includes("secret") ? [`${line}: ${message}`] : [],
    );
  };
  t.deepEqual(await secrets(0o644), [
    `5: Cannot keep auth_pass secret in this file, ${EVERYBODY}: chmod 600 ${file} makes it its owner's alone`,
  ]);
  t.deepEqual(await secrets(0o600), []);
});
