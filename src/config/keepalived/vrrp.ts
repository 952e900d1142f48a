// vrrp_instance, vrrp_sync_group and what they track -> sections.

import { familyOf } from "../../lib/ip.ts";
import type { Around } from "./around.ts";
import { BFD, GROUP, INSTANCE, SCRIPT, TRACK_FILE, TRACK_PROCESS } from "./keywords.ts";
import type { Statement } from "./language.ts";
import { addressText, ruleText } from "./lines.ts";
import { carry, carryScript, type Target } from "./target.ts";

/** Of the things that instances track: which names there are. */
export type Tracked = Readonly<Record<TrackKey, ReadonlySet<string> | null>>;

type TrackKey = "track_interface" | "track_script" | "track_file" | "track_process" | "track_bfd";

export function addInstance(
  statement: Statement,
  name: string,
  tracked: Tracked,
  around: Around,
): Target {
  const { remarks } = around;
  const where = `vrrp_instance ${name}`;
  const target = around.open("vrrp_instance", [name], statement.line);
  let advertInt: Statement | undefined;
  let isMaster = false;
  const own = (one: Statement, keyword: string): void => {
    const { words, line } = one;
    const [, first = "", ...more] = words;
    switch (keyword) {
      case "state":
        isMaster = first === "MASTER";
        if (first === "MASTER" || first === "BACKUP") target.set("state", first, line);
        else
          remarks.neverInForce(
            line,
            `state ${first}`,
            "it must be MASTER or BACKUP, and is BACKUP",
          );
        return;
      case "priority":
        if (!target.set("priority", first, line)) target.remove("priority");
        return;
      case "advert_int":
        advertInt = one;
        return;
      case "virtual_ipaddress":
      case "virtual_ipaddress_excluded":
        for (const each of one.block ?? []) addAddress(target, keyword, each, around);
        return;
      case "virtual_routes":
        for (const each of one.block ?? []) addLine(target, keyword, each);
        return;
      case "virtual_rules":
        for (const each of one.block ?? []) {
          target.add(keyword, ruleText(each.words), each.line, each.text);
        }
        return;
      case "unicast_peer":
        for (const each of one.block ?? []) addPeer(target, each, around);
        return;
      case "track_interface":
      case "track_script":
      case "track_file":
      case "track_process":
      case "track_bfd":
        addTracked(one, keyword, target, tracked, around, interfaceOf(statement));
        return;
      case "use_vmac":
      case "use_ipvlan": {
        const rest = words.slice(1).filter((word) => word !== "netlink_notify_msg");
        target.set(keyword, rest.length === 0 ? "yes" : rest.join(" "), line);
        return;
      }
      case "authentication":
        addAuthentication(one, target, around);
        return;
      case "auth_hmac":
        addHmac(one, target, around);
        return;
      case "garp_master_repeat":
      case "garp_lower_prio_repeat":
      case "garp_master_refresh_repeat":
        // keepalived takes 0 for 1 where there must be one.
        target.set(
          keyword,
          first === "0" && keyword !== "garp_lower_prio_repeat" ? "1" : first,
          line,
        );
        return;
      case "timer_expired_backup":
      case "thread_timer_expired":
        target.set("timer_expired_backup", first === "" ? "254" : first, line);
        return;
      case "notify_deleted":
        if (first !== "") carryScript(one, keyword, target, remarks);
        else
          remarks.noEffect(line, keyword, "an instance that a reload takes away is told as STOP");
        return;
      case "lvs_sync_daemon_interface":
        around.global.set("lvs_sync_daemon", [first, name, ...more].join(" "), line);
    }
  };
  for (const one of statement.block ?? []) carry(one, INSTANCE, where, target, remarks, own);
  if (advertInt !== undefined) addAdvertInt(advertInt, target, around);
  judgePreemption(target, isMaster, statement.line, around);
  dropAuthentication(target, around);
  const addresses = target.entries.some(({ key }) => key === "virtual_ipaddress");
  if (!addresses) target.setDefault("no_virtual_ipaddress", "yes");
  return target;
}

function interfaceOf({ block }: Statement): string | undefined {
  return block?.findLast(({ words }) => words[0] === "interface")?.words[1];
}

/** Version 2 has whole seconds, version 3 hundredths: keepalived reports anything else and rounds it. */
function addAdvertInt({ words, line }: Statement, target: Target, around: Around): void {
  const [, text = ""] = words;
  const seconds = Number(text);
  if (!/^\d+(\.\d*)?$|^\.\d+$/.test(text)) {
    around.remarks.neverInForce(line, words.join(" "), "it must be a number of seconds, and is 1");
    return;
  }
  const stepS = versionOf(target, around) === 2 ? 1 : 0.01;
  const rounded = Number((Math.max(1, Math.round(seconds / stepS)) * stepS).toFixed(2));
  if (rounded !== seconds) {
    around.remarks.differs(line, `advert_int ${text} is ${rounded}, as keepalived rounds it`);
  }
  target.set("advert_int", String(rounded), line);
}

function versionOf(target: Target, around: Around): number {
  const line = target.entries.find(({ key }) => key === "virtual_ipaddress")?.value ?? "";
  const [first = ""] = line.split(" ");
  const source = target.valueOf("unicast_src_ip") ?? target.valueOf("mcast_src_ip") ?? "";
  if (first.includes(":") || (first === "" && source.includes(":"))) return 3;
  return Number(target.valueOf("version") ?? around.global.valueOf("vrrp_version") ?? 2);
}

/** state MASTER and priority 255 take nopreempt and preempt_delay out of force. */
function judgePreemption(target: Target, isMaster: boolean, line: number, around: Around): void {
  if (!isMaster && target.valueOf("priority") !== "255") return;
  for (const key of ["nopreempt", "preempt_delay"]) {
    if (!target.has(key)) continue;
    around.remarks.neverInForce(
      line,
      key,
      `it is for an instance with "state BACKUP" on both nodes, and this one is ${isMaster ? "state MASTER" : "the owner"}`,
    );
    target.remove(key);
  }
}

function dropAuthentication(target: Target, around: Around): void {
  if (!target.has("auth_pass") || versionOf(target, around) === 2) return;
  around.remarks.neverInForce(target.line, "authentication", "version 3 has none");
  target.remove("auth_type");
  target.remove("auth_pass");
}

function addAddress(
  target: Target,
  key: string,
  { words, line, text }: Statement,
  around: Around,
): void {
  const { value, ignored } = addressText(words);
  for (const word of ignored) {
    around.remarks.neverInForce(line, `"${word}" in "${text}"`, "an address is one a line");
  }
  const [address = ""] = value.split(/[\s/]/);
  const first = target.entries.find((entry) => entry.key === key && key === "virtual_ipaddress");
  const [before = ""] = first?.value?.split(/[\s/]/) ?? [];
  if (before !== "" && familyOf(address) !== undefined && familyOf(before) !== familyOf(address)) {
    around.remarks.neverInForce(
      line,
      text,
      `addresses of one instance are of one family, as ${before}`,
    );
    return;
  }
  target.add(key, value, line, text);
}

function addLine(target: Target, key: string, { words, line, text }: Statement): void {
  target.add(key, words.join(" "), line, text);
}

/** ADDRESS [min_ttl N] [max_ttl N]. */
function addPeer(target: Target, { words, line }: Statement, around: Around): void {
  const [address = "", ...options] = words;
  const taken = [address];
  for (let i = 0; i < options.length; i += 2) {
    const [word = "", value] = options.slice(i, i + 2);
    if (/^(min|max)_ttl$/.test(word) && value !== undefined) taken.push(word, value);
    else around.remarks.neverInForce(line, `"${word}" in unicast_peer`, "a peer is one a line");
  }
  if (target.add("unicast_peer", taken.join(" "), line) && taken.length > 1) {
    target.setDefault("check_unicast_src", "yes");
  }
}

/** NAME [weight N [reverse|noreverse]]. */
function addTracked(
  { block }: Statement,
  key: TrackKey,
  target: Target,
  tracked: Tracked,
  around: Around,
  ownInterface: string | undefined,
): void {
  for (const { words, line, text } of block ?? []) {
    const [name = "", word, weight, direction] = words;
    const known = tracked[key];
    if (known !== null && !known.has(name)) {
      around.remarks.neverInForce(line, `${key} ${text}`, `there is no ${name}`);
      continue;
    }
    if (key === "track_interface" && name === ownInterface) {
      around.remarks.neverInForce(line, `${key} ${text}`, "its own interface is tracked anyhow");
      continue;
    }
    const parts = [around.nameOf(name, key !== "track_interface")];
    if (word === "weight" && weight !== undefined) {
      parts.push(word, weight);
      if (direction === "reverse") parts.push(direction);
    } else if (word !== undefined) {
      const behind = words.slice(1).join(" ");
      around.remarks.neverInForce(line, `${key} ${text}`, `"${behind}" must be "weight N"`);
      continue;
    }
    target.add(key, parts.join(" "), line, `${key} ${text}`);
  }
}

function addAuthentication({ block, line }: Statement, target: Target, around: Around): void {
  let type = "";
  for (const one of block ?? []) {
    const [keyword = "", value] = one.words;
    if (keyword === "auth_type") type = value ?? "";
    else if (keyword === "auth_pass" && value !== undefined)
      target.set("auth_pass", value, one.line);
    else around.remarks.neverInForce(one.line, `"${one.text}"`, "it is no part of authentication");
  }
  if (type === "AH") {
    target.remove("auth_pass");
    around.remarks.differs(
      line,
      "auth_type AH is not spoken here: adverts go without authentication, and a peer that still uses it hears none of them (use PASS on both, or unicast_peer with auth_hmac)",
    );
  } else if (type !== "PASS") {
    target.remove("auth_pass");
    around.remarks.neverInForce(line, "authentication", "its auth_type must be PASS");
  } else if (!target.has("auth_pass")) {
    around.remarks.neverInForce(line, "authentication", "it has no auth_pass on a line of its own");
  }
}

function addHmac({ block }: Statement, target: Target, around: Around): void {
  for (const { words, line, text } of block ?? []) {
    const [keyword = "", ...values] = words;
    if (keyword === "key") target.add("auth_hmac_key", values.join(" "), line, "key");
    else if (/^(active_key|anti_replay|time_window|mode)$/.test(keyword)) {
      target.set(`auth_hmac_${keyword}`, values.join(" "), line, text);
    } else around.remarks.neverInForce(line, `"${keyword}"`, "it is no part of auth_hmac");
  }
}

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

export function addScript(statement: Statement, name: string, around: Around): void {
  const target = around.open("vrrp_script", [name], statement.line);
  const own = (one: Statement): void => addWeight(one, target);
  for (const one of statement.block ?? []) {
    if (one.words[0] === "script") addCheckScript(one, target, around);
    else carry(one, SCRIPT, `vrrp_script ${name}`, target, around.remarks, own);
  }
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

export function addTrackFile(statement: Statement, name: string, around: Around): void {
  const target = around.open("track_file", [name], statement.line);
  const own = (one: Statement, keyword: string): void => {
    if (keyword === "weight") addWeight(one, target);
    else target.set("init_file", one.words.slice(1).join(" ") || "0", one.line);
  };
  for (const one of statement.block ?? []) {
    carry(one, TRACK_FILE, `track_file ${name}`, target, around.remarks, own);
  }
}

export function addTrackProcess(statement: Statement, name: string, around: Around): void {
  const target = around.open("vrrp_track_process", [name], statement.line);
  const own = (one: Statement, keyword: string): void => {
    if (keyword === "weight") addWeight(one, target);
    else target.set("param_match", one.words[1] ?? "exact", one.line);
  };
  for (const one of statement.block ?? []) {
    carry(one, TRACK_PROCESS, `vrrp_track_process ${name}`, target, around.remarks, own);
  }
}

export function addBfd(statement: Statement, name: string, around: Around): void {
  const target = around.open("bfd_instance", [name], statement.line);
  for (const one of statement.block ?? []) {
    carry(one, BFD, `bfd_instance ${name}`, target, around.remarks, (each) =>
      addWeight(each, target),
    );
  }
}
