// Every keyword of keepalived.conf(5), block by block, and how it is carried over. This is the one table: translate.ts
// goes by it, and what is not carried over says here why it has no effect.

/** How a keyword becomes a key; `key` = its name here when it is another one. */
export type Carried =
  /** The word behind it is the value. */
  | { readonly as: "value"; readonly key?: string }
  /** All words behind it are. */
  | { readonly as: "line"; readonly key?: string }
  /** Alone it means yes; on, off, true, false, yes and no may stand behind it, unless it is `bare`. */
  | { readonly as: "flag"; readonly key?: string; readonly bare?: true }
  /** A block, each line of which is an item of a list. */
  | { readonly as: "list"; readonly key?: string }
  /** A command line, and perhaps who runs it. */
  | { readonly as: "script"; readonly key?: string }
  /** Something of its own: the translation of its block knows it. `block` = it stands between braces. */
  | { readonly as: "own"; readonly block?: true }
  /** Nothing comes of it here; `why` is told. */
  | { readonly as: "nothing"; readonly why: string };

export type Keywords = ReadonlyMap<string, Carried>;

type Rows = {
  readonly values?: string;
  readonly lines?: string;
  readonly flags?: string;
  /** Flags that mean yes, whatever stands behind them. */
  readonly bare?: string;
  readonly lists?: string;
  readonly scripts?: string;
  readonly own?: string;
  /** Own ones that have braces. */
  readonly blocks?: string;
  /** Those with another name here. */
  readonly renamed?: Readonly<Record<string, Carried>>;
  /** Why, and the keywords that have no effect for that reason. */
  readonly nothing?: Readonly<Record<string, string>>;
};

function keywords(rows: Rows): Keywords {
  const all = new Map<string, Carried>();
  const put = (words: string | undefined, carried: Carried): void => {
    for (const word of words?.split(/\s+/).filter((one) => one !== "") ?? [])
      all.set(word, carried);
  };
  put(rows.values, { as: "value" });
  put(rows.lines, { as: "line" });
  put(rows.flags, { as: "flag" });
  put(rows.bare, { as: "flag", bare: true });
  put(rows.lists, { as: "list" });
  put(rows.scripts, { as: "script" });
  put(rows.own, { as: "own" });
  put(rows.blocks, { as: "own", block: true });
  for (const [word, carried] of Object.entries(rows.renamed ?? {})) all.set(word, carried);
  for (const [why, words] of Object.entries(rows.nothing ?? {})) {
    put(words, { as: "nothing", why });
  }
  return all;
}

const NO_SNMP = "duet has no SNMP agent: duet status --json and its events tell the same";
const NO_DBUS = "duet is not on D-Bus: duet status --json and its events tell the same";
const OWN_BUFFERS = "duet reads netlink anew after an overrun, so it needs no larger buffer";
const OWN_BFD = "BFD sessions live in the process that holds the addresses here";
const OWN_MEMORY = "duet's processes are started again without a lost address";
const OWN_NAMES =
  "duet's processes are called duet-vrrp, duet-director, duet-desk and duet-guardian";
const OWN_FILES = "duet keeps one file of its own, and its processes all read it once";
const OWN_DUMPS =
  "the names of dump files are those of state_dump_file, stats_dump_file and json_dump_file";

export const ROOT = keywords({
  own: `global_defs interface_up_down_delays garp_group track_file vrrp_track_file vrrp_track_process vrrp_script
    vrrp_sync_group vrrp_instance bfd_instance virtual_server_group virtual_server static_ipaddress static_routes
    static_rules track_group SSL`,
  nothing: {
    "name the network namespace when duet is started (ip netns exec)":
      "net_namespace net_namespace_ipvs namespace_with_ipsets",
    "every duet has a run directory of its own (--run-dir)": "instance use_pid_dir",
    "each process of duet has its own limit when it is stopped": "child_wait_time",
    "duet follows the state of a link by netlink": "linkbeat_use_polling linkbeat_interfaces",
  },
});

export const GLOBAL = keywords({
  values: `router_id vrrp_version vrrp_mcast_group4 vrrp_mcast_group6 default_interface vrrp_startup_delay vrrp_delay_after_boot
    vrrp_garp_master_repeat vrrp_garp_master_delay vrrp_garp_master_refresh vrrp_garp_master_refresh_repeat
    vrrp_garp_lower_prio_repeat vrrp_garp_lower_prio_delay vrrp_garp_interval vrrp_gna_interval     vrrp_down_timer_adverts vmac_prefix vmac_addr_prefix nftables_priority vrrp_priority vrrp_rt_priority vrrp_rlimit_rttime checker_priority
    checker_rt_priority checker_rlimit_rttime nftables_ipvs_priority notification_email_from
    smtp_helo_name smtp_connect_timeout startup_script_timeout shutdown_script_timeout state_dump_file stats_dump_file json_dump_file json_version`,
  lines: `vrrp_garp_extra_if lvs_timeouts notify_fifo vrrp_notify_fifo
    lvs_notify_fifo script_user`,
  flags: `v3_checksum_as_v2 vrrp_skip_check_adv_addr vrrp_strict vrrp_owner_ignore_adverts vrrp_min_garp
    vrrp_lower_prio_no_advert vrrp_higher_prio_send_advert smtp_alert smtp_alert_vrrp smtp_alert_checker
    vrrp_notify_priority_changes`,
  bare: `vrrp_check_unicast_src log_unknown_vrids nftables_counters lvs_flush enable_script_security no_email_faults
    fifo_write_vrrp_states_on_reload`,
  scripts: `startup_script shutdown_script notify_fifo_script vrrp_notify_fifo_script lvs_notify_fifo_script`,
  blocks: "notification_email",
  own: `lvs_sync_daemon smtp_server nftables nftables_ipvs vrrp_iptables dynamic_interfaces vrrp_cpu_affinity
    checker_cpu_affinity min_auto_priority_delay max_auto_priority lvs_flush_on_stop`,
  renamed: {
    lvs_flush_onstop: { as: "flag", key: "lvs_flush_on_stop" },
    vrrp_vmac_garp_intvl: { as: "line", key: "vrrp_garp_extra_if" },
    vrrp_rlimit_rtime: { as: "value", key: "vrrp_rlimit_rttime" },
    checker_rlimit_rtime: { as: "value", key: "checker_rlimit_rttime" },
  },
  nothing: {
    [OWN_NAMES]: `process_names process_name vrrp_process_name checker_process_name bfd_process_name lvs_process_name`,
    [OWN_FILES]: `tmp_config_directory config_save_dir reload_file random_seed include_check use_symlink_paths
      iproute_usr_dir iproute_etc_dir umask set_supplementary_groups`,
    "a reload is always judged before anything is changed": "reload_check_config",
    "no reload is timed here: use a timer of systemd or cron": "reload_time_file reload_repeat",
    [OWN_DUMPS]: "data_use_instance",
    "a mail tells of each real server, not of each check": "no_checker_emails",
    "log_all_failures of a check does it": "checker_log_all_failures",
    "a start tells nothing of what was never DOWN": "rs_init_notifies",
    "IGMP of link-local groups does no harm": "disable_local_igmp",
    "the set is keyed by interface wherever it has to be": "nftables_ifindex",
    "duet uses nftables, in a table of its own": "vrrp_ipsets",
    [OWN_BFD]: `bfd_priority bfd_rt_priority bfd_rlimit_rttime bfd_rlimit_rtime bfd_no_swap bfd_cpu_affinity`,
    [OWN_MEMORY]: `vrrp_no_swap checker_no_swap`,
    [OWN_BUFFERS]: `vrrp_netlink_cmd_rcv_bufs vrrp_netlink_monitor_rcv_bufs lvs_netlink_cmd_rcv_bufs
      lvs_netlink_monitor_rcv_bufs process_monitor_rcv_bufs vrrp_netlink_cmd_rcv_bufs_force
      vrrp_netlink_monitor_rcv_bufs_force lvs_netlink_cmd_rcv_bufs_force lvs_netlink_monitor_rcv_bufs_force
      process_monitor_rcv_bufs_force vrrp_rx_bufs_policy vrrp_rx_bufs_multiplier`,
    [NO_SNMP]: `snmp_socket enable_snmp_vrrp enable_snmp_checker enable_snmp_rfc enable_snmp_rfcv2 enable_snmp_rfcv3
      enable_snmp_keepalived enable_traps snmp_vs_stats_update_interval snmp_rs_stats_update_interval`,
    [NO_DBUS]: `enable_dbus dbus_service_name dbus_no_interface_name`,
    "marks are made where a virtual server has mark[]": "nftables_ipvs_start_fwmark",
  },
});

export const INSTANCE = keywords({
  values: `interface virtual_router_id version mcast_src_ip unicast_src_ip unicast_ttl mcast_dst_ip preempt_delay
    garp_master_delay garp_master_refresh garp_lower_prio_delay garp_lower_prio_repeat down_timer_adverts`,
  lines: "garp_extra_if",
  flags: `strict_mode v3_checksum_as_v2 lower_prio_no_advert higher_prio_send_advert owner_ignore_adverts skip_check_adv_addr
    notify_priority_changes smtp_alert no_virtual_ipaddress`,
  bare: `promote_secondaries nopreempt preempt accept no_accept check_unicast_src unicast_fault_no_peer track_src_ip
    dont_track_primary vmac_xmit_base use_vmac_addr`,
  scripts: `notify_master notify_backup notify_fault notify_stop notify notify_master_rx_lower_pri`,
  blocks: `virtual_ipaddress virtual_ipaddress_excluded virtual_routes virtual_rules unicast_peer track_interface track_script
    track_file track_process track_bfd authentication auth_hmac`,
  own: `state vrf priority advert_int use_vmac use_ipvlan garp_master_repeat garp_master_refresh_repeat timer_expired_backup thread_timer_expired notify_deleted lvs_sync_daemon_interface`,
  renamed: { vmac_garp_intvl: { as: "line", key: "garp_extra_if" } },
  nothing: {
    "IPv6 addresses speak for themselves": "native_ipv6",
    "duet follows the state of a link by netlink": "linkbeat_use_polling",
    "keepalived has none either": "debug",
    "a checksum of either kind is taken from unicast peers": "old_unicast_checksum",
    [OWN_BUFFERS]: "kernel_rx_buf_size",
  },
});

export const GROUP = keywords({
  flags: "smtp_alert notify_priority_changes",
  bare: "sync_group_tracking_weight",
  scripts: "notify_master notify_backup notify_fault notify_stop notify",
  blocks: "group track_interface track_script track_file track_process track_bfd",
  renamed: { global_tracking: { as: "flag", key: "sync_group_tracking_weight", bare: true } },
  nothing: { "a group tells of no lower priority: its instances do": "notify_master_rx_lower_pri" },
});

export const SCRIPT = keywords({
  values: "interval timeout rise fall",
  lines: "user",
  bare: "init_fail",
  scripts: "script",
  own: "weight",
});

export const TRACK_FILE = keywords({ values: "file", own: "weight init_file" });

export const TRACK_PROCESS = keywords({
  lines: "process",
  values: "quorum quorum_max fork_delay terminate_delay delay",
  flags: "full_command",
  own: "weight param_match",
});

export const BFD = keywords({
  values:
    "neighbor_ip neighbour_ip source_ip min_rx min_tx idle_tx multiplier ttl hoplimit max_hops",
  flags: "passive multihop",
  own: "weight",
  nothing: { "instances and checks that name the session get its events": "vrrp checker" },
});

/** Of a virtual server, its real servers and their checks alike. */
const TIMING = "delay_before_retry warmup delay_loop";

export const SERVICE = keywords({
  values: `${TIMING} connect_timeout ip_family persistence_granularity persistence_engine quorum hysteresis weight`,
  flags: "smtp_alert",
  bare: `flag-1 flag-2 flag-3 sh-port sh-fallback mh-port mh-fallback ops ha_suspend alpha omega sorry_server_inhibit
    inhibit_on_failure`,
  scripts: "quorum_up quorum_down",
  own: `retry lvs_sched lb_algo lvs_method lb_kind sorry_server_lvs_method persistence_timeout protocol sorry_server virtualhost`,
  blocks: "real_server",
  nothing: { "it has none in keepalived either": "hashed", [NO_SNMP]: "snmp_name" },
});

export const SERVER = keywords({
  values: `${TIMING} connect_timeout weight uthreshold lthreshold`,
  flags: "alpha inhibit_on_failure smtp_alert",
  scripts: "notify_up notify_down",
  own: "retry lvs_method lb_kind virtualhost",
  blocks: `TCP_CHECK HTTP_GET SSL_GET SMTP_CHECK DNS_CHECK MISC_CHECK UDP_CHECK PING_CHECK BFD_CHECK FILE_CHECK`,
  nothing: { [NO_SNMP]: "snmp_name" },
});

const CONNECTION = "connect_ip connect_port connect_timeout bindto bind_port bind_if fwmark";

const timed = (rows: Rows): Keywords =>
  keywords({
    ...rows,
    values: `retry ${TIMING} ${rows.values ?? ""}`,
    flags: `log_all_failures ${rows.flags ?? ""}`,
    own: `alpha ${rows.own ?? ""}`,
  });

const check = (rows: Rows): Keywords =>
  timed({ ...rows, values: `${CONNECTION} ${rows.values ?? ""}` });

const WEB = {
  values: "http_protocol",
  blocks: "url",
  own: "virtualhost nb_get_retry",
  nothing: {
    "each path is a check of its own, and they are all asked at once": "fast_recovery",
    "a connection of TLS is closed as the protocol wants it": "tls_compliant",
  },
} as const;

export const CHECKS: Readonly<Record<string, Keywords>> = {
  TCP_CHECK: check({}),
  HTTP_GET: check(WEB),
  SSL_GET: check({ ...WEB, values: `${WEB.values} sni_name`, own: `${WEB.own} enable_sni` }),
  SMTP_CHECK: check({ values: "helo_name", blocks: "host" }),
  DNS_CHECK: check({ renamed: { name: { as: "value", key: "query_name" } }, own: "type" }),
  MISC_CHECK: timed({
    scripts: "misc_path",
    flags: "misc_dynamic",
    lines: "user",
    own: "misc_timeout",
  }),
  UDP_CHECK: check({ values: "min_reply_length max_reply_length", own: "payload require_reply" }),
  PING_CHECK: check({}),
  BFD_CHECK: keywords({ renamed: { name: { as: "value", key: "session" } }, own: "alpha" }),
  FILE_CHECK: keywords({ own: "track_file weight" }),
};

export const URL_KEYWORDS = keywords({
  values: "path digest virtualhost",
  lines: "status_code",
  own: "regex regex_no_match regex_options",
  nothing: {
    "a connection of TLS is closed as the protocol wants it": "tls_compliant",
    "the whole of what is read is searched": "regex_stack regex_min_offset regex_max_offset",
  },
});

/** What no other format has at the beginning of a line. */
const BLOCK =
  /^[^\S\n]*(?:global_defs|vrrp_\w+|virtual_server(?:_group)?)(?:[^\S\n]+[^\s=]|[^\S\n]*(?:\{|$))/m;

/**
 * Is this text keepalived's? Its first line that says something begins with one of its blocks, a definition, or a condition; or is
 * misspelt, and a block comes later.
 */
export function isKeepalived(text: string): boolean {
  const lines = text.matchAll(/^[^\S\n]*([^\s!#;].*)$/gm);
  const first = lines.next().value?.[1] ?? "";
  const [word = ""] = first.split(/[\s{]/);
  if (ROOT.has(word) || /^(\$[A-Za-z_]\w*=|@|include(?!\s*(\[\])?\s*=))/.test(first)) return true;
  return !first.startsWith("[") && BLOCK.test(text);
}
