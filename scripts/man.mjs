#!/usr/bin/env node
// scripts/man.mjs [FOLDER] : writes duet(8), duet.ini(5) and duet-keepalived(5) to FOLDER, or build/man, out of the tables
// of commands, keys and keywords in build/src. Part of `npm run build`.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { COMMANDS } from "../build/src/cli/command-table.js";
import { factsOf } from "../build/src/cli/help.js";
import { BLOCKS, becomes, titleOf } from "../build/src/config/foreign/carried-words.js";
import { keysOf, SECTION_NAMES, SECTIONS } from "../build/src/config/keys.js";
import { NOTHING } from "../build/src/config/ldirectord/translate.js";
import { FOREIGN_WORDS } from "../build/src/config/names/foreign-words.js";
import { readVersion } from "../build/src/lib/version.js";

const top = fileURLToPath(new URL("..", import.meta.url));
const folder = process.argv[2] ?? join(top, "build/man");

/** groff_man(7): what a text may hold so that it is shown as it is. */
function plain(text) {
  return text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replaceAll("'", "\\(aq")
    .replaceAll('"', "\\(dq")
    .replaceAll("^", "\\(ha")
    .replaceAll("~", "\\(ti")
    .replaceAll("`", "\\(ga")
    .replaceAll(/[^\0-\x7f]/gu, (char) => `\\[u${hexOf(char)}]`)
    .replaceAll(/^\./gm, "\\&.");
}

const hexOf = (char) => (char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");

const heading = (text) => chapter(text.toUpperCase());
/** Names of sections and blocks stay as they are written. */
const chapter = (text) => `.SH ${plain(text)}`;
const paragraph = (text) => `.PP\n${plain(text)}`;
const item = (tag, ...texts) => `.TP\n.B "${plain(tag)}"\n${texts.map(plain).join("\n.br\n")}`;
const example = (text) => `.nf\n${plain(text.trimEnd())}\n.fi`;
const reference = (...pages) =>
  [
    heading("See also"),
    ...pages.map(
      ([name, section], index) =>
        `.BR ${plain(name)} (${section})${index === pages.length - 1 ? "" : ","}`,
    ),
  ].join("\n");

function page(name, section, about, ...parts) {
  const title = `.TH ${plain(name.toUpperCase())} ${section} "" "duet ${plain(readVersion())}"`;
  return `${[title, heading("Name"), `${plain(name)} \\- ${plain(about)}`, ...parts].join("\n")}\n`;
}

const EXITS = [
  ["0", "done; healthy; valid; nothing to do"],
  ["1", "refused, degraded or invalid, with the reason"],
  [
    "2",
    "a command line or a file that cannot be used (duet plan: a reload would change something)",
  ],
  ["3", "duet is not running"],
  ["4", "permission denied: duet may not be asked"],
];

function commandPage() {
  return page(
    "duet",
    8,
    "keeps a pair of Linux load-balancer directors playing as one",
    heading("Synopsis"),
    ".B duet\n.I COMMAND\n.RI [ ARGUMENT \\&.\\|.\\|.]",
    heading("Description"),
    plain(
      "duet elects a master of two directors by VRRP, moves the virtual addresses, drives the kernel's IPVS table, and keeps real servers out of it that fail their checks. It reads its own INI file, and a keepalived.conf, an ldirectord.cf or what ipvsadm -S prints as they are.",
    ),
    heading("Commands"),
    ...COMMANDS.map(([usage, doc]) => item(`duet ${usage}`, doc)),
    heading("Signals"),
    item("SIGHUP", "duet run reads its configuration again; a bad one changes nothing"),
    item("SIGTERM, SIGINT", "duet run hands over and stops"),
    heading("Exit status"),
    ...EXITS.map(([status, text]) => item(status, text)),
    heading("Files"),
    item("/etc/duet/duet.ini", "the configuration, see duet.ini(5)"),
    item("/run/duet", "the run directory: duet.sock, duet.pid"),
    heading("Environment"),
    item("DUET_RUN_DIR", "the run directory, where --run-dir is not given"),
    reference(["duet.ini", 5], ["duet-keepalived", 5], ["ipvsadm", 8], ["keepalived", 8]),
  );
}

function keyItem(section, key, spec) {
  const facts = factsOf(section, key, spec).filter(([name]) => name !== "level");
  const told = facts.map(([name, text]) => `${name}: ${text}`);
  return item(`${key}${spec.list ? "[]" : ""}`, spec.doc, ...told);
}

function configurationPage() {
  return page(
    "duet.ini",
    5,
    "configuration of duet",
    heading("Description"),
    plain(
      "One section for each block, [KIND] or [KIND.NAME]; below it lines of KEY = VALUE, lists as KEY[] = VALUE, one line an item. A comment stands on a line of its own and begins with # or ;. A value with ; or # is written in double quotes. A time is a number of seconds, or 250ms, 1s, 2m. Yes, true and on mean the same, and so do no, false and off.",
    ),
    paragraph("duet check FILE tells every mistake with its line; duet help KEY explains one key."),
    heading("Example"),
    example(readFileSync(join(top, "conf/minimal.ini"), "utf8")),
    ...SECTION_NAMES.flatMap((name) => [
      chapter(titleOf(name)),
      plain(SECTIONS[name].doc),
      ...Object.entries(keysOf(name)).map(([key, spec]) => keyItem(name, key, spec)),
    ]),
    reference(["duet", 8], ["duet-keepalived", 5]),
  );
}

/** "it is interval of [check.NAME]" */
const carriedItems = ({ section, words }) =>
  [...words].map(([word, carried]) => item(word, becomes(word, carried, section)));

function keepalivedPage() {
  const ldirectord = [...new Set([...Object.keys(NOTHING), ...FOREIGN_WORDS.keys()])].filter(
    (word) => !BLOCKS.some(({ words }) => words.has(word)) && /^[a-z\d_-]+$/.test(word),
  );
  return page(
    "duet-keepalived",
    5,
    "what duet makes of keepalived.conf and ldirectord.cf",
    heading("Description"),
    plain(
      'duet check, duet run -f, duet convert and duet plan read a keepalived.conf(5) as it is: with include, definitions ($NAME=), conditions (@NODE), ~SEQ and ~LST, and with the defaults of keepalived. What keepalived reports and goes on without is a warning, "was never in force"; what has no effect in duet is a note that says why. Below is each keyword of each block, and what it is in duet.ini(5).',
    ),
    ...BLOCKS.flatMap((block) => [
      chapter(block.name === "" ? "Outside of all blocks" : block.name),
      ...carriedItems(block),
    ]),
    heading("Other words"),
    plain(
      "Directives of ldirectord.cf, and words that stand inside of a line or under another name.",
    ),
    ...ldirectord.map((word) =>
      item(
        word,
        NOTHING[word] === undefined
          ? (FOREIGN_WORDS.get(word) ?? "")
          : `ldirectord.cf: it has no effect here: ${NOTHING[word]}`,
      ),
    ),
    reference(["duet", 8], ["duet.ini", 5], ["keepalived.conf", 5]),
  );
}

mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, "duet.8"), commandPage());
writeFileSync(join(folder, "duet.ini.5"), configurationPage());
writeFileSync(join(folder, "duet-keepalived.5"), keepalivedPage());
