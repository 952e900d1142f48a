// Which blocks stand in which: keepalived goes by its keywords, so that a brace behind any other word opens nothing, and the next
// "}" ends the block around it.

import {
  BFD,
  CHECKS,
  GLOBAL,
  GROUP,
  INSTANCE,
  type Keywords,
  SCRIPT,
  SERVER,
  SERVICE,
  TRACK_FILE,
  TRACK_PROCESS,
} from "./keywords.ts";

/** The blocks that may stand in one, by keyword. */
export type Blocks = ReadonlyMap<string, Blocks>;

/** Of lines. */
const LINES: Blocks = new Map();

function blocksOf(words: Keywords, inside: Readonly<Record<string, Blocks>> = {}): Blocks {
  const found = new Map<string, Blocks>();
  for (const [word, carried] of words) {
    if (carried.as === "own" && carried.block === true) found.set(word, inside[word] ?? LINES);
  }
  return found;
}

const CHECKS_BLOCKS = Object.fromEntries(
  Object.entries(CHECKS).map(([name, words]) => [name, blocksOf(words)]),
);

export const SERVER_BLOCKS: Blocks = blocksOf(SERVER, CHECKS_BLOCKS);

export const ROOT_BLOCKS: Blocks = new Map([
  ["global_defs", blocksOf(GLOBAL)],
  ["interface_up_down_delays", LINES],
  ["linkbeat_interfaces", LINES],
  ["garp_group", new Map([["interfaces", LINES]])],
  ["track_group", new Map([["group", LINES]])],
  ["track_file", blocksOf(TRACK_FILE)],
  ["vrrp_track_file", blocksOf(TRACK_FILE)],
  ["vrrp_track_process", blocksOf(TRACK_PROCESS)],
  ["vrrp_script", blocksOf(SCRIPT)],
  ["vrrp_sync_group", blocksOf(GROUP)],
  ["vrrp_instance", blocksOf(INSTANCE)],
  [
    "bfd_instance",
    new Map([...blocksOf(BFD), ["vrrp", LINES] as const, ["checker", LINES] as const]),
  ],
  ["virtual_server_group", LINES],
  ["virtual_server", blocksOf(SERVICE, { real_server: SERVER_BLOCKS })],
  ["static_ipaddress", LINES],
  ["static_routes", LINES],
  ["static_rules", LINES],
  ["SSL", LINES],
]);

/** Interfaces may stand behind the word, too. */
export function needsBrace(keyword: string): boolean {
  return keyword !== "interfaces";
}
