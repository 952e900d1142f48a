// What `-h` prints: the grammar, and every option of the table with what it is for.

import {
  COMMANDS,
  DAEMON_OPTIONS,
  LISTING,
  type OptionSpec,
  RESTORING,
  SERVICES,
  SETTINGS,
} from "./options.ts";

const FORMS = [
  "-A|E SERVICE [-s scheduler] [-p [seconds]] [-M mask] [--pe name] [-b flags] [-o]",
  "-D SERVICE",
  "-C",
  "-R [--replace] < FILE",
  "-S [-n]",
  "-a|e SERVICE -r SERVER [-g|-i|-m] [-w weight] [-x upper] [-y lower] [tunnel options]",
  "-d SERVICE -r SERVER",
  "-L|l [SERVICE | -c | --timeout | --daemon] [listing options]",
  "-Z [SERVICE]",
  "--set tcp tcpfin udp",
  "--start-daemon {master|backup} [daemon options]",
  "--stop-daemon {master|backup} [--syncid number]",
  "-h",
];

export function usageText(program: string, more: readonly string[] = []): string {
  return [
    "Usage:",
    ...[...FORMS, ...more].map((form) => `  ${program} ${form}`),
    "",
    "Commands, one and first:",
    ...COMMANDS.map(optionLine),
    ...RESTORING.map(optionLine),
    "",
    "SERVICE:",
    ...SERVICES.map(optionLine),
    "",
    "Options of services and real servers:",
    ...SETTINGS.map(optionLine),
    "",
    "Listing options:",
    ...LISTING.map(optionLine),
    "",
    "Options of connection sync daemons:",
    ...DAEMON_OPTIONS.map(optionLine),
  ].join("\n");
}

function optionLine({ long, short, value, doc }: OptionSpec): string {
  const dashed = short === undefined ? "   " : `-${short},`;
  return `  ${dashed} --${long}${value === undefined ? "" : ` ${value}`}`.padEnd(38) + doc;
}
