// Configurations of every key: texts made by chance from the table of keys. Nothing here knows what a value means: whatever
// a key takes by itself is tried, and lines that do not go together are taken out again until the rest is right.

import { typesWith } from "../../src/config/checks/kinds.ts";
import { keysOf, SECTION_NAMES, type SectionName } from "../../src/config/keys.ts";
import type { Problem } from "../../src/config/model.ts";
import { parseValue } from "../../src/config/schema/type.ts";

export type Line = {
  readonly text: string;
  /** "check.retry", or the title of a section. */
  readonly what: string;
  readonly title: string;
  /** Never taken out. */
  readonly fixed: boolean;
};

type Judge = (text: string) => readonly Problem[];

/** Values of all kinds; what is no good for a key is not tried. */
const WORDS = [
  "yes", "no", "1", "2", "3", "5", "7", "10", "16", "50", "100", "254", "255", "1000", "0", "-5", "1.5s", "250ms", "2m",
  "eth0", "eth1", "lo", "vrrp.7", "a", "b", "10.0.0.9", "10.0.0.1", "10.9.0.1/24", "10.9.0.1", "fe80::1/64", "2001:db8::9",
  "10.0.0.9:80", "10.0.0.9:81", "[2001:db8::9]:80", "224.0.0.99", "ff02::99", "/bin/true", "/bin/true 'a b' ; c", "/run/x", "nobody",
  "nobody nogroup", "/run/x nobody", "ops@example.com", "Ops <ops@example.com>", "-5 reverse", "a weight -5", "a weight 5 reverse",
  "eth1 weight 9", "all 60", "3 overwrite", "255.255.0.0", "255.0.255.0", "200 301-302", "TUN type gue port 9 csum", "TUN type gre", "DR",
  "TUN", "10.0.0.0/29 80", "10.0.0.1-3", "fwmark 5 inet6", "10.0.0.9:443-445 udp", "tcp 900 udp 300", "expire_nodest_conn 1",
  "eth1 a id 7 group 224.0.0.81", "eth1", "10.0.0.9 min_ttl 3 max_ttl 9", "1 0123456789abcdef0123456789abcdef",
  "2 file:/etc/key", "1 hex:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff", "name vm group 3", "02:00:5e:00:01:33",
  "10.0.0.9/24 private", "blackhole 10.7.0.0/16", "default via 10.0.0.9", "10.8.0.0/16 nexthop via 10.0.0.9 weight 2 nexthop dev eth1",
  "2001:db8:7::/48 via fe80::1 dev eth0", "from 10.0.0.0/8 lookup 7", "fwmark 1/3 lookup main priority 9", "to 2001:db8::/32 lookup 9",
  "10.9.0.2/24 brd + label eth0:1 scope link", "2001:db8::7/64 dev eth0 preferred_lft 0 -nodad home", "10.9.0.3 peer 10.9.0.4/32 no_track", "10.9.0.6/24 dev eth1 track_group b",
  "^ok$", "\\d+;", "a'b\"", "x # y", " padded ", "X-Check: duet", "9b74c9897bac770ffc029102a200c5de", "hex:0d0a", "regex:^ok", "PING\\r\\n",
  "0d0aXX", "sip:a@example.com:5060", "www.example.com", "running, reloading", "none", "127.0.0.1 26",
] as const; // biome-ignore format: a list of words

/** Sections with what they cannot be without; names of one kind are told by their letters. */
const SKELETON: readonly (readonly [title: string, ...lines: readonly string[]])[] = [
  ["global", "static_rules[] = from 10.0.0.0/8 lookup 7 track_group a"],
  ["interface.eth0"],
  ["garp_group.a", "interface[] = eth0"],
  ...["a", "b"].flatMap((name): [string, string][] => [
    [`vrrp_script.${name}`, "script = /bin/true"],
    [`track_file.${name}`, `file = /run/${name}`],
    [`vrrp_track_process.${name}`, "process = haproxy -f 'a b'"],
  ]),
  ["bfd_instance.a", "neighbor_ip = 10.0.1.1"],
  ["bfd_instance.b", "neighbor_ip = 2001:db8::5"],
  [
    "vrrp_instance.a",
    "interface = eth0",
    "virtual_router_id = 1",
    "virtual_ipaddress[] = 10.0.0.100",
  ],
  [
    "vrrp_instance.b",
    "interface = eth0",
    "virtual_router_id = 2",
    "virtual_ipaddress[] = 10.0.0.101",
  ],
  [
    "vrrp_instance.d",
    "vrf = eth1",
    "virtual_router_id = 4",
    "unicast_src_ip = 10.0.0.1",
    "unicast_peer[] = 10.0.0.2",
    "no_virtual_ipaddress = yes",
  ],
  [
    "vrrp_instance.c",
    "interface = eth1",
    "virtual_router_id = 3",
    "no_virtual_ipaddress = yes",
    "mcast_dst_ip = 224.0.0.5",
  ],
  ["vrrp_sync_group.a", "group[] = a", "group[] = b"],
  ["virtual_server_group.a", "member[] = 10.0.0.110-112 80"],
  ["virtual_server.a", "address = 10.0.0.100:80", "protocol = tcp"],
  ["virtual_server.b", "fwmark = 7"],
  ["virtual_server.c", "group = a", "protocol = udp"],
  ["real_server.a.a", "address = 10.0.1.1:80"],
  ["real_server.a.b", "address = 10.0.1.2:80"],
  ["real_server.b.a", "address = 10.0.1.1:80"],
  ["real_server.c.a", "address = 10.0.1.3:80"],
];

/** What a check of a type cannot be without. */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  misc: ["script = /bin/true"],
  file: ["file = /run/weight"],
  radius: ["secret = s"],
  mysql: ["login = probe"],
  postgresql: ["login = probe"],
};

/** What a key says nothing without. */
const BESIDE: Readonly<Record<string, readonly string[]>> = {
  auth_hmac_anti_replay: [
    "auth_hmac_key[] = 1 0123456789abcdef0123456789abcdef",
    "auth_hmac_active_key = 1",
  ],
  request_body: ["method = POST"],
  regex_options: ["regex = ^ok$"],
  min_reply_length: ["require_reply = yes"],
  max_reply_length: ["require_reply = yes"],
  reply: ["login = a", "passwd = b"],
  check_quorum: ["check[] = a", "check[] = b", "check[] = c"],
};

export type Chance = (below: number) => number;

/** Numbers that look like chance (xorshift32), the same ones for a seed. */
export function chanceOf(seed: number): Chance {
  let state = (seed ^ 0x9e3779b9) | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** Lines as they come, right or wrong; `share`: how many of a hundred keys are written. */
export function drawLines(chance: Chance, share: number): readonly Line[] {
  const types = wordsOf("check", "type");
  const checks = Array.from({ length: 6 }, (_, i): [string, ...string[]] => {
    const type = types[chance(types.length)] ?? "";
    return [`check.${"abcdef"[i]}`, `type = ${type}`, ...(NEEDED[type] ?? [])];
  });
  const lines: Line[] = [];
  for (const [title, ...fixed] of [...SKELETON, ...checks]) {
    lines.push({ text: `[${title}]`, what: title, title, fixed: true });
    const written = new Set<string>();
    for (const text of fixed) {
      const key = text.split(/[[ ]/)[0] ?? "";
      written.add(key);
      lines.push({ text, what: `${kindOf(title)}.${key}`, title, fixed: true });
    }
    const type = fixed[0]?.startsWith("type = ") ? fixed[0].slice("type = ".length) : undefined;
    for (const [key, { list }] of Object.entries(keysOf(kindOf(title)))) {
      if (
        (written.has(key) && !list) ||
        chance(100) >= (type === undefined ? share : 2 * share) ||
        !isFor(title, key, type)
      )
        continue;
      const words = wordsOf(kindOf(title), key);
      const count = list ? 1 + chance(2) : 1;
      for (let i = 0; i < count && words.length > 0; i += 1) {
        // Most sections are called "a": who names one has to meet it.
        const isName = words.includes("a") && chance(3) === 0;
        const word = isName ? "a" : words[chance(words.length)];
        const text = `${key}${list ? "[]" : ""} = ${word}`;
        lines.push({ text, what: `${kindOf(title)}.${key}`, title, fixed: false });
      }
      for (const text of BESIDE[key] ?? []) {
        lines.push({ text, what: key, title, fixed: false });
      }
    }
  }
  return lines;
}

/** Lines without an error; undefined = what cannot be taken out is wrong. */
export function repaired(lines: readonly Line[], judge: Judge): readonly Line[] | undefined {
  let left = lines;
  for (let round = 0; round < lines.length; round += 1) {
    const errors = judge(textOf(left)).filter(({ severity }) => severity === "error");
    if (errors.length === 0) return left;
    const wrong = new Set(errors.map(({ line }) => left[line - 1]));
    const before = left;
    left = left.filter((line) => line.fixed || !wrong.has(line));
    if (left.length < before.length) continue;
    // It is what stands beside it.
    const titles = new Set([...wrong].map((line) => line?.title));
    left = left.filter((line) => line.fixed || !titles.has(line.title));
    if (left.length < before.length) continue;
    left = left.filter((line) => line.fixed);
    if (left.length === before.length) return undefined;
  }
  return undefined;
}

export function textOf(lines: readonly Line[]): string {
  return lines.map(({ text }) => `${text}\n`).join("");
}

function kindOf(title: string): SectionName {
  const kind = SECTION_NAMES.find((name) => name === title.split(".")[0]);
  if (kind === undefined) throw new Error(`There is no section ${title}`);
  return kind;
}

function isFor(title: string, key: string, type: string | undefined): boolean {
  const types: readonly string[] = title.startsWith("check.") ? typesWith(key) : [];
  return types.length === 0 || (type !== undefined && types.includes(type));
}

const known = new Map<string, readonly string[]>();

/** What a key takes by itself, as it has to be written. */
function wordsOf(section: SectionName, key: string): readonly string[] {
  const id = `${section}.${key}`;
  const found = known.get(id) ?? triedWords(section, key);
  known.set(id, found);
  return found;
}

function triedWords(section: SectionName, key: string): readonly string[] {
  const spec = keysOf(section)[key];
  if (spec === undefined) return [];
  const { example = "1", default: usual = example, type } = spec;
  const judged = parseValue(type, "no-such-word");
  // The words of a choice are told to who writes none of them.
  const own = judged.ok ? [] : judged.mustBe.replace(/^one of /, "").split(/, | or /);
  const unquote = (text: string): string => text.replace(/^'(.*)'$/, "$1");
  const words = new Set([unquote(example), unquote(usual), ...own, ...WORDS]);
  const taken = [...words].filter((word) => parseValue(type, word).ok);
  return taken.map((word) => (/[;#\\"']|^ | $/.test(word) ? JSON.stringify(word) : word));
}
