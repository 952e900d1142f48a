// vrrp_instance -> sections.

import { familyOf } from "../../lib/ip.ts";
import type { Around } from "../foreign/around.ts";
import type { Target } from "../foreign/target.ts";
import { addressesMax } from "../vrrp/effective.ts";
import { addAuthentication, addHmac } from "./authentication.ts";
import { carry, carryScript } from "./carry.ts";
import { INSTANCE } from "./keywords.ts";
import { addLine, addressText, withLength, withoutTrackGroup } from "./lines.ts";
import type { TrackGroups } from "./statics.ts";
import { addTracked, type Tracked, type TrackKey } from "./tracked.ts";
import type { Statement } from "./tree.ts";

type Written = {
  readonly name: string;
  readonly target: Target;
  readonly tracked: Tracked;
  readonly around: Around;
  readonly ownInterface: string | undefined;
};

export function addInstance(
  statement: Statement,
  name: string,
  tracked: Tracked,
  around: Around,
  linkNames: Set<string>,
  trackGroups: TrackGroups,
): void {
  const target = around.open("vrrp_instance", [name], statement.line);
  for (const [group, { line, members }] of trackGroups) {
    if (members.has(name)) target.add("track_group", around.nameOf(group), line);
  }
  const block = statement.block ?? [];
  const last = (keyword: string): Statement | undefined =>
    block.findLast(({ words }) => words[0] === keyword);
  const ownInterface = last("interface")?.words[1];
  const written = { name, target, tracked, around, ownInterface };
  const own = (one: Statement, keyword: string): void => OWN[keyword]?.(one, keyword, written);
  const where = `vrrp_instance ${name}`;
  for (const one of block) carry(one, INSTANCE, where, target, around.remarks, own);
  // Whether seconds may have decimals is known when all is read.
  const advertInt = last("advert_int");
  if (advertInt !== undefined) addAdvertInt(advertInt, target, around);
  judgeOwner(target, last("state") ?? statement, around);
  const source = last("mcast_src_ip");
  if (source !== undefined && target.has("mcast_src_ip")) {
    const otherwise = "keepalived sends adverts from it all the same";
    around.remarks.aside(source.line, `Without its mcast_src_ip a node is in FAULT (${otherwise})`);
  }
  dropAuthentication(target, around);
  excludeExcess(target, around);
  nameLink(target, around, linkNames);
  const hasAddress = target.entries.some(({ key }) => key === "virtual_ipaddress");
  if (!hasAddress) target.setDefault("no_virtual_ipaddress", "yes");
}

type Own = (statement: Statement, keyword: string, written: Written) => void;

const addAddresses: Own = ({ block }, keyword, { target, around }) => {
  for (const each of block ?? []) addAddress(target, keyword, each, around);
};

const addLines: Own = ({ block }, keyword, { target, around }) => {
  for (const each of block ?? []) {
    const { rest: words, group } = withoutTrackGroup(each.words);
    if (group !== undefined) {
      const what = `track_group in "${each.text}"`;
      around.remarks.neverInForce(each.line, what, "it is for what is static");
    }
    addLine(target, keyword, { ...each, words }, around.remarks);
  }
};

const addTrackedThings: Own = (one, keyword, { target, tracked, around, ownInterface }) =>
  addTracked(one, keyword as TrackKey, target, tracked, around, ownInterface);

const addVirtualLink: Own = ({ words, line }, keyword, { target, around }) => {
  const rest = words.slice(1).filter((word) => word !== "netlink_notify_msg");
  if (!target.set(keyword, rest.length === 0 ? "yes" : rest.join(" "), line)) return;
  const link = `${keyword}: its link is up on the master alone, and has no link-local address but a virtual one`;
  around.remarks.aside(line, `${link} (keepalived has it up always)`);
};

/** keepalived takes 0 for 1. */
const addRepeat: Own = ({ words, line }, keyword, { target }) =>
  void target.set(keyword, words[1] === "0" ? "1" : (words[1] ?? ""), line);

const addExpiry: Own = ({ words, line }, _, { target }) =>
  void target.set("timer_expired_backup", words[1] ?? "254", line);

const OWN: Readonly<Record<string, Own>> = {
  state: ({ words, line }, _, { target, around }) => {
    const [, state = ""] = words;
    if (state === "MASTER" || state === "BACKUP") target.set("state", state, line);
    else {
      const why = "it must be MASTER or BACKUP, and is BACKUP";
      around.remarks.neverInForce(line, `state ${state}`, why);
    }
  },
  priority: ({ words, line }, _, { target, around }) => {
    const [, priority = "", ...more] = words;
    if (!target.set("priority", priority, line)) target.remove("priority");
    if (more.length === 0) return;
    around.remarks.neverInForce(line, `"${more.join(" ")}" behind priority`, "it has one value");
  },
  virtual_ipaddress: addAddresses,
  virtual_ipaddress_excluded: addAddresses,
  virtual_routes: addLines,
  virtual_rules: addLines,
  unicast_peer: ({ block }, _, { target, around }) => {
    for (const each of block ?? []) addPeer(target, each, around);
  },
  track_interface: addTrackedThings,
  track_script: addTrackedThings,
  track_file: addTrackedThings,
  track_process: addTrackedThings,
  track_bfd: addTrackedThings,
  vrf: ({ words, line }, keyword, { target, around, ownInterface }) => {
    if (ownInterface === undefined) target.set(keyword, words[1] ?? "", line);
    else around.remarks.neverInForce(line, keyword, "it is for an instance without interface");
  },
  use_vmac: addVirtualLink,
  use_ipvlan: addVirtualLink,
  authentication: (one, _, { target, around }) => addAuthentication(one, target, around),
  auth_hmac: (one, _, { target, around }) => addHmac(one, target, around),
  garp_master_repeat: addRepeat,
  garp_master_refresh_repeat: addRepeat,
  timer_expired_backup: addExpiry,
  thread_timer_expired: addExpiry,
  notify_deleted: (one, keyword, { target, around }) => {
    if (one.words.length > 1) carryScript(one, keyword, target, around.remarks);
    else {
      const why = "an instance that a reload takes away is told as STOP";
      around.remarks.noEffect(one.line, keyword, why);
    }
  },
  lvs_sync_daemon_interface: ({ words, line }, _, { name, around }) =>
    void around.global.set(
      "lvs_sync_daemon",
      [words[1], around.nameOf(name), ...words.slice(2)].join(" "),
      line,
    ),
};

/** Version 2 has whole seconds, version 3 hundredths: keepalived reports anything else and rounds it. */
function addAdvertInt({ words, line }: Statement, target: Target, around: Around): void {
  const [, text = ""] = words;
  const seconds = Number(text);
  if (!/^\d+(\.\d*)?$|^\.\d+$/.test(text)) {
    around.remarks.neverInForce(line, words.join(" "), "it must be a number of seconds, and is 1");
    return;
  }
  const [stepS, maxS] = versionOf(target, around) === 2 ? [1, 255] : [0.01, 40.95];
  const steps = Math.max(1, Math.round(seconds / stepS));
  // What no version has room for was no number to keepalived.
  const rounded = seconds > 255 ? seconds : Math.min(Number((steps * stepS).toFixed(2)), maxS);
  if (rounded !== seconds) {
    around.remarks.differs(line, `advert_int ${text} is ${rounded}, as keepalived rounds it`);
  }
  target.set("advert_int", String(rounded), line);
}

/** By its first address, or the one that its adverts come from. */
function familyWritten(target: Target): 4 | 6 {
  const line = target.valueOf("virtual_ipaddress") ?? "";
  const [first = ""] = line.split(" ");
  const source = target.valueOf("unicast_src_ip") ?? target.valueOf("mcast_src_ip") ?? "";
  return (first === "" ? source : first).includes(":") ? 6 : 4;
}

function versionOf(target: Target, around: Around): number {
  if (familyWritten(target) === 6) return 3;
  return Number(target.valueOf("version") ?? around.global.valueOf("vrrp_version") ?? 2);
}

/** state MASTER and priority 255 take nopreempt and preempt_delay out of force; state MASTER is 255 without priority. */
function judgeOwner(target: Target, { words, line }: Statement, around: Around): void {
  const isMaster = words[0] === "state" && words[1] === "MASTER";
  const priority = target.valueOf("priority") ?? (isMaster ? "255" : "");
  if (priority === "255") {
    const met = "Of two nodes with priority 255 the one with the higher address stays master";
    around.remarks.aside(line, `${met} (keepalived lowers that one to 254, and it gives way)`);
  } else if (!isMaster) return;
  for (const key of ["nopreempt", "preempt_delay"]) {
    if (!target.has(key)) continue;
    around.remarks.neverInForce(
      target.line,
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

/** keepalived calls it vrrp.VRID, and one that comes later to the same name vrrp6.VRID or vrrp1.VRID. */
function nameLink(target: Target, around: Around, taken: Set<string>): void {
  const key = target.has("use_vmac") ? "use_vmac" : "use_ipvlan";
  const entry = target.entries.find((one) => one.key === key);
  if (entry === undefined) return;
  const [written = ""] = entry.value?.split(" ") ?? [];
  if (written !== "yes") {
    taken.add(written);
    return;
  }
  const prefix = around.global.valueOf("vmac_prefix") ?? "vrrp";
  const vrid = target.valueOf("virtual_router_id") ?? "";
  const six = familyWritten(target) === 6 ? "6" : "";
  const tries = ["", ...(six === "" ? [] : [six]), ...Array.from({ length: 255 }, (_, i) => i + 1)];
  const names = tries.map((number) => `${prefix}${number}.${vrid}`);
  const name = names.find((one) => !taken.has(one)) ?? "";
  taken.add(name);
  if (name === `${prefix}${six}.${vrid}`) return;
  target.remove(key);
  target.set(key, name, entry.line);
}

function addAddress(
  target: Target,
  key: string,
  { words, line, text }: Statement,
  around: Around,
): void {
  const [written = "", ...behind] = words;
  const { address: whole, wrong } = withLength(written);
  if (wrong) {
    around.remarks.differs(
      line,
      `${written} has no length from 1 to ${whole.includes(":") ? 128 : 32}: it is the address of one host, ${whole}`,
    );
  }
  const { value, ignored } = addressText([whole, ...behind]);
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

/** keepalived holds what an advert has no room for as if it stood in virtual_ipaddress_excluded. */
function excludeExcess(target: Target, around: Around): void {
  const max = addressesMax(familyWritten(target));
  const excess = target.entries.filter(({ key }) => key === "virtual_ipaddress").slice(max);
  const [first] = excess;
  if (first === undefined) return;
  around.remarks.differs(
    first.line,
    `An advert has room for ${max} addresses: this one and ${excess.length - 1} more are virtual_ipaddress_excluded, as in keepalived`,
  );
  target.rename(excess, "virtual_ipaddress_excluded");
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
