// A command line of ipvsadm -> what it asks for, or why it cannot be used, in ipvsadm's words and with its exit status.
// Pure: nothing is asked of the kernel, names are looked up by what is passed in.

import { familyOf } from "../../lib/ip.ts";
import { persistenceOf } from "../canonical.ts";
import type { Destination, Service, ServiceFlag, ServiceKey } from "../model.ts";
import type { Command } from "./command.ts";
import { type Draft, newDraft, Refusal, take, timeoutOf } from "./draft.ts";
import type { CommandName } from "./options.ts";
import { commandProblem, hasTunnelOption, listProblem, tunnelProblem } from "./rules.ts";
import type { Names } from "./values.ts";
import { readWords } from "./words.ts";

export type Parsed =
  | { readonly ok: true; readonly command: Command }
  | { readonly ok: false; readonly status: number; readonly message: string };

const DEFAULT_SCHEDULER = "wlc";
const DEFAULT_INTERFACE = "eth0";

/** `program`: what to call it in advice. At least one argument. */
export function parse(
  argv: readonly string[],
  options: { readonly program: string; readonly names: Names },
): Parsed {
  try {
    return { ok: true, command: commandOf(argv, options.program, options.names) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { ok: false, status: error.status, message: error.message };
  }
}

/** What somebody who made no sense is told. */
export function advice(program: string): string {
  return `Try \`${program} -h' or '${program} --help' for more information.`;
}

function commandOf(argv: readonly string[], program: string, names: Names): Command {
  const { words, rest, error } = readWords(argv);
  const [first, ...more] = words;
  const name = first?.option.command;
  if (first === undefined || name === undefined) throw new Refusal(advice(program), 255);
  if (name === "help" || name === "version") return { kind: name };
  const draft = newDraft();
  const state = daemonState(name, first.value);
  if (state !== undefined) draft.daemon = { ...draft.daemon, state };
  for (const word of more) take(draft, word, names);
  if (error !== null) throw new Refusal(`${error.argument}: ${error.text}`, 255);
  const operands = name === "set" ? rest.slice(0, 3) : [];
  const timeouts = operands.map((text) => timeoutOf(text, 0));
  if (name === "set" && timeouts.length < 3) {
    throw new Refusal("--set option requires 3 timeout values");
  }
  const unexpected = rest[operands.length];
  if (unexpected !== undefined) throw new Refusal(`unexpected argument ${unexpected}`);
  const flags = schedulerFlags(draft);
  refuse(commandProblem(name, draft.given));
  return finish(name, draft, { flags, timeouts });
}

function finish(
  name: Exclude<CommandName, "help" | "version">,
  draft: Draft,
  { flags, timeouts }: { readonly flags: readonly ServiceFlag[]; readonly timeouts: number[] },
): Command {
  switch (name) {
    case "add-service":
    case "edit-service":
      return { kind: name, service: serviceOf(draft, flags) };
    case "delete-service":
      return { kind: name, key: keyOf(draft) };
    case "flush":
      return { kind: "clear" };
    case "list":
      return listOf(draft);
    case "add-server":
    case "edit-server":
      checkServer(draft);
      // Nothing but NAT can map ports; a mark has none to follow.
      if (draft.fwmark === 0 && draft.forward !== "NAT" && draft.server) {
        draft.server.port = draft.port;
      }
      return { kind: name, key: keyOf(draft), destination: destinationOf(draft) };
    case "delete-server":
      return { kind: name, key: keyOf(draft), destination: destinationOf(draft) };
    case "set": {
      const [tcpS = 0, tcpFinS = 0, udpS = 0] = timeouts;
      return { kind: name, timeouts: { tcpS, tcpFinS, udpS } };
    }
    case "start-daemon": {
      const { daemon } = draft;
      return {
        kind: name,
        daemon: { ...daemon, interface: daemon.interface || DEFAULT_INTERFACE },
      };
    }
    case "stop-daemon":
      return { kind: name, daemon: draft.daemon };
    case "zero": {
      // As for ipvsadm, the service 0.0.0.0:0 is all of them.
      const isAny = draft.fwmark === 0 && draft.port === 0 && /^[0.:]*$/.test(draft.address);
      return { kind: name, key: isAny ? null : keyOf(draft) };
    }
    case "save":
      return { kind: name, numeric: draft.given.has("numeric") };
    case "restore":
      return { kind: name, replace: draft.given.has("replace") };
  }
}

function daemonState(name: CommandName, word: string | undefined): "master" | "backup" | undefined {
  if (name !== "start-daemon" && name !== "stop-daemon") return undefined;
  if (word === "master" || word === "backup") return word;
  throw new Refusal(
    name === "start-daemon"
      ? "illegal start-daemon parameter specified"
      : "illegal start_daemon specified",
  );
}

function serviceOf(draft: Draft, flags: readonly ServiceFlag[]): Omit<Service, "destinations"> {
  const isPersistent = draft.given.has("persistent");
  if (draft.fwmark === 0 && draft.port === 0 && !isPersistent) {
    throw new Refusal("Zero port specified for non-persistent service");
  }
  const ops = draft.given.has("ops");
  if (ops && draft.fwmark === 0 && draft.protocol !== "udp") {
    throw new Refusal("One-Packet Scheduling is only for UDP virtual services");
  }
  const allFlags = [...(ops ? ["ops" as const] : []), ...flags];
  return {
    key: keyOf(draft),
    scheduler: draft.scheduler || DEFAULT_SCHEDULER,
    persistence: isPersistent ? persistenceOf(draft.timeoutS, draft.mask) : null,
    ...(allFlags.length > 0 && { flags: allFlags }),
    ...(draft.engine !== "" && { persistenceEngine: draft.engine }),
  };
}

/** Whatever was not given is as in a message of zeros. */
function keyOf({ fwmark, family, protocol, address, port }: Draft): ServiceKey {
  if (fwmark !== 0) return { kind: "fwmark", fwmark, family: family ?? 4 };
  return { kind: "address", protocol: protocol ?? "tcp", address, port };
}

function destinationOf(draft: Draft): Destination {
  const { server, forward, weight, upperThreshold, lowerThreshold, tunnel } = draft;
  return {
    address: server?.address ?? "0.0.0.0",
    port: server?.port ?? 0,
    forward,
    weight,
    ...(upperThreshold !== 0 && { upperThreshold }),
    ...(lowerThreshold !== 0 && { lowerThreshold }),
    ...(forward === "TUN" && tunnel.type !== "ipip" && { tunnel }),
  };
}

function checkServer(draft: Draft): void {
  const family = draft.server && familyOf(draft.server.address);
  if (family !== draft.family && draft.forward !== "TUN") {
    throw new Refusal("Different address family is allowed only for tunneling servers");
  }
  if (hasTunnelOption(draft.given) && draft.forward !== "TUN") {
    throw new Refusal("Tunnel options conflict with forward method");
  }
  refuse(tunnelProblem(draft.tunnel.type, draft.given));
}

function listOf({ given, ...draft }: Draft): Command {
  refuse(listProblem(given));
  const what = (["connection", "timeout", "daemon"] as const).find((topic) => given.has(topic));
  return {
    kind: "list",
    what: what === "connection" ? "connections" : (what ?? "table"),
    key: given.has("service-address") ? keyOf({ given, ...draft }) : null,
    format: {
      stats: given.has("stats"),
      rate: given.has("rate"),
      thresholds: given.has("thresholds"),
      persistentConnections: given.has("persistent-conn"),
      tunnelInfo: given.has("tun-info"),
      numeric: given.has("numeric"),
      sorted: !given.has("nosort"),
      exact: given.has("exact"),
      json: given.has("json"),
    },
  };
}

const FLAGS: Readonly<Record<string, { readonly flag: ServiceFlag; readonly of?: string }>> = {
  "flag-1": { flag: "flag-1" },
  "flag-2": { flag: "flag-2" },
  "flag-3": { flag: "flag-3" },
  "sh-fallback": { flag: "flag-1", of: "sh" },
  "sh-port": { flag: "flag-2", of: "sh" },
  "mh-fallback": { flag: "flag-1", of: "mh" },
  "mh-port": { flag: "flag-2", of: "mh" },
};

function schedulerFlags({ schedulerFlags: text, scheduler }: Draft): readonly ServiceFlag[] {
  if (text === "") return [];
  const flags = text
    .split(",")
    .filter((word) => word !== "")
    .map((word) => {
      const known = FLAGS[word];
      if (known === undefined) throw new Refusal(`invalid scheduler flag \`${word}'`);
      if (known.of !== undefined && known.of !== (scheduler || DEFAULT_SCHEDULER)) {
        throw new Refusal(`incompatible scheduler flag \`${word}'`);
      }
      return known.flag;
    });
  return [...new Set(flags)].sort();
}

function refuse(problem: string | undefined): void {
  if (problem !== undefined) throw new Refusal(problem);
}
