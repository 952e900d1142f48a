// What becomes of each word of keepalived.conf and ldirectord.cf, for people: out of the tables by which it is done.

import {
  BFD,
  type Carried,
  CHECKS,
  GLOBAL,
  GROUP,
  INSTANCE,
  type Keywords,
  ROOT,
  SCRIPT,
  SERVER,
  SERVICE,
  TRACK_FILE,
  TRACK_PROCESS,
  URL_KEYWORDS,
} from "../keepalived/keywords.ts";
import { isSectionName, keysOf, SECTIONS, type SectionName, spellingsOf } from "../keys.ts";
import { NOTHING as LDIRECTORD_NOTHING } from "../ldirectord/translate.ts";
import { rightWord } from "../names/foreign-words.ts";

export type Block = {
  /** As it is called in keepalived.conf; "" = outside of all. */
  readonly name: string;
  /** What it becomes. */
  readonly section: SectionName;
  readonly words: Keywords;
};

export const BLOCKS: readonly Block[] = [
  { name: "", section: "global", words: ROOT },
  { name: "global_defs", section: "global", words: GLOBAL },
  { name: "vrrp_script", section: "vrrp_script", words: SCRIPT },
  { name: "track_file", section: "track_file", words: TRACK_FILE },
  { name: "vrrp_track_process", section: "vrrp_track_process", words: TRACK_PROCESS },
  { name: "bfd_instance", section: "bfd_instance", words: BFD },
  { name: "vrrp_instance", section: "vrrp_instance", words: INSTANCE },
  { name: "vrrp_sync_group", section: "vrrp_sync_group", words: GROUP },
  { name: "virtual_server", section: "virtual_server", words: SERVICE },
  { name: "real_server", section: "real_server", words: SERVER },
  ...Object.entries(CHECKS).map(([name, words]) => ({ name, section: "check" as const, words })),
  { name: "url", section: "check", words: URL_KEYWORDS },
];

/** "it is interval of [check.NAME]", "it has no effect here: ..." */
export function becomes(word: string, carried: Carried, section: SectionName): string {
  if (carried.as === "nothing") return noEffect(carried.why);
  if (section === "global" && isSectionName(word)) return `it is the section ${titleOf(word)}`;
  const key = (carried.as === "own" ? undefined : carried.key) ?? word;
  const here = spellingsOf(section).get(key);
  if (here !== undefined) {
    const written = `${here}${keysOf(section)[here]?.list ? "[]" : ""}`;
    return `it is ${written} of ${titleOf(section)}${here === word ? TOO : ""}`;
  }
  return OWN[word] ?? rightWord(word) ?? `it becomes lines of ${titleOf(section)}`;
}

/** Words that are known here as something else. */
const OWN: Readonly<Record<string, string>> = {
  real_server: "it is a section [real_server.VS.NAME]",
  virtualhost: "it is host of each [check.NAME] made of its HTTP_GET and SSL_GET",
  alpha: "it is alpha of [real_server.VS.NAME]",
  track_file: "it is the file of [check.NAME]",
};

const TOO = " too";

function noEffect(why: string): string {
  return `it has no effect here: ${why}`;
}

/** Where it stands in which format, and what it is; places that say the same are one, and a key of the same name says nothing. */
export function foreignTexts(word: string): readonly string[] {
  const places = new Map<string, string[]>();
  for (const { name, section, words } of BLOCKS) {
    const carried = words.get(word);
    if (carried === undefined) continue;
    const text = becomes(word, carried, section);
    if (text.endsWith(TOO)) continue;
    places.set(text, [...(places.get(text) ?? []), name === "" ? "outside of all blocks" : name]);
  }
  const texts = Array.from(
    places,
    ([text, names]) => `keepalived.conf, ${names.join(", ")}: ${text}`,
  );
  const why = LDIRECTORD_NOTHING[word];
  if (why !== undefined) texts.push(`ldirectord.cf: ${noEffect(why)}`);
  if (texts.length > 0) return texts;
  const right = rightWord(word);
  return right === undefined ? [] : [right];
}

export function titleOf(name: SectionName): string {
  return `[${[name, ...SECTIONS[name].labels].join(".")}]`;
}
