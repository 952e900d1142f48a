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
  /** `value`: what stands behind it, for people. */
  | { readonly as: "own"; readonly says: string; readonly value: string }
  | { readonly as: "nothing"; readonly why: string }
  | { readonly as: "refused"; readonly why: string };

type Row = OptionSpec & { readonly become: Become };

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

const NO_SNMP = nothing("duet has no SNMP agent: duet status --json tells the same");
const NO_CORE = nothing("what a process dies of is in the log, and it is started again");

/** In the order of keepalived's own help. */
// biome-ignore format: a table, a row an option
const ROWS: readonly Row[] = [
  { short: "f", long: "use-file", value: "must", become: own(`the configuration (default ${DEFAULTS.file})`, "FILE") },
  { short: "P", long: "vrrp", become: own("only VRRP") },
  { short: "C", long: "check", become: own("only the virtual servers") },
  { short: "B", long: "no_bfd", become: nothing("BFD sessions live in the process that holds the addresses here") },
  { long: "all", become: nothing("a process without work is not started") },
  { short: "l", long: "log-console", become: own("in the background too, the log goes to stderr") },
  { short: "D", long: "log-detail", become: own("a more detailed log") },
  { short: "S", long: "log-facility", value: "must", become: own("of syslog, for the log of a process in the background", "F") },
  { short: "g", long: "log-file", value: "may", become: nothing("the log goes to stderr: redirect it") },
  { long: "flush-log-file", become: nothing("the log goes to stderr: redirect it") },
  { short: "G", long: "no-syslog", become: own("as -l") },
  { short: "u", long: "umask", value: "must", become: own("for the files and scripts of all processes", "MASK") },
  { short: "X", long: "release-vips", become: nothing("whoever is not master has no address here, whatever the reason") },
  { short: "V", long: "dont-release-vrrp", become: nothing("an address that stayed after a stop would soon have two owners") },
  { short: "I", long: "dont-release-ipvs", become: nothing("a stop takes duet's services off (after a crash they stay)") },
  { short: "R", long: "dont-respawn", become: nothing("a process that dies is started again, and lets its addresses go before") },
  { short: "n", long: "dont-fork", become: own("stay in the foreground, with the log on stderr") },
  { short: "d", long: "dump-conf", become: own("with -t: what the configuration means, as INI") },
  { short: "p", long: "pid", value: "must", become: own(`pid file of the guardian (default ${DEFAULTS.pidFiles.guardian})`, "FILE") },
  { short: "r", long: "vrrp_pid", value: "must", become: own(`pid file of the vrrp process (default ${DEFAULTS.pidFiles.vrrp})`, "FILE") },
  { short: "c", long: "checkers_pid", value: "must", become: own(`pid file of the director process (default ${DEFAULTS.pidFiles.director})`, "FILE") },
  { short: "T", long: "genhash", become: refused('the digest of a page is that of "curl -s URL | md5sum"') },
  { short: "a", long: "address-monitoring", become: nothing("the log tells of each address that duet puts on, takes off or misses") },
  { short: "b", long: "bfd_pid", value: "must", become: nothing("BFD sessions live in the process that holds the addresses here") },
  { short: "x", long: "snmp", become: NO_SNMP },
  { short: "A", long: "snmp-agent-socket", value: "must", become: NO_SNMP },
  { short: "s", long: "namespace", value: "must", become: refused("start duet in it: ip netns exec NAME duet keepalived ...") },
  { short: "m", long: "core-dump", become: NO_CORE },
  { short: "M", long: "core-dump-pattern", value: "may", become: NO_CORE },
  { short: "e", long: "all-config", become: nothing("a missing file of an include is told when the configuration is read") },
  { short: "i", long: "config-id", value: "must", become: own("which lines that begin with @ hold", "NODE") },
  { long: "signum", value: "must", become: own(`the number of the signal ${Object.keys(SIGNALS).join(", ")}`, "NAME") },
  { short: "t", long: "config-test", value: "may", become: own("judge the configuration, say what is wrong on stderr or in FILE, and end:\n0 good, 4 it cannot be read, 5 something is not in force, 6 a script is not secure", "FILE") },
  { short: "v", long: "version", become: own("the version that this stands for, and duet's own") },
  { short: "h", long: "help", become: own("this text") },
];

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

export function keepalivedHelp(): string {
  const shorts = (as: Become["as"]): string =>
    ROWS.flatMap(({ short, long, become }) =>
      become.as === as ? [short === undefined ? `--${long}` : `-${short}`] : [],
    ).join(" ");
  const lines = ROWS.flatMap(({ short, long, value, become }) => {
    if (become.as !== "own") return [];
    const behind = value === "may" ? `[=${become.value}]` : value && `=${become.value}`;
    const names = `${short === undefined ? "   " : `-${short},`} --${long}${behind ?? ""}`;
    return [`  ${names.padEnd(26)} ${become.says.replace("\n", `\n${" ".repeat(29)}`)}`];
  });
  return `Usage: duet keepalived [OPTION...]
keepalived's command line, with duet behind it. Named keepalived (a link to duet), duet is started so.

${lines.join("\n")}
Without effect, with a line in the log that says why: ${shorts("nothing")}
Refused, with what would be right: ${shorts("refused")}
`;
}

function own(says: string, value = ""): Become {
  return { as: "own", says, value };
}

function nothing(why: string): Become {
  return { as: "nothing", why };
}

function refused(why: string): Become {
  return { as: "refused", why };
}
