// What an instance tells the desk.

import test from "ava";
import { encodeAdvert, VRRP_GROUP_IPV4 } from "../../src/wire/vrrp.ts";
import { type Bench, MASTER_DOWN_MS, openBench } from "./vrrp-fakes.ts";

const OTHER = "198.51.100.20";

function hear(bench: Bench, priority: number): void {
  const advert = { version: 3, vrid: 51, priority, advertIntervalMs: 1000, authType: 0 } as const;
  const path = { source: OTHER, destination: VRRP_GROUP_IPV4 };
  const payload = encodeAdvert({ ...advert, addresses: ["203.0.113.1"] }, path);
  bench.instance.hear({ ttl: 255, ...path, payload });
}

function master(...options: Parameters<typeof openBench>): Bench {
  const bench = openBench(...options);
  bench.instance.start();
  bench.advance(MASTER_DOWN_MS);
  return bench;
}

function told(bench: Bench, kind: string): readonly unknown[] {
  return bench.events.filter((event) => event.kind === kind);
}

test("a master that hears a lower priority tells it, once a second at most", (t) => {
  const bench = master();
  for (let n = 0; n < 5; n++) hear(bench, 10);
  t.is(told(bench, "rx_lower_priority").length, 1);
  t.like(told(bench, "rx_lower_priority")[0], { priority: 100, their_priority: 10, source: OTHER });
  bench.advance(1000);
  hear(bench, 10);
  t.is(told(bench, "rx_lower_priority").length, 2);
});

test("no lower priority is told of a master that leaves, nor of one that takes over, nor by a backup", (t) => {
  const bench = openBench();
  bench.instance.start();
  hear(bench, 10);
  bench.advance(MASTER_DOWN_MS);
  hear(bench, 0);
  hear(bench, 200);
  t.deepEqual(told(bench, "rx_lower_priority"), []);
});

test("the successor of a master that hands over is no lower one", async (t) => {
  const bench = master();
  const over = bench.instance.handOver();
  hear(bench, 0);
  hear(bench, 10);
  bench.advance(1000);
  await over;
  t.deepEqual(told(bench, "rx_lower_priority"), []);
});

test("a transition is told with the other node, when it was heard, and why our priority is what it is", (t) => {
  const bench = openBench();
  bench.instance.start();
  hear(bench, 150);
  for (let second = 1; second <= 3; second += 1) {
    bench.advance(1000);
    hear(bench, 90);
  }
  bench.advance(MASTER_DOWN_MS - 3000);
  const peer = { address: OTHER, priority: 90, heard_ms_ago: 61 };
  t.like(told(bench, "instance_state").at(-1), {
    to: "MASTER",
    cause: "master_priority_fell",
    priority: 100,
    base_priority: 100,
    priority_why: "100",
    peer,
  });
  t.like(
    bench.lines.find(({ to }) => to === "MASTER"),
    {
      level: 30,
      msg: "state changed",
      cause: "master_priority_fell",
      priority: 100,
      priority_why: "100",
      peer: OTHER,
      peer_priority: 90,
      peer_heard_ms_ago: 61,
    },
  );
});

test("FAULT is a warning with its causes as data, and a reason of the status while it lasts", (t) => {
  const bench = master();
  hear(bench, 10);
  bench.setPort({ faults: ["interface_down"] });
  const faults = [{ cause: "interface_down", detail: null, since: null }];
  const line = bench.lines.find(({ to }) => to === "FAULT");
  t.like(line, { level: 40, msg: "state changed", from: "MASTER", cause: "fault" });
  t.deepEqual(line?.["faults"], faults);
  const event = told(bench, "instance_state").at(-1) as { readonly faults: unknown };
  t.like(event, { to: "FAULT", cause: "interface_down", peer: { address: OTHER, priority: 10 } });
  t.deepEqual(event.faults, faults);
  const cause = "FAULT: interface_down";
  t.like(told(bench, "degraded"), [
    { what: "instance_fault", subject: "VI_1", begins: true, cause },
  ]);
  bench.setPort({ faults: [] });
  t.like(told(bench, "degraded").at(-1), { what: "instance_fault", begins: false });
});

test("a priority that changes is told with the state", (t) => {
  const bench = master();
  const config = bench.instance.config();
  bench.instance.reconfigure({ ...config, vrrp: { ...config.vrrp, priority: 90 } }, bench.port);
  bench.instance.reconsider();
  t.like(told(bench, "priority")[0], { state: "MASTER", from: 100, to: 90 });
});

for (const [why, notifyDeleted, to] of [
  ["removed", "/x", "DELETED"],
  ["removed", null, "STOP"],
  ["shutdown", "/x", "STOP"],
] as const) {
  const written = notifyDeleted === null ? "without" : "with";
  test(`an instance ${written} notify_deleted that ends by ${why} says ${to}`, (t) => {
    const bench = master({}, { notifyDeleted });
    bench.instance.stop(why);
    t.like(told(bench, "instance_state").at(-1), { from: "MASTER", to });
  });
}
