// global_defs -> [global].

import type { Around } from "../foreign/around.ts";
import { booleanOf, carry } from "./carry.ts";
import { GLOBAL } from "./keywords.ts";
import type { Outside } from "./outside.ts";
import type { Statement } from "./tree.ts";

/** Who runs keepalived's scripts when nobody is named, where the machine has such a user. */
const SCRIPT_USER = "keepalived_script";

/** What holds in keepalived when nothing is said, where it is something else here. */
export function globalDefaults(
  outside: Pick<Outside, "read">,
): readonly (readonly [key: string, value: string])[] {
  const users = outside.read("/etc/passwd") ?? "";
  const hasUser = users.split("\n").some((line) => line.startsWith(`${SCRIPT_USER}:`));
  return [
    ["enable_script_security", "no"],
    ["vrrp_higher_prio_send_advert", "no"],
    ["vrrp_check_unicast_src", "no"],
    ...(hasUser ? [["script_user", SCRIPT_USER] as const] : []),
  ];
}

export function addGlobal(statement: Statement, around: Around): void {
  const { global, remarks } = around;
  const own = (one: Statement, keyword: string): void => {
    const { words, line } = one;
    const [, first] = words;
    switch (keyword) {
      case "notification_email":
        for (const each of one.block ?? []) {
          global.add(keyword, addressIn(each.words.join(" ")), each.line);
        }
        return;
      case "lvs_sync_daemon": {
        const [device = "", instance, ...rest] = words.slice(1);
        const named = instance === undefined ? [] : [around.nameOf(instance)];
        global.set(keyword, [device, ...named, ...rest].join(" "), line);
        return;
      }
      case "smtp_server":
        global.set(keyword, words.slice(1).join(" "), line);
        return;
      case "nftables":
      case "nftables_ipvs":
        if (first !== undefined) global.set(keyword, first, line);
        return;
      case "vrrp_iptables":
        remarks.noEffect(line, keyword, "duet uses nftables, in a table of its own");
        return;
      case "dynamic_interfaces":
        global.set(keyword, "yes", line);
        return;
      case "vrrp_cpu_affinity":
      case "checker_cpu_affinity":
        for (const cpu of words.slice(1)) global.add(keyword, cpu, line);
        return;
      case "min_auto_priority_delay":
        // keepalived writes microseconds.
        global.set(keyword, String(Number(first ?? "") / 1_000_000), line);
        return;
      case "max_auto_priority":
        global.set(keyword, first === undefined || first === "-1" ? "99" : first, line);
        return;
      case "lvs_flush_on_stop":
        global.set(keyword, first === "VS" ? "VS" : (booleanOf(first) ?? "yes"), line);
    }
  };
  for (const one of statement.block ?? []) carry(one, GLOBAL, "global_defs", global, remarks, own);
}

/** "Name <a@b>" is the address. */
function addressIn(text: string): string {
  return /<([^>]+)>/.exec(text)?.[1] ?? text;
}
