// One node of a pair, and what is told of two of them: where each of them says it.

import type { KeyName, SectionName } from "../keys.ts";
import type { Config, Problem, VirtualServerConfig, VrrpInstanceConfig } from "../model.ts";
import { type Draft, lineOf, type Section } from "../schema/section.ts";

export type Place = { readonly file: string; readonly line: number };

/** `other`: where the other node's file says what it is about. */
export type PairProblem = Problem & { readonly other?: Place };

export type Node = {
  readonly config: Config;
  /** What the configuration was made of, section by section in the same order. */
  readonly draft: Draft;
  readonly placeOf: (line: number) => Place;
};

export type Tell = (problem: {
  readonly at: Place;
  readonly other?: Place;
  readonly message: string;
  readonly severity: Problem["severity"];
}) => void;

export type Member<Kind extends SectionName, Made> = {
  readonly node: Node;
  readonly section: Section<Kind>;
  readonly made: Made;
};

export type Instance = Member<"vrrp_instance", VrrpInstanceConfig>;
export type Service = Member<"virtual_server", VirtualServerConfig>;

export type Couple<One> = { readonly a: One; readonly b: One };

export function instancesOf(node: Node): readonly Instance[] {
  return membersOf(node, node.draft.vrrp_instance, node.config.vrrpInstances);
}

export function servicesOf(node: Node): readonly Service[] {
  return membersOf(node, node.draft.virtual_server, node.config.virtualServers);
}

function membersOf<Kind extends SectionName, Made>(
  node: Node,
  sections: readonly Section<Kind>[],
  made: readonly Made[],
): readonly Member<Kind, Made>[] {
  return sections.flatMap((section, index) => {
    const one = made[index];
    return one === undefined ? [] : [{ node, section, made: one }];
  });
}

/** The line of a key, or of its section. */
export function placeIn<Kind extends SectionName>(
  { node, section }: Pick<Member<Kind, unknown>, "node" | "section">,
  key: KeyName<Kind>,
): Place {
  return node.placeOf(lineOf(section, key));
}

export function headOf({
  node,
  section,
}: Pick<Member<SectionName, unknown>, "node" | "section">): Place {
  return node.placeOf(section.line);
}

export function placeText({ file, line }: Place): string {
  return `${file}:${line}`;
}

export type Matched<One> = {
  readonly couples: readonly Couple<One>[];
  /** Nobody on the other node is like these. */
  readonly alone: Couple<readonly One[]>;
};

/** Couples each one with its like: by the first likeness in which two are the same. `undefined` is like nobody. */
export function match<One>(
  as: readonly One[],
  bs: readonly One[],
  likenesses: readonly ((one: One) => string | undefined)[],
): Matched<One> {
  const couples: Couple<One>[] = [];
  let [leftA, leftB] = [as, bs];
  for (const likeness of likenesses) {
    const waiting = new Map<string, One[]>();
    for (const b of leftB) {
      const key = likeness(b);
      if (key === undefined) continue;
      const others = waiting.get(key);
      if (others === undefined) waiting.set(key, [b]);
      else others.push(b);
    }
    const taken = new Set<One>();
    for (const a of leftA) {
      const b = waiting.get(likeness(a) ?? "")?.shift();
      if (b === undefined) continue;
      couples.push({ a, b });
      taken.add(a).add(b);
    }
    leftA = leftA.filter((one) => !taken.has(one));
    leftB = leftB.filter((one) => !taken.has(one));
  }
  return { couples, alone: { a: leftA, b: leftB } };
}

/** What a key is on either node, and why both must say the same. */
export type Equal<Kind extends SectionName, Made> = {
  readonly key: KeyName<Kind>;
  /** For people, and to compare: null = it does not count here. */
  readonly of: (made: Made) => string | null;
  readonly severity: Problem["severity"];
  /** Reads on after a colon. */
  readonly why: string;
};

export function judgeEqual<Kind extends SectionName, Made>(
  { a, b }: Couple<Member<Kind, Made>>,
  rows: readonly Equal<Kind, Made>[],
  tell: Tell,
): void {
  for (const { key, of, severity, why } of rows) {
    const [ours, theirs] = [of(a.made), of(b.made)];
    if (ours === null || theirs === null || ours === theirs) continue;
    const other = placeIn(b, key);
    tell({
      at: placeIn(a, key),
      other,
      severity,
      message: `${key} of [${a.section.title}] is ${ours}, and ${theirs} at ${placeText(other)}: ${why}`,
    });
  }
}
