import test from "ava";
import type { RealServerConfig, VirtualServerConfig } from "../../src/config/model.ts";
import { decide, type Facts, NO_VERDICT, type ServerFacts } from "../../src/director/verdict.ts";
import type { Service } from "../../src/ipvs/model.ts";
import { commonCheck } from "../helpers/checks.ts";
import { realServerConfig, virtualServerConfig, WEB_KEY } from "../helpers/virtual-server.ts";

const fine: ServerFacts = {
  up: true,
  weight: undefined,
  isUndecided: false,
  isPending: false,
  isOut: false,
};
const dead = { ...fine, up: false };
const fresh = { ...dead, isUndecided: true, isPending: true };

test("decide() gives the very same services while nothing happens, and looks at no real server", (t) => {
  const configs = [service("a", 1), service("b", 2)];
  const first = decide(configs, facts({ found: new Map() }), NO_VERDICT);
  let asked = 0;
  const serverOf = (): ServerFacts => {
    asked += 1;
    return fine;
  };
  const second = decide(configs, { ...facts({}), serverOf }, first);
  t.is(second.services, first.services);
  t.deepEqual([asked, second.news], [0, []]);
  const third = decide(configs, { ...facts({ touched: ["b"] }), serverOf }, second);
  t.is(asked, 1);
  t.is(third.judgements.get("a"), first.judgements.get("a"));
  t.not(third.judgements.get("b"), first.judgements.get("b"));
});

test("decide() tells a quorum when it is another one, and its loss at a start when somebody has looked", (t) => {
  const configs = [service("a", 1)];
  const told = (...servers: readonly ServerFacts[]): unknown[] => {
    let verdict = NO_VERDICT;
    return servers.map((server) => {
      verdict = decide(configs, facts({ server, touched: ["a"] }), verdict);
      return verdict.news.map((news) => (news.kind === "quorum" ? [news.up, news.isFirst] : news));
    });
  };
  t.deepEqual(told(fresh, dead, dead, fine, dead), [
    [],
    [[false, true]],
    [],
    [[true, false]],
    [[false, false]],
  ]);
});

test("decide() keeps a refused virtual server out of the table, and says why once", (t) => {
  const configs = [service("a", 1), service("b", 2)];
  const refused = new Map([["a", "NAT needs forwarding"]]);
  const first = decide(configs, facts({ found: new Map(), refused }), NO_VERDICT);
  t.is(first.services.length, 1);
  t.like(first.news[0], { kind: "refused", virtualServer: "a", error: "NAT needs forwarding" });
  const second = decide(configs, facts({ refused: new Map(refused) }), first);
  t.is(second.services, first.services);
  t.deepEqual(second.news, []);
  t.is(decide(configs, facts({}), second).services.length, 2);
});

test("decide() keeps what serves while the new ones are pending, for a check's time at most", (t) => {
  const configs = [service("web", 2)];
  const old: Service = {
    key: WEB_KEY,
    scheduler: "rr",
    persistence: null,
    destinations: [{ address: "10.0.1.1", port: 80, forward: "NAT", weight: 1 }],
  };
  const found = new Map([["tcp 10.0.0.1:80", old]]);
  const begun = decide(configs, facts({ found, server: fresh }), NO_VERDICT);
  const [waiting] = begun.news;
  if (waiting?.kind !== "waiting") return t.fail("nobody waits");
  t.deepEqual(places(begun.services), ["10.0.1.1"]);
  t.is(begun.againAtMs, 200);
  const { limitMs } = waiting;
  const held = decide(configs, facts({ server: fresh, nowMs: limitMs - 1 }), begun);
  t.is(held.services, begun.services);
  const over = decide(configs, facts({ server: fresh, nowMs: limitMs }), held);
  t.deepEqual([places(over.services), over.againAtMs], [[], Infinity]);
  const decided = decide(configs, facts({ server: fine, touched: ["web"] }), begun);
  t.deepEqual(places(decided.services), ["10.0.1.2"]);
  return undefined;
});

test("decide() gives what is in maintenance weight 0 or takes it out, whatever its checks say", (t) => {
  const server = { ...fine, weight: 7, isOut: true };
  const weights = (different: Partial<VirtualServerConfig>): readonly number[] => {
    const configs = [{ ...service("web", 1), ...different }];
    const { services } = decide(configs, facts({ server }), NO_VERDICT);
    return services.flatMap(({ destinations }) => destinations.map(({ weight }) => weight));
  };
  t.deepEqual(weights({}), [0]);
  t.deepEqual(weights({ maintenanceRemove: true }), []);
});

function facts(given: {
  readonly nowMs?: number;
  readonly server?: ServerFacts;
  readonly touched?: readonly string[];
  readonly refused?: Facts["refused"];
  readonly found?: ReadonlyMap<string, Service>;
}): Facts {
  const { nowMs = 0, server = fine, touched = [], refused = new Map(), found } = given;
  const isTouched = (name: string): boolean => touched.includes(name);
  return { nowMs, serverOf: () => server, isTouched, refused, ...(found && { found }) };
}

function service(name: string, octet: number): VirtualServerConfig {
  return virtualServerConfig({ name, realServers: [real(octet)] });
}

function real(octet: number): RealServerConfig {
  const check = { ...commonCheck, name: "ok", type: "tcp", tls: null, steps: [] } as const;
  return realServerConfig(`rs${octet}`, `10.0.1.${octet}`, { checks: [check] });
}

function places(services: readonly Service[]): readonly string[] {
  return services.flatMap(({ destinations }) => destinations.map(({ address }) => address));
}
