// Words of keepalived and ldirectord: who brings one is told the right one, and the right one is taken.

import test from "ava";
import { BLOCKS, becomes, foreignTexts } from "../../src/config/foreign/carried-words.ts";
import { SECTION_NAMES, spellingsOf } from "../../src/config/keys.ts";
import { FOREIGN_WORDS } from "../../src/config/names/foreign-words.ts";
import { INSTANCE, linesOf, SERVICE } from "./helpers.ts";

const KNOWN: ReadonlySet<string> = new Set([
  ...SECTION_NAMES,
  ...SECTION_NAMES.flatMap((name) => [...spellingsOf(name).keys()]),
]);

test("no foreign word is a key of ours, and every key that a hint names is one", (t) => {
  for (const [word, says] of FOREIGN_WORDS) {
    t.false(KNOWN.has(word), word);
    for (const [key] of says.matchAll(/(?<!-)\b[a-z0-9]+(?:_[a-z0-9]+)+\b/g)) {
      t.true(KNOWN.has(key), `${word}: ${key}`);
    }
  }
});

test("every word of keepalived's blocks is explained: the same here, another one, or none", (t) => {
  for (const { name, section, words } of BLOCKS) {
    for (const [word, carried] of words) {
      const text = becomes(word, carried, section);
      const isKnown = KNOWN.has(word) || foreignTexts(word).length > 0;
      t.true(text !== "" && isKnown, `${name} ${word}: ${text}`);
    }
  }
});

/** keepalived's own words and ldirectord's that duet does not have under the same name. */
const asked: readonly (readonly [word: string, says: RegExp])[] = [
  ["authentication", /auth_type and auth_pass/],
  ["nb_get_retry", /it is retry$/],
  ["HTTP_GET", /type = http,/],
  ["http_get", /type = http,/],
  ["url", /path, status/],
  ["scheduler", /it is lb_algo$/],
  ["external", /type = misc/],
  ["real_server", /it is a section, \[real_server\.VS\.NAME\]/],
  ["checkinterval", /it is interval$/],
  ["fallback", /sorry_server/],
  ["quiescent", /inhibit_on_failure/],
  ["net_namespace", /NetworkNamespacePath=/],
  ["enable_traps", /duet status --json/],
  ["vrrp_no_swap", /MemorySwapMax=0/],
];

for (const [word, says] of asked) {
  test(`the key ${word} is told the right word`, (t) => {
    const [line = "", ...more] = linesOf(`${INSTANCE}${word} = x\n`);
    t.deepEqual(more, []);
    t.true(line.startsWith(`5: Cannot use key "${word}" in [vrrp_instance.VI_1]: `), line);
    t.regex(line, says);
    t.notRegex(line, /there is no such key/);
  });
}

const titles: readonly (readonly [title: string, says: string])[] = [
  ["global_defs", "it is the section [global]"],
  [
    "real_server 10.0.0.1 80",
    "it must be [real_server.VS.NAME], such as [real_server.web.rs1]; what stood behind the word is a key below it",
  ],
  [
    "vrrp_instance VI_2",
    "it must be [vrrp_instance.NAME], such as [vrrp_instance.VI_1]; what stood behind the word is a key below it",
  ],
  ["unicast_peer", "it is a key of [vrrp_instance.NAME], written unicast_peer[] = 192.0.2.2"],
  [
    "HTTP_GET",
    "it is a section [check.NAME] with type = http, which virtual and real servers name in check[]",
  ],
];

for (const [title, says] of titles) {
  test(`the section [${title}] is told the right word`, (t) => {
    t.deepEqual(linesOf(`${INSTANCE}[${title}]\n`), [`5: Cannot use section [${title}]: ${says}`]);
  });
}

test("several members on one line: the hint says lines that are taken", (t) => {
  const members =
    INSTANCE + INSTANCE.replace("VI_1", "VI_2").replace("51", "52").replace(".100", ".101");
  const right = '"group[] = VI_1" and "group[] = VI_2"';
  for (const written of ["group = VI_1, VI_2", "group = VI_1 VI_2"]) {
    t.deepEqual(linesOf(`${members}[vrrp_sync_group.G]\n${written}\n`), [
      `10: Cannot use group without []: it must be ${right}`,
    ]);
  }
  t.deepEqual(linesOf(`${members}[vrrp_sync_group.G]\ngroup[] = VI_1, VI_2\n`), [
    `10: Cannot use group "VI_1, VI_2": it must be 1 to 64 letters, digits, _, -, . and :, one a line: ${right}`,
  ]);
  const lines = [...right.matchAll(/"([^"]*)"/g)].map(([, line]) => line);
  t.deepEqual(linesOf(`${members}[vrrp_sync_group.G]\n${lines.join("\n")}\n`), []);
});

test("a list without [] whose item is several words is one line; one that is no good is an example", (t) => {
  t.deepEqual(linesOf(`${INSTANCE}virtual_ipaddress = 10.0.0.7/24 dev eth0\n`), [
    '5: Cannot use virtual_ipaddress without []: it must be "virtual_ipaddress[] = 10.0.0.7/24 dev eth0"',
  ]);
  t.deepEqual(linesOf(`${INSTANCE}unicast_peer = nobody at all\n`), [
    '5: Cannot use unicast_peer without []: it must be "unicast_peer[] = 192.0.2.2"',
  ]);
});

test("lines as keepalived writes them are told what they would be, and no password is", (t) => {
  const neither = 'it is neither a [section], nor "key = value", nor a comment';
  t.deepEqual(
    linesOf(`${SERVICE}! a comment\nlb_algo rr\nauth_pass s3cret\nreal_server 10.0.0.1 80 {\n}\n`),
    [
      `6: Cannot read "! a comment": ${neither} (a comment begins with # or ;)`,
      `7: Cannot read "lb_algo rr": ${neither} (did you mean "lb_algo = rr"?)`,
      `8: Cannot read "auth_pass …": ${neither} (did you mean "auth_pass = …"?)`,
      `9: Cannot read "real_server 10.0.0.1 80 {": ${neither} (keepalived's blocks are sections and lists here: [kind.NAME] and key[] = value)`,
      `10: Cannot read "}": ${neither} (keepalived's blocks are sections and lists here: [kind.NAME] and key[] = value)`,
    ],
  );
});
