// Keys of authentication: what they become, how they are printed, and that whatever is wrong is an error.

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { readKeyFile } from "../../src/config/machine.ts";
import { printConfig } from "../../src/config/print.ts";
import type { AuthConfig } from "../../src/vrrp/auth.ts";
import { configOf, INSTANCE, KEY_TEXT, linesOf } from "./helpers.ts";

const TEXT_KEY = "ascii key of thirty-two bytes...";
const HEX = "0123456789ABCDEF".repeat(4);

function authOf(lines: string): AuthConfig | undefined {
  return configOf(INSTANCE + lines).vrrpInstances[0]?.vrrp.auth;
}

test("nothing written is no authentication", (t) => {
  t.deepEqual(authOf(""), { password: null, hmac: null });
});

test("auth_pass is the password, with or without auth_type", (t) => {
  t.is(authOf("auth_pass = s3cret\n")?.password, "s3cret");
  t.is(authOf("auth_type = PASS\nauth_pass = 12345678\n")?.password, "12345678");
});

test("auth_hmac_key takes text, hex: and file:, and keeps what was written", (t) => {
  const keys = [`1 ${TEXT_KEY}`, `2 hex:${HEX}`, "255 file:/etc/duet/vrrp.key"];
  const lines = keys.map((key) => `auth_hmac_key[] = ${key}\n`).join("");
  t.deepEqual(authOf(`${lines}auth_hmac_active_key = 2\n`)?.hmac, {
    keys: [
      { id: 1, keyHex: Buffer.from(TEXT_KEY).toString("hex"), written: TEXT_KEY },
      { id: 2, keyHex: HEX.toLowerCase(), written: `hex:${HEX}` },
      {
        id: 255,
        keyHex: Buffer.from(KEY_TEXT).toString("hex"),
        written: "file:/etc/duet/vrrp.key",
      },
    ],
    activeKey: 2,
    antiReplay: "time",
    timeWindowMs: 5000,
    mode: "enforce",
  });
});

test("the time window is three adverts, 5 seconds at least, when it is not written", (t) => {
  const signed = `auth_hmac_key[] = 1 ${TEXT_KEY}\nauth_hmac_active_key = 1\n`;
  t.is(authOf(`advert_int = 10\n${signed}`)?.hmac?.timeWindowMs, 30_000);
  t.is(authOf(`version = 2\nadvert_int = 255\n${signed}`)?.hmac?.timeWindowMs, 300_000);
  t.is(authOf(`${signed}auth_hmac_time_window = 60\n`)?.hmac?.timeWindowMs, 60_000);
});

test("printConfig() tells a file as a file, inline keys as they are, and reads as the same", (t) => {
  const text = `${INSTANCE}auth_pass = "a;b"
auth_hmac_key[] = 1 file:/etc/duet/vrrp.key
auth_hmac_key[] = 7 hex:${HEX}
auth_hmac_active_key = 7
auth_hmac_anti_replay = monotonic
auth_hmac_time_window = 7
auth_hmac_mode = receive-only
`;
  const config = configOf(text);
  const printed = printConfig(config);
  t.deepEqual(configOf(printed), config);
  t.true(printed.includes("auth_hmac_key[] = 1 file:/etc/duet/vrrp.key\n"));
  t.false(printed.includes(KEY_TEXT));
});

const signedWith = (more: string): string => `auth_hmac_key[] = 1 ${TEXT_KEY}\n${more}`;

for (const { lines, problem } of [
  { lines: "auth_type = AH\n", problem: /^5: Cannot use auth_type "AH"/ },
  {
    lines: "auth_type = PASS\n",
    problem: /^5: Cannot use auth_type without auth_pass: it is the password$/,
  },
  {
    lines: "version = 3\nauth_pass = s3cret\n",
    problem: /^6: Cannot use auth_pass with version 3, which has no authentication/,
  },
  {
    lines: "auth_hmac_key[] = 0 x\n",
    problem: /^5: Cannot use auth_hmac_key "…": it must be ID KEY/,
  },
  { lines: "auth_hmac_key[] = 256 x\n", problem: /^5: .*an ID from 1 to 255/ },
  {
    lines: "auth_hmac_key[] = 1 tooshort\n",
    problem: /^5: .*\(it has 8 bytes, and a key has 32 to 64\)/,
  },
  { lines: `auth_hmac_key[] = 1 ${"x".repeat(65)}\n`, problem: /^5: .*\(it has 65 bytes/ },
  { lines: "auth_hmac_key[] = 1 hex:0g\n", problem: /^5: .*pairs of hex digits/ },
  { lines: `auth_hmac_key[] = 1 hex:${"0".repeat(65)}\n`, problem: /^5: .*pairs of hex digits/ },
  { lines: "auth_hmac_key[] = 1 file:vrrp.key\n", problem: /^5: .*begins with \// },
  { lines: signedWith(""), problem: /^5: Cannot sign without auth_hmac_active_key: .* \(1\)$/ },
  {
    lines: signedWith("auth_hmac_active_key = 2\n"),
    problem: /^6: Cannot use auth_hmac_active_key 2: there is no key with this ID \(there is 1\)$/,
  },
  {
    lines: signedWith(`auth_hmac_key[] = 1 ${KEY_TEXT}\nauth_hmac_active_key = 1\n`),
    problem: /^6: Cannot use auth_hmac_key 1 twice: line 5 has it already$/,
  },
  {
    lines: "auth_hmac_mode = enforce\n",
    problem:
      /^5: Cannot use auth_hmac_mode without auth_hmac_key\[\]: write auth_hmac_key\[\] = ID KEY$/,
  },
  { lines: "auth_hmac_active_key = 1\n", problem: /^5: .*without auth_hmac_key/ },
]) {
  test(`"${lines.trim().replaceAll("\n", " | ").slice(0, 70)}" is an error`, (t) => {
    const found = linesOf(INSTANCE + lines);
    t.is(found.length, 1, found.join("\n"));
    t.regex(found[0] ?? "", problem);
  });
}

test("no problem tells a secret, whatever is wrong with its line", (t) => {
  const secret = "S3CRET";
  for (const line of [
    `auth_pass = ${secret}xxxxxx`,
    `auth_pass[] = ${secret}`,
    `auth_pass = ${secret};x`,
    `auth_hmac_key = 1 ${secret}`,
    `auth_hmac_key[] = 1 ${secret}`,
    `auth_hmac_key[] = ${secret}`,
    `auth_hmac_key[] = 1 "${secret}#x`,
  ]) {
    const found = linesOf(`${INSTANCE}${line}\n`);
    t.true(found.length > 0, line);
    t.false(found.join("\n").includes(secret), found.join("\n"));
  }
});

test("readKeyFile() reads a file that is nobody else's, and says what is wrong with any other", (t) => {
  const directory = mkdtempSync(join(tmpdir(), "duet-key-"));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, "key");
  t.deepEqual(readKeyFile(file), { ok: false, reason: "it does not exist" });
  writeFileSync(file, TEXT_KEY);
  for (const mode of [0o600, 0o400]) {
    chmodSync(file, mode);
    t.deepEqual(readKeyFile(file), { ok: true, text: TEXT_KEY });
  }
  for (const mode of [0o640, 0o604, 0o620]) {
    chmodSync(file, mode);
    const reason = `its mode is 0${mode.toString(8)}, others may use it (it must be 0600 or 0400)`;
    t.deepEqual(readKeyFile(file), { ok: false, reason });
  }
  chmodSync(file, 0o600);
  writeFileSync(file, "x".repeat(5000));
  t.deepEqual(readKeyFile(file), { ok: false, reason: "it is larger than 4096 bytes" });
  t.deepEqual(readKeyFile(directory), { ok: false, reason: "it is not a file" });
});
