// Which options go with which command, and with which kind of tunnel. Pure; the texts are what ipvsadm says, so that
// scripts that read them go on working.

import type { Tunnel } from "../model.ts";
import { type CommandName, TOPICS, type Topic } from "./options.ts";

type Rule = {
  readonly required?: readonly Topic[];
  readonly optional?: readonly Topic[];
  /** At most one of them. */
  readonly oneOf?: readonly Topic[];
};

const TUNNEL_TOPICS = [
  "tun-type",
  "tun-port",
  "tun-nocsum",
  "tun-csum",
  "tun-remcsum",
] as const satisfies readonly Topic[];

const SERVICE: Rule = {
  required: ["service-address"],
  optional: ["scheduler", "persistent", "netmask", "ops", "pe", "sched-flags"],
};
const SERVER: Rule = {
  required: ["service-address", "real-server"],
  optional: ["forwarding-method", "weight", "u-threshold", "l-threshold", ...TUNNEL_TOPICS],
};

const RULES: Readonly<Record<CommandName, Rule>> = {
  "add-service": SERVICE,
  "edit-service": SERVICE,
  "delete-service": { required: ["service-address"] },
  flush: {},
  list: {
    // syncid means nothing here, but ipvsadm takes it.
    optional: [
      "numeric",
      "stats",
      "rate",
      "thresholds",
      "persistent-conn",
      "nosort",
      "syncid",
      "exact",
      "tun-info",
      "json",
    ],
    oneOf: ["connection", "service-address", "timeout", "daemon"],
  },
  "add-server": SERVER,
  "edit-server": SERVER,
  "delete-server": { required: ["service-address", "real-server"] },
  set: {},
  "start-daemon": {
    optional: [
      "mcast-interface",
      "syncid",
      "mcast-group",
      "mcast-port",
      "mcast-ttl",
      "sync-maxlen",
    ],
  },
  "stop-daemon": { optional: ["syncid"] },
  restore: { optional: ["replace"] },
  save: { optional: ["numeric"] },
  zero: { optional: ["service-address"] },
  help: {},
  version: {},
};

const TUNNEL_RULES: Readonly<Record<Tunnel["type"], Rule>> = {
  ipip: {},
  gue: { required: ["tun-port"], oneOf: ["tun-nocsum", "tun-csum", "tun-remcsum"] },
  gre: { oneOf: ["tun-nocsum", "tun-csum"] },
};

/** What is wrong with these options of the command, or undefined. */
export function commandProblem(
  command: CommandName,
  given: ReadonlySet<Topic>,
): string | undefined {
  return problem(RULES[command], TOPICS, given, `'${command}' command`);
}

/** The same for the options of a tunnel. */
export function tunnelProblem(type: Tunnel["type"], given: ReadonlySet<Topic>): string | undefined {
  const topics = TUNNEL_TOPICS.filter((topic) => topic !== "tun-type");
  return problem(TUNNEL_RULES[type], topics, given, `'${type}' tunnel type`);
}

export function hasTunnelOption(given: ReadonlySet<Topic>): boolean {
  return TUNNEL_TOPICS.some((topic) => given.has(topic));
}

/** Listings that exclude each other beyond "one of them". */
export function listProblem(given: ReadonlySet<Topic>): string | undefined {
  const any = (...topics: Topic[]): boolean => topics.some((topic) => given.has(topic));
  const conflict =
    (any("connection", "timeout", "daemon") && any("stats", "rate", "thresholds")) ||
    (any("timeout", "daemon") && any("persistent-conn"));
  return conflict ? "options conflicts in the list command" : undefined;
}

function problem(
  rule: Rule,
  topics: readonly Topic[],
  given: ReadonlySet<Topic>,
  place: string,
): string | undefined {
  let first: Topic | undefined;
  for (const topic of topics) {
    if (!given.has(topic)) {
      if (rule.required?.includes(topic)) {
        return `You need to supply the '${topic}' option for the ${place}`;
      }
    } else if (rule.oneOf?.includes(topic)) {
      if (first !== undefined) {
        return `The option '${topic}' conflicts with the '${first}' option in the ${place}`;
      }
      first = topic;
    } else if (!rule.required?.includes(topic) && !rule.optional?.includes(topic)) {
      return `Illegal '${topic}' option with the ${place}`;
    }
  }
  return undefined;
}
