// keepalived's command line (2.2.7), option by option: what becomes of each here. Pure.

import { getopt, type OptionSpec } from "../../../lib/getopt.ts";
import type { Half, PidFiles } from "./stand-in.ts";

export type Asked =
  | { readonly kind: "help" | "version" }
  | { readonly kind: "signal"; readonly number: number }
  | { readonly kind: "run" | "test"; readonly options: KeepalivedOptions }
  /** Said on stderr; the exit status is 1, as keepalived's. */
  | { readonly kind: "refused"; readonly reason: string };

export type KeepalivedOptions = {
  readonly file: string;
  /** null = the host's name. */
  readonly configId: string | null;
  readonly half: Half | null;
  readonly inForeground: boolean;
  /** Without it the log of a process in the background goes to syslog, when stderr is a terminal. */
  readonly logsToStderr: boolean;
  readonly hasDetails: boolean;
  readonly printsConfig: boolean;
  readonly syslogFacility: string;
  readonly umask: number | null;
  readonly pidFiles: Required<Pick<PidFiles, "guardian" | "vrrp" | "director">>;
  /** Of --config-test; null = stderr. */
  readonly testLog: string | null;
  readonly notes: readonly string[];
};

type Become =
  | { readonly as: "own" }
  | { readonly as: "nothing"; readonly why: string }
  | { readonly as: "refused"; readonly why: string };

type Row = OptionSpec & { readonly become: Become };

const OWN = { as: "own" } as const;
const NO_SNMP = nothing("duet has no SNMP agent: duet status --json tells the same");
const NO_CORE = nothing("what a process dies of is in the log, and it is started again");

/** In the order of keepalived's own help. */
const ROWS: readonly Row[] = [
  { short: "f", long: "use-file", value: "must", become: OWN },
  { short: "P", long: "vrrp", become: OWN },
  { short: "C", long: "check", become: OWN },
  {
    short: "B",
    long: "no_bfd",
    become: nothing("BFD sessions live in the process that holds the addresses here"),
  },
  { long: "all", become: nothing("a process without work is not started") },
  { short: "l", long: "log-console", become: OWN },
  { short: "D", long: "log-detail", become: OWN },
  { short: "S", long: "log-facility", value: "must", become: OWN },
  {
    short: "g",
    long: "log-file",
    value: "may",
    become: nothing("the log goes to stderr: redirect it"),
  },
  { long: "flush-log-file", become: nothing("the log goes to stderr: redirect it") },
  { short: "G", long: "no-syslog", become: OWN },
  { short: "u", long: "umask", value: "must", become: OWN },
  {
    short: "X",
    long: "release-vips",
    become: nothing("whoever is not master has no address here, whatever the reason"),
  },
  {
    short: "V",
    long: "dont-release-vrrp",
    become: nothing("an address that stayed after a stop would soon have two owners"),
  },
  {
    short: "I",
    long: "dont-release-ipvs",
    become: nothing("a stop takes duet's services off (after a crash they stay)"),
  },
  {
    short: "R",
    long: "dont-respawn",
    become: nothing("a process that dies is started again, and lets its addresses go before"),
  },
  { short: "n", long: "dont-fork", become: OWN },
  { short: "d", long: "dump-conf", become: OWN },
  { short: "p", long: "pid", value: "must", become: OWN },
  { short: "r", long: "vrrp_pid", value: "must", become: OWN },
  { short: "c", long: "checkers_pid", value: "must", become: OWN },
  {
    short: "T",
    long: "genhash",
    become: refused('the digest of a page is that of "curl -s URL | md5sum"'),
  },
  {
    short: "a",
    long: "address-monitoring",
    become: nothing("the log tells of each address that duet puts on, takes off or misses"),
  },
  {
    short: "b",
    long: "bfd_pid",
    value: "must",
    become: nothing("BFD sessions live in the process that holds the addresses here"),
  },
  { short: "x", long: "snmp", become: NO_SNMP },
  { short: "A", long: "snmp-agent-socket", value: "must", become: NO_SNMP },
  {
    short: "s",
    long: "namespace",
    value: "must",
    become: refused("start duet in it: ip netns exec NAME duet keepalived ..."),
  },
  { short: "m", long: "core-dump", become: NO_CORE },
  { short: "M", long: "core-dump-pattern", value: "may", become: NO_CORE },
  {
    short: "e",
    long: "all-config",
    become: nothing("a missing file of an include is told when the configuration is read"),
  },
  { short: "i", long: "config-id", value: "must", become: OWN },
  { long: "signum", value: "must", become: OWN },
  { short: "t", long: "config-test", value: "may", become: OWN },
  { short: "v", long: "version", become: OWN },
  { short: "h", long: "help", become: OWN },
];

/** By keepalived's names for them. JSON is SIGRTMIN + 2 and STATS_CLEAR SIGRTMAX - 1 of glibc: signal(7). */
export const SIGNALS: Readonly<Record<string, number>> = {
  STOP: 15,
  RELOAD: 1,
  DATA: 10,
  STATS: 12,
  STATS_CLEAR: 63,
  JSON: 36,
};

const DEFAULTS: KeepalivedOptions = {
  file: "/etc/keepalived/keepalived.conf",
  configId: null,
  half: null,
  inForeground: false,
  logsToStderr: false,
  hasDetails: false,
  printsConfig: false,
  syslogFacility: "daemon",
  umask: null,
  pidFiles: {
    guardian: "/run/keepalived.pid",
    vrrp: "/run/vrrp.pid",
    director: "/run/checkers.pid",
  },
  testLog: null,
  notes: [],
};

/** What is wrong is told before anything is done; help and version come first wherever they stand. */
export function readKeepalivedOptions(args: readonly string[]): Asked {
  let options = DEFAULTS;
  let asked: "run" | "test" = "run";
  const notes: string[] = [];
  const reasons: string[] = [];
  for (const found of getopt(args, ROWS)) {
    if (found.kind === "word") {
      reasons.push(`Cannot use "${found.word}": keepalived takes options only, as in -f FILE`);
    } else if (found.kind !== "option") {
      reasons.push(
        found.kind === "missing"
          ? `Cannot use ${found.option} without a value`
          : `Cannot use ${found.option}: keepalived has no such option`,
      );
    } else {
      const { spec, value } = found;
      const name = spec.short === undefined ? `--${spec.long}` : `-${spec.short} (--${spec.long})`;
      const { become } = spec;
      if (become.as === "nothing") notes.push(`${name} has no effect here: ${become.why}`);
      else if (become.as === "refused") reasons.push(`Cannot use ${name}: ${become.why}`);
      else if (spec.long === "help" || spec.long === "version") return { kind: spec.long };
      else if (spec.long === "signum") return signalOf(value ?? "");
      else {
        if (spec.long === "config-test") asked = "test";
        const taken = take(options, spec.long, value);
        if (typeof taken === "string") reasons.push(`Cannot use ${name}: ${taken}`);
        else options = { ...options, ...taken };
      }
    }
  }
  if (reasons.length > 0) return { kind: "refused", reason: reasons.join("\n") };
  return { kind: asked, options: { ...options, notes } };
}

/** What an option changes; a text = why it cannot be used. */
function take(
  options: KeepalivedOptions,
  option: string,
  value: string | null,
): Partial<KeepalivedOptions> | string {
  const { pidFiles } = options;
  const text = value ?? "";
  switch (option) {
    case "use-file":
      return { file: text };
    case "config-id":
      return { configId: text };
    case "vrrp":
    case "check": {
      const half = option === "vrrp" ? "vrrp" : "checkers";
      if (options.half !== null && options.half !== half)
        return "with -P and -C together nothing would run";
      return { half };
    }
    case "log-console":
      return { logsToStderr: true };
    case "log-detail":
      return { hasDetails: true };
    case "log-facility":
      if (/^[0-7]$/.test(text)) return { syslogFacility: `local${text}` };
      return /^(local[0-7]|user|daemon)$/.test(text)
        ? { syslogFacility: text }
        : `"${text}" must be 0 to 7, local0 to local7, user or daemon`;
    case "no-syslog":
      return { logsToStderr: true };
    case "umask": {
      const mask = /^0[0-7]*$/.test(text) ? Number.parseInt(text, 8) : Number(text);
      const isMask = text !== "" && Number.isInteger(mask) && mask >= 0 && mask <= 0o777;
      return isMask ? { umask: mask } : `"${text}" must be a number up to 0777`;
    }
    case "dont-fork":
      return { inForeground: true };
    case "dump-conf":
      return { printsConfig: true };
    case "pid":
      return { pidFiles: { ...pidFiles, guardian: text } };
    case "vrrp_pid":
      return { pidFiles: { ...pidFiles, vrrp: text } };
    case "checkers_pid":
      return { pidFiles: { ...pidFiles, director: text } };
    case "config-test":
      return { testLog: value };
    default:
      throw new Error(`Cannot take option "${option}": nobody wrote down what it does`);
  }
}

function signalOf(name: string): Asked {
  const number = SIGNALS[name];
  if (number !== undefined) return { kind: "signal", number };
  const known = Object.keys(SIGNALS).join(", ");
  return { kind: "refused", reason: `Cannot find signal "${name}": it is one of ${known}` };
}

function nothing(why: string): Become {
  return { as: "nothing", why };
}

function refused(why: string): Become {
  return { as: "refused", why };
}
