// Good files, and what people do to them: each damage says on which line it must be told.

import { readFileSync } from "node:fs";
import { type Written, writtenIn } from "../../src/config/foreign/front-ends.ts";
import { forgive } from "../../src/config/keepalived/forgive.ts";
import type { Problem } from "../../src/config/model.ts";
import { type NativeResult, readNative } from "../../src/config/native.ts";

const outside = { read: () => null, find: () => [], environment: () => undefined, configId: "lb1" };

/** As duet check reads it, without this machine. */
export function readAnyText(file: string, text: string): readonly Problem[] {
  const result = resultOf(file, text, writtenIn(file, text, outside));
  return result.ok ? result.warnings : result.problems;
}

function resultOf(file: string, text: string, written: Written): NativeResult {
  const around = {
    file,
    text,
    hostname: "lb1",
    ownAddresses: new Set<string>(),
    names: { hosts: new Map(), ports: new Map([["domain/udp", 53]]) },
  };
  const read = (scan: Pick<Written, "sections" | "problems">): NativeResult =>
    readNative({ ...around, scan });
  return written.places === null ? read(written) : forgive(written, written.places, read).result;
}

export type Damage = {
  readonly what: string;
  readonly text: string;
  /** On one of these it must be told. */
  readonly lines: readonly number[];
};

type Change = (line: string) => string | undefined;

const NUMBER =
  /^(\s*(?:virtual_router_id|priority|interval|weight|fall|rise|garp_master_delay|delay_loop|connect_timeout|persistence_timeout|quorum|checkinterval|checktimeout|failurecount|negotiatetimeout|retry|timeout|advert_int)\s*=?\s*)[-\d.]+\s*$/;

/** What may stand on a line instead, and is wrong there. */
const CHANGES: Readonly<Record<string, Change>> = {
  "a number that is a word": (line) =>
    NUMBER.test(line) ? line.replace(NUMBER, "$1abc") : undefined,
  "a number below all limits": (line) =>
    NUMBER.test(line) ? line.replace(NUMBER, "$1-99999") : undefined,
  "a number above all limits": (line) =>
    NUMBER.test(line) ? line.replace(NUMBER, "$199999999999") : undefined,
  // Alone, persistence_timeout means six minutes.
  "a value that is missing": (line) =>
    NUMBER.test(line) && !line.includes("persistence_timeout")
      ? line.replace(NUMBER, "$1")
      : undefined,
  "a misspelt keyword": (line) =>
    NUMBER.test(line) ? line.replace(/[a-z]_?([a-z])/, "$1q") : undefined,
  "an octet of 300": (line) =>
    /^\s*(?:real\s*=\s*|virtual\s*=\s*|address = |real_server |virtual_ipaddress\[\] = )?10\.9\.\d+\.\d+\b/.test(
      line,
    )
      ? line.replace(/10\.9\.(\d+)\.\d+/, "10.9.$1.300")
      : undefined,
};

/** Lines that do not belong anywhere, by the kind of file. */
const STRANGERS: Readonly<Record<string, readonly string[]>> = {
  conf: [
    "weigth 3",
    "no_such_block {",
    "}",
    'notify_master "/bin/true',
    `router_id ${"x".repeat(1100)}`,
    "include /nonexistent/duet.conf",
    "= 3",
    "interface",
    "\u00a0priority 3",
    "@lb1 prioriti 9",
  ],
  ini: [
    "weigth = 3",
    "[no_such]",
    "no equals",
    "priority = 1 ; 2",
    "= 3",
    "priority[] = 3",
    "[global",
  ],
  cf: [
    "chekinterval=3",
    "\treal=10.9.0.1:80 direct",
    "real",
    "= 3",
    "quiescent=perhaps",
    "virtual=",
    "virtual=10.9.0.1.5:80",
  ],
};

/** Every damage of a file. Those of lines that say nothing here are left out by `says`. */
export function damagesOf(file: string): readonly Damage[] {
  const kind = file.split(".").at(-1) ?? "";
  const lines = readFileSync(file, "utf8").split("\n");
  const damages: Damage[] = [];
  for (const [what, change] of Object.entries(CHANGES)) {
    for (const [i, line] of lines.entries()) {
      const changed = change(line);
      if (changed === undefined || changed === line) continue;
      const text = lines.with(i, changed).join("\n");
      damages.push({ what: `${file}:${i + 1}: ${what}`, text, lines: [i + 1] });
    }
  }
  for (const stranger of STRANGERS[kind] ?? []) {
    for (let i = 1; i < lines.length; i += Math.ceil(lines.length / 3)) {
      const text = lines.toSpliced(i, 0, stranger).join("\n");
      // A brace too many is an end, so it is told by what stands behind that.
      const at = stranger === "}" ? lines.map((_, index) => index + 1).slice(i) : [i + 1];
      damages.push({ what: `${file}:${i + 1}: ${stranger.slice(0, 30)}`, text, lines: at });
    }
  }
  return damages;
}

/** The same numbers for the same seed. */
export function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % sides;
  };
}

const WORDS =
  "vrrp_instance|virtual_server|real_server|global_defs|{|}|\"|'|\\|#|!|$A=|${A}|~SEQ(i,1,3)|~LST(a,1,2)|@lb1|@^lb1|include x|=|[]|[|]|;|\n|\r\n|\t| |\0|\ufeff|\ufffd|é|0|-1|65536|99999999999|10.9.0.1|[::1]:80|10.9.0.1->10.9.0.9|/33|,|:|->|virtual=|\treal=|group|fwmark|yes".split(
    "|",
  );

/** A text with some of it deleted, doubled, turned over or strewn with words. */
export function mutated(text: string, roll: (sides: number) => number): string {
  let out = text;
  for (let times = 1 + roll(4); times > 0; times--) {
    const [from, length] = [roll(out.length + 1), 1 + roll(40)];
    const [before, piece, after] = [
      out.slice(0, from),
      out.slice(from, from + length),
      out.slice(from + length),
    ];
    const word = WORDS[roll(WORDS.length)] ?? "";
    const kinds = [
      before + after,
      before + piece + piece + after,
      before + word + piece + after,
      before + word + after,
      after + before,
    ];
    out = kinds[roll(kinds.length)] ?? "";
  }
  return out;
}
