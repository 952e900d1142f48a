// The command line of `duet realserver`: all that is wrong with it at once.

import { parseArgs } from "node:util";
import { addressBytes, canonicalAddress, familyOf, isMulticast } from "../lib/ip.ts";
import { MODES, type Mode } from "../realserver/model.ts";

export const ACTIONS = ["start", "stop", "status"] as const;
export type Action = (typeof ACTIONS)[number];

export type RealServerArgs = {
  readonly mode: Mode;
  readonly action: Action;
  /** Canonical; none = those that were started (stop, status). */
  readonly vips: readonly string[];
  readonly via: string | null;
  readonly json: boolean;
  readonly runDir: string | undefined;
};

export type Read =
  | { readonly ok: true; readonly args: RealServerArgs }
  | { readonly ok: false; readonly problems: readonly string[] };

export function readRealServerArgs(words: readonly string[]): Read {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(words);
  } catch (error) {
    // Node adds advice of several sentences: the first says it.
    const text = error instanceof Error ? error.message : String(error);
    return { ok: false, problems: [text.replace(/\. .*$/s, "")] };
  }
  const { values, positionals } = parsed;
  const [modeWord = "", actionWord = "", ...vipWords] = positionals;
  const mode = MODES.find((each) => each === modeWord);
  const action = ACTIONS.find((each) => each === actionWord);
  const vips = vipWords.map((word) => canonicalAddress(word) ?? word);
  const via = values.via === undefined ? null : (canonicalAddress(values.via) ?? values.via);
  const problems = [
    ...(mode === undefined ? [`Cannot use mode "${modeWord}": one of ${MODES.join(", ")}`] : []),
    ...(action === undefined ? [`Cannot do "${actionWord}": one of ${ACTIONS.join(", ")}`] : []),
    ...vips.flatMap((vip, i) => vipProblems(vip, vips.indexOf(vip) < i)),
    ...(via === null ? [] : viaProblems(via, vips)),
    ...(mode === undefined || action === undefined
      ? []
      : combinationProblems(mode, action, { vips, via, json: values.json })),
  ];
  if (mode === undefined || action === undefined || problems.length > 0) {
    return { ok: false, problems };
  }
  const { json } = values;
  return { ok: true, args: { mode, action, vips, via, json, runDir: values["run-dir"] } };
}

function parse(words: readonly string[]) {
  return parseArgs({
    args: [...words],
    options: {
      via: { type: "string" },
      json: { type: "boolean", default: false },
      "run-dir": { type: "string" },
    },
    allowPositionals: true,
  });
}

function vipProblems(vip: string, isRepeated: boolean): readonly string[] {
  const problem = addressProblem(vip);
  if (problem !== undefined) return [`Cannot use VIP "${vip}": ${problem}`];
  return isRepeated ? [`Cannot use VIP "${vip}" twice`] : [];
}

function viaProblems(via: string, vips: readonly string[]): readonly string[] {
  const problem = addressProblem(via);
  if (problem !== undefined) return [`Cannot use --via "${via}": ${problem}`];
  const other = vips.find((vip) => familyOf(vip) !== undefined && familyOf(vip) !== familyOf(via));
  if (other === undefined) return [];
  return [`Cannot use VIP "${other}" with --via ${via}: an IPv4 and an IPv6 address`];
}

function combinationProblems(
  mode: Mode,
  action: Action,
  { vips, via, json }: Pick<RealServerArgs, "vips" | "via" | "json">,
): readonly string[] {
  const problems: string[] = [];
  if (mode !== "nat" && via !== null) {
    problems.push(`Cannot use --via with ${mode}: answers do not pass the director`);
  }
  if (mode === "nat" && action === "start" && via === null) {
    problems.push("Cannot start nat without --via: the director's address in this network");
  }
  if (mode !== "nat" && action === "start" && vips.length === 0) {
    problems.push(`Cannot start ${mode} without a VIP`);
  }
  if (action === "stop" && mode === "nat" && (vips.length > 0 || via !== null)) {
    problems.push("Cannot stop a part of nat: name neither VIP nor --via");
  }
  if (json && action !== "status") problems.push(`Cannot use --json with ${action}`);
  return problems;
}

/** An address that one machine can have, for the whole network to reach. */
function addressProblem(address: string): string | undefined {
  const family = familyOf(address);
  if (family === undefined) {
    const [head = "", length] = address.split("/");
    if (length === undefined || familyOf(head) === undefined) return "it is no IP address";
    return `write ${head}, without a prefix length`;
  }
  const [first = 0, second = 0] = addressBytes(address);
  if (isMulticast(address)) return "it is a multicast address";
  if (family === 4 && first === 127) return "it is a loopback address";
  if (family === 4 && (first === 0 || first >= 240)) return "no machine can have it";
  if (address === "::" || address === "::1") return "no other machine can reach it";
  if (family === 6 && first === 0xfe && (second & 0xc0) === 0x80) {
    return "it is a link-local address: write a global one";
  }
  return undefined;
}
