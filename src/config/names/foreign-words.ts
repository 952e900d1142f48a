// Words of keepalived and ldirectord that are no keys here: who brings one learns the right one, or why there is none.
// Only words that duet does not know; sections and keys, written in any case.

type Row = readonly [words: string, says: string];

const NO_SWAP =
  "locked memory makes the JavaScript engine abort; use MemorySwapMax=0 in the systemd unit";
const BLOCK = "is no block here:";
const LINE_OPTION =
  "it belongs on the line of the address, as in virtual_ipaddress[] = 10.0.0.1/24 dev eth0";
const NO_SNMP = "there is no SNMP and no D-Bus here, programs ask duet status --json";
const NO_BUFFERS =
  "there is nothing to set: after an overrun of a netlink socket everything is read anew";
const NO_FILES =
  "nothing is dumped into files: duet status --json and duet check FILE --print tell it";
const NO_NAMES = "processes have their names: duet run, duet --role vrrp and so on";
const OF_BFD = (key: string): string => `BFD sessions live in the vrrp process, use ${key}`;
const TYPED = (type: string): string =>
  `it is a section [check.NAME] with type = ${type}, which virtual and real servers name in check[]`;

const KEEPALIVED: readonly Row[] = [
  ["global_defs", "it is the section [global]"],
  ["ssl", "the files of TLS are ca, certificate and key of [check.NAME]"],
  ["vrrp_track_file", "it is the section [track_file.NAME]"],
  ["interface_up_down_delays", "it is down_delay and up_delay of [interface.NAME]"],
  ["authentication", `it ${BLOCK} write auth_type and auth_pass themselves`],
  [
    "auth_hmac",
    `it ${BLOCK} write auth_hmac_key[], auth_hmac_active_key and their like themselves`,
  ],
  ["active_key", "it is auth_hmac_active_key"],
  ["anti_replay", "it is auth_hmac_anti_replay"],
  ["time_window", "it is auth_hmac_time_window"],
  ["mode", "it is auth_hmac_mode"],
  ["http_get", TYPED("http")],
  ["ssl_get", TYPED("https")],
  ["tcp_check", TYPED("tcp")],
  ["smtp_check", TYPED("smtp")],
  ["dns_check", TYPED("dns")],
  ["misc_check", TYPED("misc")],
  ["udp_check", TYPED("udp")],
  ["ping_check", TYPED("ping")],
  ["bfd_check", TYPED("bfd")],
  ["file_check", TYPED("file")],
  [
    "url",
    `it ${BLOCK} write path, status, body, regex and digest in a [check.NAME] with type = http, one check for each url`,
  ],
  ["nb_get_retry", "it is retry"],
  ["name", "it is query_name of a check with type = dns, session with type = bfd"],
  ["misc_timeout", "it is timeout of the check"],
  ["enable_sni", "the name of virtualhost is told always; sni_name tells another one"],
  ["fast_recovery", "it is fast_interval"],
  ["tls_compliant", "TLS is closed as its standard says, always"],
  [
    "regex_stack regex_min_offset regex_max_offset",
    "there is nothing to set: write what you look for in regex, and body_limit",
  ],
  ["checker_log_all_failures", "it is log_all_failures of [check.NAME]"],
  ["global_tracking", "it is sync_group_tracking_weight"],
  ["vmac_garp_intvl", "it is garp_extra_if"],
  ["vrrp_vmac_garp_intvl", "it is vrrp_garp_extra_if"],
  ["lvs_flush_onstop", "it is lvs_flush_on_stop"],
  ["lvs_sync_daemon_interface", "it is lvs_sync_daemon of [global], with the name of the instance"],
  ["interfaces", "it is interface[] of [garp_group.NAME], once for each"],
  [
    "dev brd broadcast scope label peer home mngtmpaddr noprefixroute autojoin nodad preferred_lft no_track",
    LINE_OPTION,
  ],
  ["vrrp checker", "both processes get the events of a BFD session, always"],
  ["native_ipv6", "leave it out: the family is that of the addresses"],
  ["vrrp_rlimit_rtime", "it is vrrp_rlimit_rttime"],
  ["checker_rlimit_rtime", "it is checker_rlimit_rttime"],
  ["vrrp_no_swap checker_no_swap bfd_no_swap", NO_SWAP],
  ["bfd_priority", OF_BFD("vrrp_priority")],
  ["bfd_rt_priority", OF_BFD("vrrp_rt_priority")],
  ["bfd_cpu_affinity", OF_BFD("vrrp_cpu_affinity")],
  ["bfd_rlimit_rttime bfd_rlimit_rtime", OF_BFD("vrrp_rlimit_rttime")],
  [
    "net_namespace net_namespace_ipvs namespace_with_ipsets",
    "use NetworkNamespacePath= in the systemd unit",
  ],
  [
    "instance use_pid_dir data_use_instance",
    "several in one machine have each a --run-dir of their own",
  ],
  ["child_wait_time", "use TimeoutStopSec= in the systemd unit"],
  ["umask", "use UMask= in the systemd unit"],
  [
    "process_names process_name vrrp_process_name checker_process_name bfd_process_name lvs_process_name",
    NO_NAMES,
  ],
  ["reload_check_config include_check", "every file is checked before it is run, always"],
  ["reload_time_file reload_repeat reload_file", "a timer of systemd may run duet reload"],
  ["tmp_config_directory config_save_dir", NO_FILES],
  ["state_file_location", "write state_dump_file, which keepalived reads too"],
  ["stats_file_location", "write stats_dump_file, which keepalived reads too"],
  ["json_file_location", "write json_dump_file, which keepalived reads too"],
  [
    "snmp_socket enable_snmp_vrrp enable_snmp_checker enable_snmp_rfc enable_snmp_rfcv2 enable_snmp_rfcv3",
    NO_SNMP,
  ],
  [
    "enable_snmp_keepalived enable_traps snmp_vs_stats_update_interval snmp_rs_stats_update_interval",
    NO_SNMP,
  ],
  ["enable_dbus dbus_service_name dbus_no_interface_name snmp_name", NO_SNMP],
  [
    "vrrp_netlink_cmd_rcv_bufs vrrp_netlink_monitor_rcv_bufs lvs_netlink_cmd_rcv_bufs lvs_netlink_monitor_rcv_bufs",
    NO_BUFFERS,
  ],
  [
    "vrrp_netlink_cmd_rcv_bufs_force vrrp_netlink_monitor_rcv_bufs_force lvs_netlink_cmd_rcv_bufs_force",
    NO_BUFFERS,
  ],
  [
    "lvs_netlink_monitor_rcv_bufs_force process_monitor_rcv_bufs process_monitor_rcv_bufs_force",
    NO_BUFFERS,
  ],
  ["vrrp_rx_bufs_policy vrrp_rx_bufs_multiplier kernel_rx_buf_size", NO_BUFFERS],
  [
    "linkbeat_use_polling linkbeat_interfaces",
    "leave it out: the kernel tells when a link changes",
  ],
  [
    "vrrp_iptables vrrp_ipsets nftables_ifindex",
    "the firewall is nftables here, see the keys nftables and no_accept",
  ],
  [
    "nftables_ipvs_start_fwmark",
    "marks are chosen by hand: fwmark and mark[] of [virtual_server.NAME]",
  ],
  ["iproute_usr_dir iproute_etc_dir", "tables are read where ip(8) reads them"],
  [
    "use_symlink_paths set_supplementary_groups random_seed disable_local_igmp hashed debug",
    "leave it out: it changes nothing here",
  ],
  ["old_unicast_checksum", "leave it out: only keepalived before 1.3.7 needs it"],
  [
    "no_checker_emails rs_init_notifies",
    "there is no such choice: a change of state is told, and nothing else",
  ],
  [
    "include includer includem includew includeb includea",
    "it is include = FILE or PATTERN, anywhere in an INI file, seen from the folder of that file",
  ],
];

const LDIRECTORD: readonly Row[] = [
  ["virtual virtual6", "it is a section [virtual_server.NAME] with address = ADDRESS:PORT"],
  [
    "real real6",
    "it is a section [real_server.SERVICE.NAME] with address = ADDRESS:PORT; gate is lb_kind = DR, masq is NAT, ipip is TUN",
  ],
  ["scheduler", "it is lb_algo"],
  ["schedflags", "it is flag-1, sh-port and their like"],
  ["persistent", "it is persistence_timeout"],
  ["netmask", "it is persistence_granularity"],
  [
    "checktype",
    "it is type of a [check.NAME], which the server names in check[]: negotiate is http and its like, connect is tcp, external is misc",
  ],
  [
    "external external-perl checkcommand",
    "it is a [check.NAME] with type = misc, script = COMMAND and script_arguments = ldirectord",
  ],
  ["negotiate", "it is a [check.NAME] with the type of the service, such as type = http"],
  ["connect", "it is a [check.NAME] with type = tcp"],
  ["checktimeout negotiatetimeout connecttimeout", "it is timeout"],
  ["checkinterval", "it is interval"],
  ["checkcount failurecount", "it is retry, one less: failurecount = 3 is retry = 2"],
  ["checkport", "it is port of [check.NAME]"],
  ["receive", "it is body or regex of a check with type = http, expect of tcp, answer of dns"],
  ["load comment servicename", "leave it out: the NAME of the section says it"],
  ["fallback fallback6", "it is sorry_server of [virtual_server.NAME]"],
  ["fallbackcommand", "it is quorum_down and quorum_up of [virtual_server.NAME]"],
  ["quiescent", "it is inhibit_on_failure: yes = weight 0, no = taken out"],
  ["readdquiescent", "leave it out: what somebody removes is put back as it should be"],
  [
    "cleanstop",
    "no is lvs_flush_on_stop = nothing of [global], for all services; yes is what a stop does",
  ],
  ["smtp", "it is smtp_server of [global]"],
  ["autoreload", "a systemd path unit may run duet reload when the file changes"],
  ["callback", "a systemd path unit may run it when the file changes"],
  ["execute", "write all services into one file"],
  ["fork", "leave it out: checks run beside each other, always"],
  ["supervised", "leave it out: duet run stays in the foreground, always"],
  ["logfile", "the log goes to stderr, which systemd gives to its journal"],
];

/** Every word alone, in small letters. */
export const FOREIGN_WORDS: ReadonlyMap<string, string> = new Map(
  [...KEEPALIVED, ...LDIRECTORD].flatMap(([words, says]) =>
    words.split(" ").map((word) => [word, says] as const),
  ),
);

/** undefined = it is not one of them. */
export function rightWord(word: string): string | undefined {
  return FOREIGN_WORDS.get(word.toLowerCase());
}
