import test from "ava";
import type { VrrpInstanceConfig } from "../../src/config/model.ts";
import { planReload } from "../../src/daemon/vrrp/reload.ts";
import type { AdvertWay, InstanceConfig } from "../../src/vrrp/model.ts";
import { instanceConfig } from "../helpers/desk-fixtures.ts";

function router(
  name: string,
  vrrp: Partial<InstanceConfig> = {},
  way: Partial<AdvertWay> = {},
): VrrpInstanceConfig {
  const config = instanceConfig(name);
  return { ...config, vrrp: { ...config.vrrp, ...vrrp }, way: { ...config.way, ...way } };
}

function plan(
  before: readonly VrrpInstanceConfig[],
  after: readonly VrrpInstanceConfig[],
): unknown {
  const running = before.map((config) => ({ config: () => config }));
  const { kept, stopped, started } = planReload(running, after);
  return {
    kept: kept.map((each) => `${each.running.config().vrrp.name}>${each.next.vrrp.name}`),
    stopped: stopped.map((each) => each.config().vrrp.name),
    started: started.map(({ vrrp }) => vrrp.name),
  };
}

function peer(address: string): AdvertWay["peers"][number] {
  return { address, ttlMin: 255, ttlMax: 255 };
}

test("planReload(): a renamed instance goes on, and two that swap their names too", (t) => {
  const [a, b] = [router("A", { vrid: 1 }), router("B", { vrid: 2 })];
  t.deepEqual(plan([a], [router("Z", { vrid: 1 })]), { kept: ["A>Z"], stopped: [], started: [] });
  const swapped = [router("A", { vrid: 2 }), router("B", { vrid: 1 })];
  t.deepEqual(plan([a, b], swapped), { kept: ["B>A", "A>B"], stopped: [], started: [] });
});

for (const [what, next] of [
  ["virtual_router_id", router("A", { vrid: 2 })],
  ["interface", router("A", { interface: "eth1" })],
  ["version", router("A", { version: 3 })],
  ["family", router("A", {}, { family: 6 })],
  ["unicast in place of the group", router("A", {}, { peers: [peer("192.0.2.9")] })],
] as const) {
  test(`planReload(): another ${what} is another router`, (t) => {
    t.deepEqual(plan([router("A")], [next]), { kept: [], stopped: ["A"], started: ["A"] });
  });
}

test("planReload(): another unicast source is another router, other peers are not", (t) => {
  const way = { source: "192.0.2.1", peers: [peer("192.0.2.2")] };
  const before = [router("A", {}, way)];
  const moved = router("A", {}, { ...way, source: "192.0.2.3" });
  t.deepEqual(plan(before, [moved]), { kept: [], stopped: ["A"], started: ["A"] });
  const others = router("B", {}, { ...way, peers: [peer("192.0.2.4")] });
  t.deepEqual(plan(before, [others]), { kept: ["A>B"], stopped: [], started: [] });
});

test("planReload(): another source of multicast adverts is the same router", (t) => {
  const next = router("A", {}, { source: "192.0.2.3" });
  t.deepEqual(plan([router("A")], [next]), { kept: ["A>A"], stopped: [], started: [] });
});

test("planReload(): of several with one identity, the name decides, then the peers", (t) => {
  const one = { peers: [peer("192.0.2.1")] };
  const two = { peers: [peer("192.0.2.2")] };
  const before = [router("A", {}, one), router("B", {}, two)];
  t.deepEqual(plan(before, [router("Y", {}, two), router("A", {}, one)]), {
    kept: ["A>A", "B>Y"],
    stopped: [],
    started: [],
  });
  t.deepEqual(plan(before, [router("Y", {}, two), router("Z", {}, one)]), {
    kept: ["B>Y", "A>Z"],
    stopped: [],
    started: [],
  });
});
