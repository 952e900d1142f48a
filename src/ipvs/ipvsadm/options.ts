// Every option of ipvsadm 1.31, and of ours: how it is spelled, what it takes, what it counts as. Data, for the
// parser, the rules and the usage text.

export type OptionSpec = {
  readonly long: string;
  readonly short?: string;
  /** "maybe": a value unless the next word begins with "-". */
  readonly takes: "nothing" | "value" | "maybe";
  /** A command comes first, and alone. */
  readonly command?: CommandName;
  /** What it counts as when commands and options are matched; several spell the same thing. */
  readonly topic?: Topic;
  /** What its value is called, and what it is for. */
  readonly value?: string;
  readonly doc: string;
};

/** As error texts call them. */
export type CommandName =
  | "add-service"
  | "edit-service"
  | "delete-service"
  | "flush"
  | "list"
  | "add-server"
  | "delete-server"
  | "edit-server"
  | "set"
  | "start-daemon"
  | "stop-daemon"
  | "restore"
  | "save"
  | "zero"
  | "help"
  | "version";

/** In the order in which they are checked, so that the first error is ipvsadm's first. */
export const TOPICS = [
  "numeric", "connection", "service-address", "scheduler", "persistent", "netmask", "real-server",
  "forwarding-method", "weight", "u-threshold", "l-threshold", "mcast-interface", "timeout", "daemon", "stats", "rate",
  "thresholds", "persistent-conn", "nosort", "syncid", "exact", "ops", "pe", "sched-flags", "mcast-group", "mcast-port",
  "mcast-ttl", "sync-maxlen", "tun-info", "tun-type", "tun-port", "tun-nocsum", "tun-csum", "tun-remcsum", "json", "replace",
] as const; // biome-ignore format: a list of words
export type Topic = (typeof TOPICS)[number];

export const COMMANDS: readonly OptionSpec[] = [
  command("add-service", "A", "add a virtual service"),
  command("edit-service", "E", "change a virtual service; what is not said goes back to its default"),
  command("delete-service", "D", "delete a virtual service with its real servers"),
  command("clear", "C", "delete all virtual services", "flush"),
  command("restore", "R", "read lines as --save writes them from stdin: all of them, or none when one is bad"),
  command("save", "S", "write the table as lines that --restore reads"),
  command("add-server", "a", "add a real server to a virtual service"),
  command("edit-server", "e", "change a real server; what is not said goes back to its default"),
  command("delete-server", "d", "delete a real server from a virtual service"),
  command("list", "L", "list the table, or what the options ask for"),
  command("list", "l", "the same"),
  command("zero", "Z", "set the counters of a virtual service, or of all, to zero"),
  command("set", undefined, "set the timeouts of connections, in seconds; 0 keeps what is"),
  { ...command("start-daemon", undefined, "start a connection sync daemon"), takes: "value" },
  { ...command("stop-daemon", undefined, "stop a connection sync daemon"), takes: "value" },
  command("help", "h", "tell this"),
  command("version", "v", "tell the version"),
]; // biome-ignore format: one a line

export const SERVICES: readonly OptionSpec[] = [
  valued("tcp-service", "t", "host[:port]", "a TCP service", "service-address"),
  valued("udp-service", "u", "host[:port]", "a UDP service", "service-address"),
  valued("sctp-service", undefined, "host[:port]", "an SCTP service", "service-address"),
  valued("fwmark-service", "f", "number", "what the firewall marked with this number", "service-address"),
  { long: "ipv6", short: "6", takes: "nothing", doc: "the firewall mark is of IPv6 packets; after -f" },
]; // biome-ignore format: one a line

export const SETTINGS: readonly OptionSpec[] = [
  valued("scheduler", "s", "name", "rr wrr lc wlc lblc lblcr dh sh sed nq fo ovf mh twos; wlc when not said"),
  { ...valued("persistent", "p", "[seconds]", "a client stays with its real server; 360 s when not said"), takes: "maybe" },
  valued("netmask", "M", "mask", "clients of one network count as one; IPv6: a prefix length"),
  valued("pe", undefined, "name", "persistence by what the packets say: sip"),
  valued("sched-flags", "b", "flag,...", "sh-fallback, sh-port, mh-fallback, mh-port, flag-1, flag-2, flag-3"),
  flag("ops", "o", "schedule every UDP packet anew"),
  valued("real-server", "r", "host[:port]", "the real server; its port is the service's when not said"),
  flag("gatewaying", "g", "direct routing, which is the default", "forwarding-method"),
  flag("ipip", "i", "tunnelling", "forwarding-method"),
  flag("masquerading", "m", "network address translation", "forwarding-method"),
  valued("tun-type", undefined, "name", "how to tunnel: ipip (the default), gue, gre"),
  valued("tun-port", undefined, "port", "where to: of gue"),
  flag("tun-nocsum", undefined, "without checksum, which is the default: of gue and gre"),
  flag("tun-csum", undefined, "with checksum: of gue and gre"),
  flag("tun-remcsum", undefined, "with remote checksum: of gue"),
  valued("weight", "w", "number", "capacity, 1 when not said; 0 takes no new connections"),
  valued("u-threshold", "x", "number", "no new connections from so many on; 0 is no limit"),
  valued("l-threshold", "y", "number", "new connections again below so many"),
]; // biome-ignore format: one a line

export const RESTORING: readonly OptionSpec[] = [
  flag("replace", undefined, "with -R: the table becomes what the lines say, and only the difference is touched"),
]; // biome-ignore format: one a line

export const LISTING: readonly OptionSpec[] = [
  flag("numeric", "n", "addresses and ports as numbers"),
  flag("connection", "c", "the connections"),
  flag("timeout", undefined, "the timeouts (tcp tcpfin udp)"),
  flag("daemon", undefined, "the connection sync daemons"),
  flag("stats", undefined, "what was counted"),
  flag("rate", undefined, "what is counted a second"),
  flag("exact", "X", "large numbers in full"),
  flag("thresholds", undefined, "the thresholds of real servers"),
  flag("persistent-conn", undefined, "persistent connections; with -c, what the persistence engine keeps"),
  flag("tun-info", undefined, "how real servers are tunnelled to"),
  flag("nosort", undefined, "in the kernel's order"),
  { long: "sort", takes: "nothing", doc: "sorted, as without it" },
  flag("json", undefined, "as JSON; every listing has it"),
]; // biome-ignore format: one a line

export const DAEMON_OPTIONS: readonly OptionSpec[] = [
  valued("mcast-interface", undefined, "interface", "where it speaks; eth0 when not said"),
  valued("syncid", undefined, "number", "0 to 255: only daemons of one number hear each other"),
  valued("sync-maxlen", undefined, "bytes", "the largest message, 1472 when not said"),
  valued("mcast-group", undefined, "address", "multicast address, IPv4 or IPv6; 224.0.0.81 when not said"),
  valued("mcast-port", undefined, "port", "UDP port, 8848 when not said"),
  valued("mcast-ttl", undefined, "number", "1 when not said"),
]; // biome-ignore format: one a line

export const OPTIONS: readonly OptionSpec[] = [
  ...COMMANDS,
  ...SERVICES,
  ...SETTINGS,
  ...RESTORING,
  ...LISTING,
  ...DAEMON_OPTIONS,
];

function command(
  long: string,
  short: string | undefined,
  doc: string,
  name = long as CommandName,
): OptionSpec {
  return { long, ...(short !== undefined && { short }), takes: "nothing", command: name, doc };
}

function flag(
  long: string,
  short: string | undefined,
  doc: string,
  topic = long as Topic,
): OptionSpec {
  return { long, ...(short !== undefined && { short }), takes: "nothing", topic, doc };
}

function valued(
  long: string,
  short: string | undefined,
  value: string,
  doc: string,
  topic = long as Topic,
): OptionSpec {
  return { long, ...(short !== undefined && { short }), takes: "value", topic, value, doc };
}
