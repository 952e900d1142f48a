// conf/: the example file is the table, and the unit file says what the design promises.

import { readFileSync, writeFileSync } from "node:fs";
import test from "ava";
import { typesWith } from "../../src/config/checks/kinds.ts";
import { printExample } from "../../src/config/schema/example.ts";
import { linesOf } from "./helpers.ts";

test("conf/example.ini is what keys.ts says (UPDATE=1 rewrites it)", (t) => {
  if (process.env["UPDATE"] === "1") writeFileSync("conf/example.ini", printExample());
  t.is(readFileSync("conf/example.ini", "utf8"), printExample());
});

/** Keys that cannot stand beside another one of the example: what has to leave for them. */
const instead: Readonly<Record<string, RegExp>> = {
  "vrrp_instance vrf": /^interface = .*\n/m,
  "virtual_server fwmark": /^(address|protocol) = .*\n/m,
  "virtual_server mark": /^(address|protocol) = .*\n/m,
  "virtual_server group": /^address = 172\.17\.253\.110:80\n/m,
};

/** Keys that need another value of one that is there or waits. */
const changed: Readonly<Record<string, readonly [RegExp, string]>> = {
  "sh-port": [/^# lb_algo = .*$/m, "lb_algo = sh"],
  "sh-fallback": [/^# lb_algo = .*$/m, "lb_algo = sh"],
  "mh-port": [/^# lb_algo = .*$/m, "lb_algo = mh"],
  "mh-fallback": [/^# lb_algo = .*$/m, "lb_algo = mh"],
  request_body: [/^# method = GET$/m, "method = POST"],
  track_group: [/^# (?=static_ipaddress)/m, ""],
  ops: [/^protocol = tcp$/m, "protocol = udp"],
  persistence_engine: [/^protocol = tcp$/m, "protocol = udp"],
};

/** Keys that need others beside them. */
const hmacKeys = ["auth_hmac_key", "auth_hmac_active_key"];
const together: Readonly<Record<string, readonly string[]>> = {
  vrf: ["unicast_src_ip", "unicast_peer"],
  auth_type: ["auth_pass"],
  unicast_src_ip: ["unicast_peer"],
  auth_hmac_key: hmacKeys,
  auth_hmac_active_key: hmacKeys,
  auth_hmac_anti_replay: hmacKeys,
  auth_hmac_time_window: hmacKeys,
  auth_hmac_mode: hmacKeys,
  persistence_engine: ["persistence_timeout"],
  lthreshold: ["uthreshold"],
  login: ["passwd"],
  passwd: ["login"],
  database: ["login"],
  query: ["login"],
  server_role: ["login"],
  mark: ["fwmark"],
  min_reply_length: ["require_reply"],
  max_reply_length: ["require_reply"],
};

/** The same for names that other sections have too. */
const togetherInCheck: Readonly<Record<string, readonly string[]>> = {
  user: ["script"],
  dynamic: ["script"],
  script_arguments: ["script"],
  weight: ["file"],
  key: ["certificate"],
  proxy: ["host"],
  regex_options: ["regex"],
  reply: ["secret", "login", "passwd"],
  nas_ip: ["secret"],
  nas_identifier: ["secret"],
  require_message_authenticator: ["secret"],
};

const example = printExample();
const waiting = [...example.matchAll(/^# (?=([a-z\d_-]+)(?:\[\])? = )/gm)];

test("conf/example.ini holds keys to choose from", (t) => {
  t.true(waiting.length > 40);
});

for (const { index, 1: key = "" } of waiting) {
  const section = [...example.slice(0, index).matchAll(/^\[(.*)\]$/gm)].at(-1)?.[1] ?? "";
  test(`conf/example.ini stays without error when ${key} of [${section}] is chosen`, (t) => {
    let chosen = example.slice(0, index) + example.slice(index + 2);
    const others = section.startsWith("check.") ? togetherInCheck[key] : undefined;
    for (const other of others ?? together[key] ?? []) {
      const start = chosen.indexOf(`[${section}]`);
      const part = chosen.slice(start);
      chosen =
        chosen.slice(0, start) + part.replace(new RegExp(`^# (?=${other}(?:\\[\\])? = )`, "m"), "");
    }
    // A key of one type of check only is read with the first type that it is for.
    const [type] = section.startsWith("check.") ? typesWith(key) : [];
    if (type !== undefined) chosen = chosen.replace(/^type = http$/m, `type = ${type}`);
    const other = changed[key];
    if (other !== undefined) chosen = chosen.replace(...other);
    const away = instead[`${section.split(".")[0]} ${key}`];
    if (away !== undefined) {
      const start = chosen.indexOf(`[${section}]`);
      const part = chosen.slice(start).replace(away, "").replace(away, "");
      chosen = chosen.slice(0, start) + part;
    }
    t.deepEqual(
      linesOf(chosen).filter((line) => !line.includes(": warning: ")),
      [],
    );
  });
}

test("conf/duet.service restarts at once but after a stop, fails a refused reload, and releases what is left", (t) => {
  const unit = readFileSync("conf/duet.service", "utf8").split("\n");
  for (const line of [
    "After=network.target",
    "Type=notify",
    "WatchdogSec=10",
    "StartLimitIntervalSec=0",
    "ExecStart=/usr/bin/duet run -f /etc/duet/duet.ini",
    "ExecStartPre=/usr/bin/duet check /etc/duet/duet.ini",
    "ExecReload=/usr/bin/duet reload",
    "ExecStopPost=-/usr/bin/duet release",
    "KillMode=mixed",
    "Restart=on-failure",
    "RestartPreventExitStatus=2",
    "RestartSec=1",
    "RuntimeDirectory=duet",
    "RuntimeDirectoryMode=0700",
    "OOMScoreAdjust=-900",
    "MemorySwapMax=0",
    "ProtectSystem=true",
    "ProtectHome=read-only",
    "PrivateTmp=yes",
    "RestrictNamespaces=yes",
    "LockPersonality=yes",
    "SystemCallArchitectures=native",
    "UMask=0027",
  ]) {
    t.true(unit.includes(line), line);
  }
});
