// virtual_server_group and virtual_server with its real servers -> sections.

import type { Around } from "../foreign/around.ts";
import { endpoint } from "../foreign/endpoint.ts";
import { type Remarks, Target } from "../foreign/target.ts";
import { carry } from "./carry.ts";
import { addCheck, type Checked, type Checks, isCheck, type OfService } from "./checks.ts";
import { SERVER, SERVICE } from "./keywords.ts";
import type { Statement } from "./tree.ts";

const METHODS = new Set(["NAT", "DR", "TUN"]);
/** check_parser.c takes these and no others. */
const SCHEDULERS = new Set("rr wrr lc wlc lblc lblcr sh mh dh fo ovf sed nq twos".split(" "));

/** Is it one? */
export function addServerGroup(statement: Statement, name: string, around: Around): boolean {
  const target = around.open("virtual_server_group", [name], statement.line);
  for (const { words, line, text } of statement.block ?? []) {
    const port = words[1];
    target.add("member", port === "0" ? (words[0] ?? "") : words.join(" "), line, text);
  }
  if (target.has("member")) return true;
  around.remarks.neverInForce(statement.line, `virtual_server_group ${name}`, "it has no member");
  around.close(target);
  return false;
}

type Service = {
  readonly where: string;
  readonly name: string;
  readonly said: Said;
  readonly saidText: string;
};

/** What its real servers take from it, apart from its name. */
type Said = OfService & {
  /** Of its real servers that name none; null = none. */
  readonly port: number | null;
  readonly forward: string;
  readonly virtualHost: string | null;
};

export function addService(
  statement: Statement,
  checks: Checks,
  bodies: Bodies,
  around: Around,
): void {
  const { words, line } = statement;
  const [, first = "", second] = words;
  const where = words.slice(0, 3).join(" ");
  const place = placeOf(first, second);
  if (first === "group" && !checks.groups.has(second ?? "")) {
    around.remarks.neverInForce(line, where, `there is no virtual_server_group ${second ?? ""}`);
    return;
  }
  const target = around.open("virtual_server", [place.name], line);
  if (first === "fwmark" || first === "group") {
    target.set(
      first,
      first === "group" ? around.nameOf(second ?? "") : (second ?? ""),
      line,
      where,
    );
  } else target.set("address", place.address, line, where);
  let virtualHost: string | null = null;
  const servers: Statement[] = [];
  const own = (one: Statement, keyword: string): void => {
    if (keyword === "real_server") servers.push(one);
    else if (keyword === "virtualhost") virtualHost = one.words[1] ?? null;
    else ownOfService(one, keyword, target, around);
  };
  for (const one of statement.block ?? []) carry(one, SERVICE, where, target, around.remarks, own);
  writeDefaults(target, first, around);
  if (place.address !== "" && place.port === null && !target.has("persistence_timeout")) {
    const why = "it has no port, so it is of every port, and persistent";
    around.remarks.differs(line, `${where}: ${why} for 360 s, as keepalived makes it`);
    target.setDefault("persistence_timeout", "360");
  }
  const said: Said = {
    port: place.port,
    forward: forwardOf(target) ?? "NAT",
    virtualHost,
    delay_loop: target.valueOf("delay_loop"),
    retry: target.valueOf("retry"),
    delay_before_retry: target.valueOf("delay_before_retry"),
  };
  const service = { where, name: target.labels[0] ?? "", said, saidText: JSON.stringify(said) };
  const names = new Set<string>();
  for (const one of servers) addServer(one, service, names, { checks, bodies, around });
}

/** What keepalived's virtual servers are when they do not say. */
function writeDefaults(target: Target, kind: string, around: Around): void {
  target.setDefault("delay_loop", "60");
  target.setDefault("alpha", "no");
  if (kind === "fwmark") {
    if (target.has("protocol")) {
      around.remarks.neverInForce(target.line, "protocol", "a firewall mark is of all protocols");
      target.remove("protocol");
    }
  } else if (!target.has("protocol")) {
    around.remarks.differs(
      target.line,
      `${target.name}: it has no protocol, which is UDP in keepalived; write "protocol TCP" if that was meant`,
    );
    target.setDefault("protocol", "udp");
  }
  if (!target.has("lb_kind")) {
    around.remarks.differs(
      target.line,
      `${target.name}: it has no lb_kind, which is NAT in keepalived`,
    );
  }
}

function placeOf(
  first: string,
  second: string | undefined,
): { readonly name: string; readonly address: string; readonly port: number | null } {
  if (first === "fwmark" || first === "group") {
    const name = first === "group" ? (second ?? "") : `fwmark-${second ?? ""}`;
    return { name, address: "", port: null };
  }
  const port = Number(second ?? 0);
  if (port === 0) return { name: first, address: first, port: null };
  const address = endpoint(first, second ?? "");
  return { name: address, address, port };
}

function ownOfService(one: Statement, keyword: string, target: Target, around: Around): void {
  const { words, line } = one;
  const [, first = "", second] = words;
  switch (keyword) {
    case "lb_algo":
    case "lvs_sched":
      if (SCHEDULERS.has(first)) target.set("lb_algo", first, line);
      else
        around.remarks.neverInForce(
          line,
          words.join(" "),
          "there is no such scheduler, and it is wlc",
        );
      return;
    case "lb_kind":
    case "lvs_method":
    case "sorry_server_lvs_method":
      addMethod(one, keyword === "lvs_method" ? "lb_kind" : keyword, target, around);
      return;
    case "retry":
      addRetry(one, target, around.remarks);
      return;
    case "protocol":
      target.set("protocol", first.toLowerCase(), line);
      return;
    case "persistence_timeout":
      target.set("persistence_timeout", first === "" ? "360" : first, line);
      return;
    case "sorry_server":
      target.set(
        "sorry_server",
        endpoint(first, second === undefined || second === "0" ? null : second),
        line,
      );
  }
}

/** Only a check can do without it. */
function addRetry({ words, line }: Statement, target: Target, remarks: Remarks): void {
  const [, times, ...rest] = words;
  if (times === undefined) remarks.neverInForce(line, "retry", "it has no value");
  else if (Number(times) !== 0) target.set("retry", times, line);
  else remarks.neverInForce(line, `retry ${times}`, "only a check can have less than 1");
  if (rest.length > 0)
    remarks.neverInForce(line, `"${rest.join(" ")}" behind retry`, "it has one value");
}

function addMethod({ words, line }: Statement, key: string, target: Target, around: Around): void {
  const [, method = "", ...options] = words;
  if (METHODS.has(method)) {
    target.set(key, [method, ...options].join(" "), line);
    return;
  }
  const near = METHODS.has(method.toUpperCase())
    ? ` (did you mean "${method.toUpperCase()}"?)`
    : "";
  around.remarks.neverInForce(
    line,
    words.join(" "),
    `it must be NAT, DR or TUN, and is NAT${near}`,
  );
}

function forwardOf(target: Target): string | undefined {
  return target.valueOf("lb_kind")?.split(" ")[0];
}

type Beside = { readonly checks: Checks; readonly bodies: Bodies; readonly around: Around };

function addServer(
  statement: Statement,
  service: Service,
  names: Set<string>,
  beside: Beside,
): void {
  const { words, line } = statement;
  const [, address = "", written] = words;
  const { around } = beside;
  const { remarks } = around;
  const { said } = service;
  const port = portOf(written, said.port);
  const where = words.slice(0, 3).join(" ");
  const name = endpoint(address, port);
  if (names.has(name)) {
    remarks.neverInForce(line, where, `${service.where} has it already`);
    return;
  }
  names.add(name);
  const target = around.open("real_server", [service.name, name], line);
  const server = { where, port, drop: () => around.close(target) };
  const body = bodyOf(statement, server, service, beside);
  const forward = forwardOf(body) ?? said.forward;
  if (forward !== "NAT" && said.port !== null && port !== String(said.port)) {
    const why = `with ${forward} its port is that of the virtual server, ${said.port}`;
    remarks.neverInForce(line, `port ${port} of ${where}`, why);
  } else if (forward !== "NAT" && said.port === null && port !== null) {
    const why = `with ${forward} a packet keeps the port that it came to`;
    remarks.neverInForce(line, `port ${port} of ${where}, but for its checks,`, why);
  }
  target.set("address", endpoint(address, reachedAt(port, forward, said)), line, where);
  target.takeOver(body, line - body.line);
  target.seal();
}

/** By direct routing and tunnels a packet keeps its port, whatever the service is; and so they are listed. */
function reachedAt(port: string | null, forward: string, service: Said): string | null {
  if (forward === "NAT") return port;
  return service.port === null ? null : String(service.port);
}

/** What stands between the braces of real servers, by its text: thousands of them have the same. */
export type Bodies = Map<string, Target>;

function bodyOf(
  statement: Statement,
  server: Pick<Checked, "where" | "port" | "drop">,
  { said, saidText }: Service,
  { checks, bodies, around }: Beside,
): Target {
  const { remarks } = around;
  const { where, port } = server;
  const text = `${saidText} ${port} ${statement.blockText}`;
  const known = bodies.get(text);
  if (known !== undefined) return known;
  const remarked = remarks.count();
  const body = new Target("real_server", [], statement.line, remarks);
  let { virtualHost } = said;
  const found: Statement[] = [];
  const own = (one: Statement, keyword: string): void => {
    if (isCheck(keyword)) found.push(one);
    else if (keyword === "virtualhost") virtualHost = one.words[1] ?? null;
    else if (keyword === "retry") addRetry(one, body, remarks);
    else addMethod(one, "lb_kind", body, around);
  };
  for (const one of statement.block ?? []) carry(one, SERVER, where, body, remarks, own);
  const reached = reachedAt(port, forwardOf(body) ?? said.forward, said);
  const isItsOwn = reached !== null && reached === port;
  const checked = { ...server, server: body, service: said, isItsOwn, virtualHost };
  for (const one of found) addCheck(one, checked, checks, around);
  // What is remarked names the server.
  if (remarks.count() === remarked) bodies.set(text, body);
  return body;
}

function portOf(written: string | undefined, ofService: number | null): string | null {
  if (written !== undefined && written !== "0") return written;
  return ofService === null ? null : String(ofService);
}
