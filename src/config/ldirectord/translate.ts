// ldirectord.cf -> the sections that say the same, each line with the line of what it came from. A directive that ldirectord does
// not know ends it; so it is an error here.

import { hostPort } from "../../lib/ip.ts";
import { type Around, openAround } from "../foreign/around.ts";
import { shareChecks } from "../foreign/shared-checks.ts";
import { makeRemarks, type Target } from "../foreign/target.ts";
import type { LineProblem, RawSection } from "../schema/lines.ts";
import { didYouMean } from "../schema/suggest.ts";
import { addReals, METHODS, type Settings } from "./checks.ts";
import { type Directive, parse, unquoted, type Virtual } from "./language.ts";

export type Translated = {
  readonly sections: readonly RawSection[];
  readonly problems: readonly LineProblem[];
  readonly comments: readonly { readonly line: number; readonly text: string }[];
};

/** Without effect here, and why. */
export const NOTHING: Readonly<Record<string, string>> = {
  autoreload: "say duet reload when the file has changed, or let a path unit of systemd say it",
  callback: "nobody is told of a file that has changed",
  logfile: "the log goes to stderr, and by systemd to the journal",
  execute: "run another duet, with a run directory of its own, or put both files into one",
  supervised: "duet run stays in the foreground",
  fork: "all checks run side by side",
  readdquiescent: "what is taken off by hand is put right within a second",
  cleanstop: "it is one for all services: write it above the first virtual",
  checkcount: "failurecount says how many failures are one",
  comment: "it is for people",
  load: "ldirectord does nothing with it either",
};

const ONE_SENDER = "it is one for all mails: write it above the first virtual";
const NOTHING_IN_VIRTUAL: Readonly<Record<string, string>> = {
  smtp: ONE_SENDER,
  emailalertfrom: ONE_SENDER,
};

/** Of both kinds; the others are of a virtual server. */
const ANYWHERE = `checktimeout negotiatetimeout checkinterval checkcount failurecount fallback fallback6 fallbackcommand
  quiescent cleanstop emailalert emailalertfreq emailalertstatus emailalertfrom smtp`;
const GLOBAL = new Set(
  `${ANYWHERE} autoreload callback logfile execute supervised fork readdquiescent maintenancedir`.split(
    /\s+/,
  ),
);
const OF_VIRTUAL = new Set(
  `${ANYWHERE} real real6 checktype service checkcommand checkport request receive httpmethod virtualhost login passwd database
  secret load scheduler persistent netmask schedflags protocol ops monitorfile servicename comment`.split(
    /\s+/,
  ),
);

export function translate(text: string): Translated {
  const { globals, virtuals, problems: ofLines, comments } = parse(text);
  const problems: LineProblem[] = [...ofLines];
  const remarks = makeRemarks(problems);
  const { around, sections } = openAround(remarks);
  const refuse = (line: number, message: string): void => {
    problems.push({ line, message, severity: "error" });
  };
  for (const one of globals) addGlobal(one, around, refuse);
  tellRepeated(globals, around);
  const shared = shareChecks(around);
  for (const virtual of virtuals) {
    const settings = settingsOf(globals, virtual, around, refuse);
    addVirtual(virtual, settings, around, (service) =>
      addReals(virtual, settings, service, { around, shared, refuse }),
    );
  }
  return { sections: sections(), problems, comments };
}

type Refuse = (line: number, message: string) => void;

function addGlobal(
  { key, value, line }: Directive,
  { global, remarks }: Around,
  refuse: Refuse,
): void {
  if (!GLOBAL.has(key)) {
    refuse(
      line,
      `Cannot use ${key}: ldirectord has no such directive here${didYouMean(key, GLOBAL)}`,
    );
    return;
  }
  const why = NOTHING[key];
  if (key === "cleanstop") global.set("lvs_flush_on_stop", value === "no" ? "nothing" : "no", line);
  else if (why !== undefined) remarks.noEffect(line, key, why);
  if (key === "maintenancedir") global.set("maintenance_dir", unquoted(value), line);
  if (key === "emailalertfrom") global.set("notification_email_from", unquoted(value), line);
  if (key === "smtp") global.set("smtp_server", unquoted(value), line);
  addMail({ key, value, line }, global);
}

/** The last one of all counts. */
function tellRepeated(globals: readonly Directive[], { remarks }: Around): void {
  const last = new Map(globals.map((one) => [one.key, one]));
  for (const one of globals) {
    const counts = last.get(one.key);
    if (!GLOBAL.has(one.key) || counts === undefined || counts.value === one.value) continue;
    const why = `line ${counts.line} says it again`;
    remarks.neverInForce(one.line, `${one.key} = ${one.value}`, why);
  }
}

/** What holds for a virtual server: its own directives, and those of all. */
function settingsOf(
  globals: readonly Directive[],
  { key, value, directives }: Virtual,
  around: Around,
  refuse: Refuse,
): Settings {
  const settings = new Map<string, Directive>();
  // The fallback of all is by family, the own one by either name.
  const other = key === "virtual6" || value.startsWith("[") ? "fallback" : "fallback6";
  for (const one of globals) if (one.key !== other) settings.set(one.key, one);
  for (const one of directives) {
    if (!OF_VIRTUAL.has(one.key)) {
      const message = `Cannot use ${one.key} in a virtual: ldirectord has no such directive there`;
      refuse(one.line, `${message}${didYouMean(one.key, OF_VIRTUAL)}`);
    } else {
      const why = NOTHING[one.key] ?? NOTHING_IN_VIRTUAL[one.key];
      if (why !== undefined) around.remarks.noEffect(one.line, one.key, why);
      settings.set(one.key, one);
    }
  }
  return settings;
}

function addVirtual(
  virtual: Virtual,
  settings: Settings,
  around: Around,
  addServers: (service: Target) => void,
): void {
  const { value, line } = virtual;
  const isMark = /^\d+$/.test(value);
  const name = settings.get("servicename")?.value ?? (isMark ? `fwmark-${value}` : value);
  const service = around.open("virtual_server", [unquoted(name)], line);
  if (isMark) service.set("fwmark", value, line);
  else service.set("address", value, line);
  if (isMark && virtual.key === "virtual6") service.set("ip_family", "inet6", line);
  const text = (key: string): string | undefined => settings.get(key)?.value;
  if (!isMark) {
    const isDns = /:(53|domain)$/.test(value);
    const protocol = text("protocol") ?? (isDns ? "udp" : "tcp");
    service.set("protocol", protocol, settings.get("protocol")?.line ?? line);
  }
  const own: readonly (readonly [string, string])[] = [
    ["persistent", "persistence_timeout"],
    ["netmask", "persistence_granularity"],
    ["ops", "ops"],
    ["monitorfile", "monitor_file"],
    ["quiescent", "inhibit_on_failure"],
  ];
  const scheduler = settings.get("scheduler")?.line ?? line;
  service.set("lb_algo", text("scheduler") ?? "wrr", scheduler);
  for (const [from, to] of own) {
    const found = settings.get(from);
    if (found !== undefined) service.set(to, unquoted(found.value), found.line);
  }
  const flags = settings.get("schedflags");
  for (const flag of flags?.value.split(",") ?? [])
    service.set(flag.trim(), "yes", flags?.line ?? line);
  for (const one of virtual.directives) addMail(one, service);
  addFallback(settings, value, service, around);
  addServers(service);
}

/** Who gets mail of what: of all, or of one virtual server in place of that. */
function addMail({ key, value, line }: Directive, target: Target): void {
  if (key === "emailalert") {
    for (const one of unquoted(value).split(/[\s,]+/)) target.add("notification_email", one, line);
  }
  if (key === "emailalertfreq") target.set("email_alert_freq", value, line);
  if (key === "emailalertstatus") {
    target.set("email_alert_status", value.replace(/\s*,\s*/g, ", "), line);
  }
}

function addFallback(settings: Settings, place: string, service: Target, around: Around): void {
  const fallback = settings.get("fallback") ?? settings.get("fallback6");
  if (fallback !== undefined) {
    const [to = "", method] = unquoted(fallback.value).split(/\s+/);
    const port = /:(\d+)$/.exec(place)?.[1];
    const hasPort = /\]:|^[^:]*:[^:]*$/.test(to);
    const whole =
      hasPort || port === undefined ? to : hostPort(to.replace(/^\[|\]$/g, ""), Number(port));
    service.set("sorry_server", whole, fallback.line);
    if (method !== undefined)
      service.set("sorry_server_lvs_method", METHODS[method] ?? "DR", fallback.line);
  }
  const command = settings.get("fallbackcommand");
  if (command === undefined) return;
  // A mark has no server and port 0 there.
  const words = /^\d+$/.test(place) ? ":0 fwm" : `${place} ${service.valueOf("protocol") ?? "tcp"}`;
  service.set("quorum_down", `${unquoted(command.value)} start ${words}`, command.line);
  service.set("quorum_up", `${unquoted(command.value)} stop ${words}`, command.line);
  around.remarks.differs(
    command.line,
    "fallbackcommand runs also when there is no fallback server",
  );
}
