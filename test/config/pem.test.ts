// The files of TLS that a configuration names: each problem has its line.

import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import test from "ava";
import { readConfigFile } from "../../src/config/read.ts";
import { certificates } from "../helpers/certificates.ts";
import { temporaryDirectory } from "../helpers/sockets.ts";
import { checkText } from "./helpers.ts";

test("files of TLS are there and hold what they should", async (t) => {
  const made = certificates(t);
  const { cert, key } = made.make(5);
  const other = made.make(5);
  const directory = temporaryDirectory(t);
  const write = (name: string, text: string): string => {
    writeFileSync(`${directory}/${name}`, text);
    return `${directory}/${name}`;
  };
  const text = (path: string): string => readFileSync(path, "utf8");
  const both = write("both.pem", text(key) + text(cert));
  const several = write("several.pem", `# ours\n${text(made.ca)}${text(cert)}`);
  const broken = write("broken.pem", text(made.ca) + text(cert).replace(/\n.{20}/, "\nAAAA"));
  const empty = write("empty.pem", "");
  const locked = `${directory}/locked.key`;
  execFileSync("openssl", ["pkey", "-in", key, "-out", locked, "-aes128", "-passout", "pass:x"]);
  mkdirSync(`${directory}/directory`);

  const problems = async (...lines: readonly string[]): Promise<readonly string[]> => {
    const read = await readConfigFile(write("duet.ini", checkText("type = tls", ...lines)));
    const found = read.ok ? read.warnings : read.problems;
    return found.map(({ line, message }) => `${line}: ${message.replaceAll(directory, "D")}`);
  };
  const shown = (path: string): string => path.replaceAll(directory, "D");

  t.deepEqual(await problems(`ca = ${made.ca}`, `certificate = ${cert}`, `key = ${key}`), []);
  t.deepEqual(await problems(`ca = ${several}`, `certificate = ${both}`), []);
  t.deepEqual(await problems("ca = /nowhere/ca.pem"), [
    '3: Cannot use ca "/nowhere/ca.pem": it does not exist',
  ]);
  t.deepEqual(await problems(`ca = ${directory}/directory`), [
    '3: Cannot use ca "D/directory": it is not a file',
  ]);
  t.deepEqual(await problems(`ca = ${empty}`), [
    '3: Cannot use ca "D/empty.pem": there is no certificate in it (PEM)',
  ]);
  t.deepEqual(await problems(`ca = ${key}`), [
    `3: Cannot use ca "${shown(key)}": there is no certificate in it (PEM)`,
  ]);
  t.regex(
    (await problems(`ca = ${broken}`)).join(),
    /^3: Cannot use ca "D\/broken\.pem": certificate 2 in it cannot be read \(.+\)$/,
  );
  t.deepEqual(await problems("certificate = /nowhere/a.pem", `key = ${key}`), [
    '3: Cannot use certificate "/nowhere/a.pem": it does not exist',
  ]);
  t.deepEqual(await problems(`certificate = ${cert}`), [
    `3: Cannot use "${cert}" as key: there is no private key in it (PEM) (add "key = FILE" when it stands in another file)`,
  ]);
  t.deepEqual(await problems(`certificate = ${cert}`, `key = ${other.key}`), [
    `4: Cannot use "${other.key}" as key: it is not that of the certificate in "${cert}"`,
  ]);
  t.deepEqual(await problems(`certificate = ${cert}`, `key = ${locked}`), [
    '4: Cannot use "D/locked.key" as key: it has a passphrase, which nobody can type here',
  ]);
  t.deepEqual(await problems(`key = ${key}`), [
    "3: Cannot use key without certificate: say whose key it is",
  ]);
});
