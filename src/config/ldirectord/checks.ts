// The real servers of a virtual server of ldirectord.cf, and how they are checked.

import type { Around } from "../foreign/around.ts";
import { endpoint } from "../foreign/endpoint.ts";
import type { SharedChecks } from "../foreign/shared-checks.ts";
import { Target } from "../foreign/target.ts";
import { type Directive, type Real, realOf, unquoted, type Virtual } from "./language.ts";
import { fromPerl } from "./perl-regex.ts";
import { type Asked, serviceOf, WRITERS } from "./services.ts";

/** What holds for a virtual server, by directive. */
export type Settings = ReadonlyMap<string, Directive>;

type Surroundings = {
  readonly around: Around;
  readonly shared: SharedChecks;
  readonly refuse: (line: number, message: string) => void;
};

/** How packets reach a real server. */
export const METHODS: Readonly<Record<string, string>> = { gate: "DR", masq: "NAT", ipip: "TUN" };

type Place = { readonly place: string; readonly real: Real; readonly said: Directive };

export function addReals(
  virtual: Virtual,
  settings: Settings,
  service: Target,
  { around, shared, refuse }: Surroundings,
): void {
  const [name = ""] = service.labels;
  const port = /:([\w-]+)$/.exec(virtual.value)?.[1] ?? null;
  const places = placesOf(virtual, port, refuse);
  tellOfPerl(virtual, settings, serviceOf(port), places, around);
  // ldirectord puts a server into the table once and changes it for each line more.
  const last = new Map(places.map((one) => [one.place, one.said.line]));
  for (const { place, real, said } of places) {
    const { line, value } = said;
    const counts = last.get(place) ?? line;
    if (counts !== line) {
      const what = real.addresses.length > 1 ? `${place} of real=${value}` : `real=${value}`;
      around.remarks.neverInForce(line, what, `line ${counts} says it again`);
      continue;
    }
    const server = around.open("real_server", [name, place], line);
    server.set("address", place, line, value);
    server.set("lb_kind", METHODS[real.method] ?? "DR", line);
    const isOff = unquoted(settings.get("checktype")?.value ?? "") === "off";
    server.set("weight", isOff ? "0" : (real.weight ?? "1"), line);
    if (real.upper !== null) server.set("uthreshold", real.upper, line);
    if (real.lower !== null) server.set("lthreshold", real.lower, line);
    const check = checkOf(settings, real, port, line, around, refuse);
    if (check !== null) server.add("check", shared.nameOf(check, []), line);
  }
}

/** What ldirectord makes of a check is a matter of the modules that its Perl has, too. */
function tellOfPerl(
  { line }: Virtual,
  settings: Settings,
  ofPort: string,
  places: readonly Place[],
  { remarks }: Around,
): void {
  const text = (key: string): string | undefined => {
    const found = settings.get(key);
    return found === undefined ? undefined : unquoted(found.value);
  };
  const service = text("service") ?? ofPort;
  if (!/^(negotiate|[1-9]\d*)$/.test(text("checktype") ?? "negotiate")) return;
  if (service === "https") {
    const there =
      "with some versions of its modules, Debian 12's too, ldirectord asks who signed it";
    const here = "any certificate that has not expired is good enough here";
    remarks.aside(line, `service = https: ${here}; ${there}`);
  }
  const isInet6 = places.some(({ real }) => real.addresses.some((one) => one.includes(":")));
  const needed = isInet6 && /^(https?|http_proxy)$/.test(service) ? "inet6" : service;
  const lacking = LACKING.get(needed);
  if (lacking === undefined) return;
  const there = `ldirectord ends at its first one where the Perl module ${lacking} is missing`;
  remarks.aside(
    line,
    `service = ${service} is checked here; ${there}, as Debian's package leaves it`,
  );
}

/** What its checks ask for, and Debian's package of ldirectord does not depend on. */
const LACKING: ReadonlyMap<string, string> = new Map([
  ["inet6", "Net::INET6Glue"],
  ["mysql", "DBD::mysql"],
  ["pgsql", "DBD::Pg"],
]);

function placesOf(
  { directives }: Virtual,
  port: string | null,
  refuse: Surroundings["refuse"],
): readonly Place[] {
  const places: Place[] = [];
  for (const said of directives) {
    const { key, value, line } = said;
    if (key !== "real" && key !== "real6") continue;
    const real = realOf(value);
    if (real === null) {
      const form = 'ADDRESS[->ADDRESS][:PORT] gate|masq|ipip [WEIGHT] ["REQUEST", "RECEIVE"]';
      refuse(line, `Cannot use real "${value}": it must be ${form}`);
      continue;
    }
    // Only masquerading can change the port.
    const reached = real.method === "masq" ? (real.port ?? port) : port;
    for (const address of real.addresses) {
      places.push({ place: endpoint(address, reached), real, said });
    }
  }
  return places;
}

/** null = nobody asks, and it is UP. */
function checkOf(
  settings: Settings,
  real: Real,
  port: string | null,
  line: number,
  around: Around,
  refuse: Surroundings["refuse"],
): Target | null {
  const text = (key: string): string | null => {
    const found = settings.get(key);
    return found === undefined ? null : unquoted(found.value);
  };
  const kind = text("checktype") ?? "negotiate";
  const service = text("service") ?? serviceOf(port);
  const check = new Target("check", [], settings.get("checktype")?.line ?? line, around.remarks);
  const at = check.line;
  if (kind === "on") return null;
  if (kind === "off") {
    around.remarks.differs(
      line,
      "checktype = off: nobody is sent to the real server, so its weight is 0 here",
    );
    return null;
  }
  if (!/^(connect|negotiate|external|external-perl|ping|\d+)$/.test(kind)) {
    const types = "connect, negotiate, external, external-perl, ping, on, off or a number";
    refuse(at, `Cannot use checktype "${kind}": it must be ${types}`);
    return null;
  }
  const connects = Number(kind);
  const negotiates = kind === "negotiate" || connects > 0;
  if (kind === "external" || kind === "external-perl") {
    const command = text("checkcommand") ?? "";
    check.set("type", "misc", at);
    check.set("script", kind === "external" ? command : `/usr/bin/perl ${command}`, at);
    check.set("script_arguments", "ldirectord", at);
  } else if (kind === "ping" || (kind === "connect" && text("protocol") === "udp")) {
    check.set("type", "ping", at);
  } else if (negotiates && service === "none") {
    return null;
  } else if (negotiates) {
    const asked: Asked = {
      request: real.request ?? text("request"),
      receive: receiveOf(
        real.receive ?? text("receive"),
        real.receive === null ? (settings.get("receive")?.line ?? line) : line,
        refuse,
      ),
      virtualHost: text("virtualhost"),
      httpMethod: text("httpmethod"),
      login: text("login"),
      passwd: text("passwd"),
      database: text("database"),
      secret: text("secret"),
    };
    const write = WRITERS[service];
    if (write !== undefined) write(check, asked, at);
    else {
      around.remarks.differs(
        at,
        `service = ${service}: nothing here asks it, so a connection is enough`,
      );
      check.set("type", "tcp", at);
    }
    // Datagrams have no connection.
    if (connects > 0 && !["dns", "radius", "sip"].includes(service))
      check.set("connects", kind, at);
  } else {
    check.set("type", "tcp", at);
  }
  const checkPort = text("checkport");
  if (checkPort !== null) check.set("port", checkPort, at);
  addTiming(check, settings, negotiates);
  return check;
}

/** As JavaScript has it. */
function receiveOf(
  receive: string | null,
  line: number,
  refuse: Surroundings["refuse"],
): string | null {
  if (receive === null || receive === "") return null;
  const found = fromPerl(receive);
  if (found.ok) return found.source;
  refuse(
    line,
    `Cannot use receive "${receive}": ${found.why}, so write it in words that JavaScript's regular expressions have too`,
  );
  return null;
}

function addTiming(check: Target, settings: Settings, negotiates: boolean): void {
  const [own, other, otherwise] = negotiates
    ? (["negotiatetimeout", "checktimeout", "30"] as const)
    : (["checktimeout", "negotiatetimeout", "5"] as const);
  const timeout = settings.get(own) ?? settings.get(other);
  check.set("timeout", timeout?.value ?? otherwise, timeout?.line ?? check.line);
  const interval = settings.get("checkinterval");
  check.set("interval", interval?.value ?? "10", interval?.line ?? check.line);
  const failures = settings.get("failurecount");
  const isRight = failures === undefined || /^0*[1-9]\d*$/.test(failures.value);
  if (!isRight) check.set("retry", failures.value, failures.line, `failurecount ${failures.value}`);
  const retries = isRight ? Number(failures?.value ?? 1) - 1 : 0;
  check.set("retry", String(retries), failures?.line ?? check.line);
  if (retries > 0) check.set("delay_before_retry", interval?.value ?? "10", check.line);
}

/** Is this text ldirectord's? Its first line that says something is one of its global directives, or a virtual. */
export function isLdirectord(text: string): boolean {
  const first = /^[^\S\n]*([^\s#].*)$/m.exec(text)?.[1] ?? "";
  return /^(virtual6?|checktimeout|negotiatetimeout|checkinterval|checkcount|failurecount|autoreload|callback|fallback6?|fallbackcommand|logfile|emailalert(from|freq|status)?|smtp|execute|supervised|fork|quiescent|readdquiescent|cleanstop|maintenancedir)\s*=/i.test(
    first,
  );
}
