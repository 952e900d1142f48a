// vrrp_sync_group, and what instances and groups track -> sections.

import type { Around } from "../foreign/around.ts";
import type { Target } from "../foreign/target.ts";
import { carry, carryScript } from "./carry.ts";
import { BFD, GROUP, SCRIPT, TRACK_FILE, TRACK_PROCESS } from "./keywords.ts";
import { addTracked, type Tracked, type TrackKey } from "./tracked.ts";
import type { Statement } from "./tree.ts";

export function addGroup(
  statement: Statement,
  name: string,
  instances: ReadonlySet<string>,
  taken: Set<string>,
  tracked: Tracked,
  around: Around,
): void {
  const { remarks } = around;
  const target = around.open("vrrp_sync_group", [name], statement.line);
  const own = (one: Statement, keyword: string): void => {
    if (keyword !== "group") {
      addTracked(one, keyword as TrackKey, target, tracked, around, undefined);
      return;
    }
    for (const { words, line } of one.block ?? []) {
      for (const word of words) {
        const why = !instances.has(word)
          ? "there is no such vrrp_instance"
          : taken.has(word)
            ? "it is in another group"
            : undefined;
        taken.add(word);
        if (why !== undefined) remarks.neverInForce(line, `${word} in group ${name}`, why);
        else target.add("group", around.nameOf(word), line);
      }
    }
  };
  for (const one of statement.block ?? []) {
    carry(one, GROUP, `vrrp_sync_group ${name}`, target, remarks, own);
  }
  if (target.entries.some(({ key }) => key === "group")) return;
  remarks.neverInForce(statement.line, `vrrp_sync_group ${name}`, "it has no member");
  around.close(target);
}

/** Of these: is it one? */
export function addScript(statement: Statement, name: string, around: Around): boolean {
  const target = around.open("vrrp_script", [name], statement.line);
  const own = (one: Statement): void => addWeight(one, target);
  for (const one of statement.block ?? []) {
    if (one.words[0] === "script") addCheckScript(one, target, around);
    else carry(one, SCRIPT, `vrrp_script ${name}`, target, around.remarks, own);
  }
  return has("script", target, `vrrp_script ${name}`, around);
}

/** Words behind a command without quotes are no arguments, and nobody says so. */
function addCheckScript(one: Statement, target: Target, around: Around): void {
  const { quoted, words, line } = one;
  const [, command = "", ...rest] = words;
  if (!quoted.has(1) && rest.length > 0 && rest[0] !== "root") {
    const right = `script "${words.slice(1).join(" ")}"`;
    around.remarks.neverInForce(
      line,
      `"${rest.join(" ")}" behind ${command}`,
      `it must be ${right}`,
    );
    target.setFirst("script", command, line);
    return;
  }
  carryScript(one, "script", target, around.remarks);
  const user = target.valueOf("script_user");
  target.remove("script_user");
  if (user !== null) target.set("user", user, line);
}

function addWeight({ words, line }: Statement, target: Target): void {
  target.set(
    "weight",
    words
      .slice(1)
      .filter((word) => word !== "noreverse")
      .join(" "),
    line,
  );
}

export function addTrackFile(statement: Statement, name: string, around: Around): boolean {
  const target = around.open("track_file", [name], statement.line);
  const own = (one: Statement, keyword: string): void => {
    if (keyword === "weight") addWeight(one, target);
    else target.set("init_file", one.words.slice(1).join(" ") || "0", one.line);
  };
  for (const one of statement.block ?? []) {
    carry(one, TRACK_FILE, `track_file ${name}`, target, around.remarks, own);
  }
  return has("file", target, `track_file ${name}`, around);
}

export function addTrackProcess(statement: Statement, name: string, around: Around): boolean {
  const target = around.open("vrrp_track_process", [name], statement.line);
  const own = (one: Statement, keyword: string): void => {
    if (keyword === "weight") addWeight(one, target);
    else target.set("param_match", one.words[1] ?? "exact", one.line);
  };
  for (const one of statement.block ?? []) {
    carry(one, TRACK_PROCESS, `vrrp_track_process ${name}`, target, around.remarks, own);
  }
  return has("process", target, `vrrp_track_process ${name}`, around);
}

export function addBfd(statement: Statement, name: string, around: Around): boolean {
  const target = around.open("bfd_instance", [name], statement.line);
  for (const one of statement.block ?? []) {
    carry(one, BFD, `bfd_instance ${name}`, target, around.remarks, (each) =>
      addWeight(each, target),
    );
  }
  const key = target.has("neighbour_ip") ? "neighbour_ip" : "neighbor_ip";
  return has(key, target, `bfd_instance ${name}`, around);
}

/** Without it a block is none; who tracks it is told so too. */
function has(key: string, target: Target, where: string, around: Around): boolean {
  if (target.has(key)) return true;
  around.remarks.neverInForce(target.line, where, `it has no ${key}`);
  around.close(target);
  return false;
}
