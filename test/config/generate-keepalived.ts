// keepalived.conf made by chance: every keyword that is carried over, with values that keepalived takes, in any order and in
// several ways of writing.

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
  URL_KEYWORDS,
} from "../../src/config/keepalived/keywords.ts";
import type { Chance } from "./generate.ts";

/** What may stand behind a keyword, by itself or in one block; "" = nothing. */
const VALUES: Readonly<Record<string, string>> = {
  router_id: "lb1|lb-2.example.com|'a b'",
  vrrp_version: "2|3",
  vrrp_mcast_group4: "224.0.0.18|224.0.0.99",
  vrrp_mcast_group6: "ff02::12|ff02::99",
  default_interface: "eth0|eth1",
  vrrp_startup_delay: "0.5|10",
  vrrp_delay_after_boot: "5|2.5",
  vrrp_garp_master_repeat: "1|5|7",
  vrrp_garp_master_delay: "0|5|9",
  vrrp_garp_master_refresh: "0|60",
  vrrp_garp_master_refresh_repeat: "1|3",
  vrrp_garp_lower_prio_repeat: "0|5|3",
  vrrp_garp_lower_prio_delay: "0|5|8",
  vrrp_garp_interval: "0.001|0.5",
  vrrp_gna_interval: "0.001|0.5",
  vrrp_down_timer_adverts: "1|3|100",
  vmac_prefix: "vv|vrrp",
  vmac_addr_prefix: "vv|vrrp",
  nftables_priority: "-1|5",
  vrrp_priority: "-5|0|3",
  vrrp_rt_priority: "1|50",
  vrrp_rlimit_rttime: "10000|50000",
  vrrp_rlimit_rtime: "10000|50000",
  checker_priority: "-5|4",
  checker_rt_priority: "1|50",
  checker_rlimit_rttime: "10000|50000",
  checker_rlimit_rtime: "10000",
  nftables_ipvs_priority: "-1|5",
  notification_email_from: "duet@example.com",
  smtp_helo_name: "lb1.example.com",
  smtp_connect_timeout: "30|5",
  startup_script_timeout: "10|60",
  shutdown_script_timeout: "10|60",
  state_dump_file: "/tmp/d.data",
  stats_dump_file: "/tmp/d.stats",
  json_dump_file: "/tmp/d.json",
  json_version: "1|2",
  vrrp_garp_extra_if: "60|all 60",
  vrrp_vmac_garp_intvl: "60|all 60",
  lvs_timeouts: "tcp 900|tcp 900 tcpfin 120 udp 300",
  notify_fifo: "/run/duet-f|/run/duet-f nobody nogroup",
  vrrp_notify_fifo: "/run/duet-v",
  lvs_notify_fifo: "/run/duet-l nobody",
  script_user: "nobody|nobody nogroup|root",
  lvs_sync_daemon: "eth0|eth0 a|eth0 a id 7 port 8849 ttl 2 group 224.0.0.82|eth1 id 3 maxlen 1400",
  smtp_server: "127.0.0.1|127.0.0.1 26|10.0.0.25 25",
  nftables: "|duet2",
  nftables_ipvs: "|duet_ipvs",
  vrrp_iptables: "|INPUT OUTPUT",
  dynamic_interfaces: "|allow_if_changes",
  vrrp_cpu_affinity: "0|0 1",
  checker_cpu_affinity: "0|0 1",
  min_auto_priority_delay: "1000000|500",
  max_auto_priority: "|-1|0|50",
  lvs_flush_on_stop: "|VS",
  lvs_flush_onstop: "",
  "vrrp_instance.interface": "eth0|eth1",
  virtual_router_id: "1",
  "vrrp_instance.version": "2|3",
  mcast_src_ip: "10.0.0.9",
  unicast_src_ip: "10.0.0.9",
  vrf: "blue",
  unicast_ttl: "64|255",
  mcast_dst_ip: "224.0.0.18|224.0.0.99",
  preempt_delay: "0|5|1000|0.5",
  garp_master_delay: "0|5|9",
  garp_master_refresh: "0|60",
  garp_master_repeat: "1|5|0",
  garp_master_refresh_repeat: "1|3|0",
  garp_lower_prio_delay: "0|5|8",
  garp_lower_prio_repeat: "0|5|3",
  down_timer_adverts: "1|3|100",
  garp_extra_if: "60|all 60",
  vmac_garp_intvl: "60|all 60",
  state: "MASTER|BACKUP",
  priority: "100|1|150|254|255",
  advert_int: "1|3|0.5|40",
  use_vmac: "|vm.1|vm.1 02:00:5e:00:01:33|name vm.2",
  use_ipvlan: "|ipv.1|ipv.1 10.0.0.7/24|vepa",
  timer_expired_backup: "|254",
  thread_timer_expired: "254",
  notify_deleted: "|'/bin/true deleted'",
  lvs_sync_daemon_interface: "eth0|eth1",
  "vrrp_script.interval": "1|5|60",
  "vrrp_script.timeout": "3|10",
  "vrrp_script.rise": "1|3",
  "vrrp_script.fall": "1|3",
  user: "nobody|nobody nogroup|root",
  "vrrp_script.weight": "0|5|-20|-5 reverse|254|4 noreverse",
  "track_file.weight": "1|0|-5|5 reverse|254",
  "vrrp_track_process.weight": "1|0|-5|5 reverse",
  "bfd_instance.weight": "0|-5|5 reverse",
  file: "/run/track-a|/run/track-b",
  init_file: "|5|-7 overwrite|3",
  process: "haproxy|nginx -g 'daemon off;'|\"ng inx\"",
  "vrrp_track_process.quorum": "1|2",
  quorum_max: "3|9",
  fork_delay: "1|0.5",
  terminate_delay: "2|0.5",
  delay: "1|0.5",
  param_match: "|exact|initial|partial",
  neighbor_ip: "10.0.1.1|2001:db8::5",
  neighbour_ip: "10.0.1.2",
  source_ip: "10.0.0.9",
  min_rx: "10|50",
  min_tx: "10|300",
  idle_tx: "1000|500",
  multiplier: "3|5",
  ttl: "255|64",
  hoplimit: "255|1",
  max_hops: "0|3",
  retry: "1|0|3",
  nb_get_retry: "1|3",
  delay_before_retry: "1|3|0.5",
  warmup: "0|2|0.25",
  connect_timeout: "5|2|1.5",
  delay_loop: "6|60|0.5",
  ip_family: "inet",
  persistence_granularity: "255.255.0.0|255.255.255.255",
  persistence_engine: "sip",
  "virtual_server.quorum": "1|2",
  hysteresis: "0|1",
  "virtual_server.weight": "1|7",
  "real_server.weight": "1|0|65535|3",
  uthreshold: "10|100",
  lthreshold: "5",
  lvs_sched: "rr|wlc|sh",
  lb_algo: "rr|wrr|lc|wlc|mh|nq|sed|fo|ovf",
  lvs_method: "NAT|DR|TUN",
  lb_kind: "NAT|DR|TUN|TUN type gue port 9 csum|TUN type gre",
  sorry_server_lvs_method: "NAT|DR",
  persistence_timeout: "|50|360|0",
  protocol: "TCP|UDP|SCTP|tcp",
  sorry_server: "10.0.2.1 80|127.0.0.1 8080|10.0.2.1",
  virtualhost: "www.example.com",
  connect_ip: "10.0.1.77",
  connect_port: "81|65535",
  bindto: "10.0.0.9",
  bind_port: "4000",
  bind_if: "eth0",
  fwmark: "1|4294967295",
  http_protocol: "1.0|1.1|1.0C|1.1K",
  sni_name: "sni.example.com",
  enable_sni: "|true",
  helo_name: "lb.example.com",
  name: "example.com|.",
  type: "A|AAAA|SOA|ns|mx",
  misc_timeout: "3|30",
  min_reply_length: "1|5",
  max_reply_length: "9|255",
  payload: "'0d 0a'|68656c6c6f",
  require_reply: "|'0d 0a XX'|6f6b",
  "FILE_CHECK.track_file": "a|b",
  "FILE_CHECK.weight": "0|1|-5|5 reverse",
  path: "/|/status.html?a=b;c|'/a b'|/x~y",
  digest: "9b74c9897bac770ffc029102a200c5de",
  status_code: "200|200-299 301|404",
  regex: "'^ok$'|\"a\\\\d+;b\"|ok",
  regex_no_match: "",
  regex_options: "caseless|multiline extended",
  script: "/bin/true|'/bin/true a'|\"/bin/true 'a b'\"|'/bin/sh -c \"exit 0\"'|/bin/true nobody",
  alpha: "|true|on",
};

const SCRIPTS =
  "/bin/true|'/bin/true a b'|\"/bin/true 'x y'\"|/bin/true nobody|'/bin/true #1;' nobody nogroup";

const TRACKED: Readonly<Record<string, readonly string[]>> = {
  track_interface: ["eth0", "eth1", "eth1 weight 5", "lo weight -5 reverse"],
  track_script: ["a", "b", "a weight -5", "b weight 5 reverse", "a weight 0"],
  track_file: ["a", "b", "a weight -5", "b weight 5 reverse"],
  track_process: ["a", "b", "a weight -5", "b weight 5 reverse"],
  track_bfd: ["a", "b", "a weight -5", "b weight 5 reverse"],
};

const BLOCKS: Readonly<Record<string, readonly string[]>> = {
  notification_email: ["ops@example.com", "root@localhost", "'Ops <ops@example.org>'"],
  virtual_ipaddress: [
    "10.9.0.1/24",
    "10.9.0.2",
    "10.9.0.3/24 brd 10.9.0.255 dev eth1 scope link label eth1:v",
    "10.9.0.4/24 broadcast + dev eth0",
    "10.9.0.5 peer 10.9.0.6/32",
    "10.9.0.7/32 dev eth0 no_track preferred_lft 0",
    "10.9.0.8/24 -nodad home noprefixroute",
  ],
  virtual_ipaddress_excluded: ["10.9.1.1/24", "10.9.1.2 dev eth1", "2001:db8::7/64 dev eth0"],
  virtual_routes: [
    "10.7.0.0/16 via 10.9.0.254 dev eth0",
    "default gw 10.9.0.254",
    "src 10.9.0.1 to 10.6.0.0/16 via 10.9.0.254 dev eth0 metric 7 no_track",
    "10.5.0.0/16 via 10.9.0.253 or 10.9.0.252",
    "blackhole 10.4.0.0/16",
    "10.3.0.0/16 nexthop via 10.9.0.254 dev eth0 weight 2 nexthop via 10.9.0.253 dev eth1",
  ],
  virtual_rules: [
    "from 10.0.0.0/8 table 7",
    "from 10.1.0.0/16 lookup main priority 300",
    "fwmark 1/3 table 9 preference 20 no_track",
    "to 10.2.0.0/16 lookup 7 pref 21",
  ],
  unicast_peer: ["10.0.0.21", "10.0.0.22", "10.0.0.23 min_ttl 3 max_ttl 9"],
  authentication: ["auth_type PASS", "auth_pass secret", "auth_pass 'a b#'"],
  auth_hmac: [
    "key 1 0123456789abcdef0123456789abcdef",
    "active_key 1",
    "anti_replay true",
    "time_window 5",
    "mode enforce",
  ],
  ...TRACKED,
};

const NEIGHBOURS = ["neighbor_ip", "neighbour_ip"];

/** A line, and what stands between its braces. */
type Node = { readonly text: string; readonly block?: readonly Node[] };

export type Generated = {
  readonly text: string;
  /** "vrrp_instance.priority" */
  readonly words: readonly string[];
};

/** `knows`: leaves keywords out, for a keepalived that has not all of them. */
export function drawKeepalived(
  chance: Chance,
  share: number,
  knows: (word: string, block: string) => boolean = () => true,
): Generated {
  const used: string[] = [];
  const pick = <T>(all: readonly T[]): T => {
    const found = all[chance(all.length)];
    if (found === undefined) throw new Error("There is nothing to choose from");
    return found;
  };
  const some = <T>(all: readonly T[], percent: number): readonly T[] =>
    all.filter(() => chance(100) < percent);
  const shuffled = <T>(all: readonly T[]): readonly T[] =>
    all
      .map((one) => ({ one, at: chance(1_000_000) }))
      .sort((a, b) => a.at - b.at)
      .map(({ one }) => one);

  const lineOf = (word: string, block: string, words: Keywords): Node => {
    used.push(`${block}.${word}`);
    const carried = words.get(word);
    const inside = BLOCKS[word];
    if (carried?.as === "own" && carried.block === true && inside !== undefined) {
      const lines = some(inside, 50).map((text) => ({ text }));
      return { text: word, block: word === "authentication" ? lines : shuffled(lines) };
    }
    if (carried?.as === "flag") {
      const values = carried.bare ? [""] : ["", "on", "off", "true", "false", "yes", "no"];
      return { text: `${word} ${pick(values)}`.trim() };
    }
    if (carried?.as === "script") {
      const scripts = word === "script" ? (VALUES["script"] ?? "") : SCRIPTS;
      return { text: `${word} ${pick(scripts.split("|"))}` };
    }
    const values = VALUES[`${block}.${word}`] ?? VALUES[word];
    if (values === undefined) throw new Error(`There is no value of ${block}.${word}`);
    return { text: `${word} ${pick(values.split("|"))}`.trim() };
  };

  /** What it cannot be without comes first in the list, and somewhere in the block. */
  const linesOf = (
    block: string,
    words: Keywords,
    needed: readonly string[],
    without: readonly string[] = [],
  ): readonly Node[] => {
    const left = [...words].filter(
      ([word, { as }]) =>
        as !== "nothing" && !needed.includes(word) && !without.includes(word) && knows(word, block),
    );
    const chosen = [...needed, ...some(left, share).map(([word]) => word)];
    return shuffled(chosen.map((word) => lineOf(word, block, words)));
  };
  const blockOf = (head: string, lines: readonly Node[]): Node => ({ text: head, block: lines });

  const checkOf = (keyword: string): Node => {
    used.push(`real_server.${keyword}`);
    const words = CHECKS[keyword] ?? new Map();
    const needed: Readonly<Record<string, readonly string[]>> = {
      MISC_CHECK: ["misc_path"],
      BFD_CHECK: ["name"],
      FILE_CHECK: ["track_file"],
    };
    const lines = linesOf(keyword, words, needed[keyword] ?? [], ["url", "host"]).map((line) =>
      keyword === "BFD_CHECK" && line.text.startsWith("name ")
        ? { text: `name ${pick(["a", "b"])}` }
        : line,
    );
    const urls = keyword === "HTTP_GET" || keyword === "SSL_GET" ? 1 + chance(2) : 0;
    const hosts = keyword === "SMTP_CHECK" ? chance(3) : 0;
    const inner = [
      ...Array.from({ length: urls }, () => {
        used.push(`${keyword}.url`);
        return blockOf("url", linesOf("url", URL_KEYWORDS, ["path"]));
      }),
      ...Array.from({ length: hosts }, () => {
        used.push(`${keyword}.host`);
        return blockOf(
          "host",
          some([{ text: "connect_ip 10.0.1.78" }, { text: "connect_port 26" }], 50),
        );
      }),
    ];
    return blockOf(keyword, shuffled([...lines, ...inner]));
  };

  const serverOf = (place: string): Node => {
    const checks = Object.keys(CHECKS).filter((word) => knows(word, "real_server"));
    const lines = linesOf("real_server", SERVER, [], Object.keys(CHECKS));
    const inner = Array.from({ length: chance(3) }, () => checkOf(pick(checks)));
    return blockOf(`real_server ${place}`, shuffled([...lines, ...inner]));
  };
  const serviceOf = (head: string, servers: readonly string[]): Node => {
    used.push("virtual_server.real_server");
    const lines = linesOf("virtual_server", SERVICE, ["protocol", "lb_kind"], ["real_server"]);
    const inner = servers.map(serverOf);
    return blockOf(`virtual_server ${head}`, shuffled([...lines, ...inner]));
  };
  const instanceOf = (name: string, net: number): Node => {
    const needed = ["interface", "virtual_router_id", "virtual_ipaddress"];
    const lines = linesOf("vrrp_instance", INSTANCE, needed).map((line) => {
      if (line.text.startsWith("virtual_router_id")) return { text: `virtual_router_id ${net}` };
      if (line.text !== "virtual_ipaddress") return line;
      return {
        ...line,
        block: [{ text: `10.9.${net}.250` }, ...(line.block ?? [])].map((one) => ofNet(one, net)),
      };
    });
    return blockOf(`vrrp_instance ${name}`, lines);
  };
  /** No two instances have one address. */
  const ofNet = ({ text }: Node, net: number): Node => ({
    text: text.replace(/\b10\.9\.\d+\./g, `10.9.${net}.`),
  });

  const global = blockOf("global_defs", linesOf("global_defs", GLOBAL, []));
  const trackers = ["a", "b"].flatMap((name) => [
    blockOf(`vrrp_script ${name}`, linesOf("vrrp_script", SCRIPT, ["script"])),
    blockOf(
      `${pick(["track_file", "vrrp_track_file"])} ${name}`,
      linesOf("track_file", TRACK_FILE, ["file"]),
    ),
    blockOf(
      `vrrp_track_process ${name}`,
      linesOf("vrrp_track_process", TRACK_PROCESS, ["process"]),
    ),
    blockOf(`bfd_instance ${name}`, linesOf("bfd_instance", BFD, [pick(NEIGHBOURS)], NEIGHBOURS)),
  ]);
  used.push("vrrp_sync_group.group");
  const group = blockOf("vrrp_sync_group g", [
    blockOf("group", shuffled([{ text: "a" }, { text: "b" }])),
    ...linesOf("vrrp_sync_group", GROUP, [], ["group"]),
  ]);
  const lines = (all: readonly string[]): readonly Node[] =>
    some(all, 60).map((text) => ({ text }));
  const others = [
    group,
    blockOf("interface_up_down_delays", lines(["eth0 3 5", "eth1 0.5"])),
    blockOf("garp_group", [
      { text: pick(["garp_interval 0.5", "gna_interval 0.25"]) },
      { text: "interfaces eth0 eth1" },
    ]),
    blockOf(
      "static_ipaddress",
      lines(["10.9.9.1/24 dev eth0", "10.9.9.2/24 dev eth1 scope link", "2001:db8::9/64 dev eth0"]),
    ),
    blockOf(
      "static_routes",
      lines(["10.7.1.0/24 via 10.9.9.254 dev eth0", "10.7.2.0/24 dev eth0"]),
    ),
    blockOf("static_rules", lines(["from 10.9.9.0/24 table 11", "to 10.9.8.0/24 lookup main"])),
    blockOf("SSL", lines(["ca /x", "key /etc/duet/k.pem"])),
    blockOf("virtual_server_group g", lines(["10.0.0.110-112 80", "10.0.0.120 80", "fwmark 9"])),
    serviceOf("10.0.0.100 80", ["10.0.1.1 80", "10.0.1.2 8080"]),
    serviceOf("fwmark 7", ["10.0.1.1 80"]),
    serviceOf("group g", ["10.0.1.3 80", "10.0.1.4"]),
    serviceOf("10.0.0.101", ["10.0.1.3"]),
  ];
  const kept = some(others, 60);
  const instances = [instanceOf("a", 1), instanceOf("b", 2), ...some([instanceOf("VI.3", 3)], 30)];
  const head = [global, ...trackers];
  const blocks =
    chance(4) === 0
      ? shuffled([...head, ...instances, ...kept])
      : [...shuffled(head), ...shuffled([...instances, ...kept])];
  return { text: textOf(blocks, pick), words: used };
}

function textOf(blocks: readonly Node[], pick: <T>(all: readonly T[]) => T): string {
  const comment = (): string => pick(["", "", "", "", "", "", " # a [comment] = x", " ! [x]"]);
  const write = ({ text, block }: Node, indent: string): string => {
    if (block === undefined) return `${indent}${text}${comment()}\n`;
    const inner = block.map((one) => write(one, `${indent}${pick(["  ", "\t"])}`)).join("");
    return `${indent}${text}${pick([" {", " {", "{", `\n${indent}{`])}${comment()}\n${inner}${indent}}${comment()}\n`;
  };
  return blocks.map((one) => `${write(one, "")}\n`).join("");
}
