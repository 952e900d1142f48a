import test from "ava";
import fc from "fast-check";
import {
  type Destination,
  type Service,
  type ServiceFlag,
  type ServiceKey,
  serviceName,
  type Tunnel,
} from "../../src/ipvs/model.ts";
import {
  bearableLosses,
  driftText,
  operationText,
  plan,
  planSteps,
  subjectOf,
} from "../../src/ipvs/reconcile.ts";
import { isLive, kernelModel, sorted } from "./kernel-model.ts";

const web: ServiceKey = { kind: "address", protocol: "tcp", address: "10.0.0.1", port: 80 };
const mark: ServiceKey = { kind: "fwmark", fwmark: 7, family: 4 };

const keys = fc.constantFrom<ServiceKey[]>(
  web,
  { ...web, protocol: "udp" },
  { kind: "address", protocol: "tcp", address: "2001:db8::1", port: 80 },
  mark,
  { kind: "fwmark", fwmark: 7, family: 6 },
);
const plain = fc.record<Destination>({
  address: fc.constantFrom("10.0.1.1", "10.0.1.2", "10.0.1.3"),
  port: fc.constantFrom(80, 81),
  forward: fc.constantFrom("NAT", "DR", "TUN"),
  weight: fc.constantFrom(0, 0, 1, 2),
});
const tunnels = fc.constantFrom<Tunnel>(
  { type: "gue", port: 6080, checksum: "none" },
  { type: "gre", port: 0, checksum: "checksum" },
);
const destinations = fc.tuple(plain, fc.option(tunnels), fc.constantFrom(0, 0, 5)).map(
  ([destination, tunnel, upperThreshold]): Destination => ({
    ...destination,
    ...(tunnel !== null && destination.forward === "TUN" && { tunnel }),
    ...(upperThreshold > 0 && { upperThreshold }),
  }),
);
const services: fc.Arbitrary<Service> = fc.record({
  key: keys,
  scheduler: fc.constantFrom("rr", "wrr"),
  flags: fc.subarray<ServiceFlag>(["ops", "flag-1", "flag-2"]),
  persistence: fc.option(
    fc.record({ timeoutS: fc.constantFrom(50, 360), prefixLength: fc.constantFrom(24, 32) }),
  ),
  destinations: fc.uniqueArray(destinations, {
    selector: ({ address, port }) => `${address} ${port}`,
    maxLength: 5,
  }),
});
const tables = fc.uniqueArray(services, { selector: ({ key }) => serviceName(key), maxLength: 4 });
const owners = fc.uniqueArray(keys.map(serviceName)).map((names) => new Set(names));

test("plan() makes any table the desired one, and nothing is left to do afterwards", (t) => {
  fc.assert(
    fc.property(tables, tables, owners, (desired, actual, owned) => {
      const kernel = kernelModel(actual);
      for (const operation of plan(desired, actual, owned)) {
        if (kernel.one(operation) !== undefined) throw new Error(operationText(operation));
      }
      const wanted = new Set(desired.map(({ key }) => serviceName(key)));
      const foreign = actual.filter(
        ({ key }) => !wanted.has(serviceName(key)) && !owned.has(serviceName(key)),
      );
      t.deepEqual(sorted(kernel.table()), sorted([...desired, ...foreign]));
      t.deepEqual(plan(desired, kernel.table(), owned), []);
    }),
    { numRuns: 500 },
  );
});

test("plan() never names a service that is neither desired nor owned", (t) => {
  fc.assert(
    fc.property(tables, tables, owners, (desired, actual, owned) => {
      const ours = new Set([...owned, ...desired.map(({ key }) => serviceName(key))]);
      for (const operation of plan(desired, actual, owned)) {
        t.true(ours.has(serviceName(subjectOf(operation))));
      }
    }),
  );
});

test("plan() has no step without a live destination in a service that has one before and after", (t) => {
  fc.assert(
    fc.property(tables, tables, owners, (desired, actual, owned) => {
      const kernel = kernelModel(actual);
      const kept = desired.filter(
        (service) =>
          isLive(service) &&
          isLive(actual.find(({ key }) => serviceName(key) === serviceName(service.key))),
      );
      for (const operation of plan(desired, actual, owned)) {
        kernel.one(operation);
        for (const { key } of kept) {
          if (!isLive(kernel.service(key)))
            throw new Error(`dead after ${operationText(operation)}`);
        }
      }
      t.pass();
    }),
    { numRuns: 500 },
  );
});

test("bearableLosses() leaves a live destination to a service that had one, whatever fails", (t) => {
  const places = fc.uniqueArray(fc.constantFrom("10.0.1.1:80", "10.0.1.2:80", "10.0.1.3:81"));
  fc.assert(
    fc.property(tables, tables, places, (desired, actual, refused) => {
      const kernel = kernelModel(actual);
      for (const name of refused) kernel.refused.set(name, "ENOMEM");
      const steps = planSteps(desired, actual, new Set());
      const failed = new Set(
        steps.gains.filter((operation) => kernel.one(operation) !== undefined),
      );
      for (const operation of bearableLosses(steps, failed, actual)) {
        if (kernel.one(operation) !== undefined) throw new Error(operationText(operation));
      }
      for (const service of desired) {
        const before = actual.find(({ key }) => serviceName(key) === serviceName(service.key));
        if (isLive(service) && isLive(before)) t.true(isLive(kernel.service(service.key)));
      }
    }),
    { numRuns: 500 },
  );
});

test("bearableLosses() still takes a dead server away when another one serves", (t) => {
  const dead = { ...destination("10.0.1.2"), weight: 1 };
  const before = service({ destinations: [destination("10.0.1.1"), dead] });
  const after = service({ destinations: [destination("10.0.1.1"), destination("10.0.1.3")] });
  const steps = planSteps([after], [before], new Set());
  t.deepEqual(bearableLosses(steps, new Set(steps.gains), [before]).map(operationText), [
    "remove 10.0.1.2:80 from tcp 10.0.0.1:80",
  ]);
});

test("driftText() says what somebody did", (t) => {
  const ours = service({ destinations: [destination("10.0.1.1"), destination("10.0.1.2")] });
  const theirs = service({
    scheduler: "wlc",
    destinations: [{ ...destination("10.0.1.1"), weight: 9 }, destination("10.0.1.9")],
  });
  t.deepEqual(plan([ours], [theirs], new Set()).map(driftText), [
    "tcp 10.0.0.1:80 changed: scheduler rr -> wlc",
    "10.0.1.2:80 removed from tcp 10.0.0.1:80",
    "10.0.1.1:80 of tcp 10.0.0.1:80 changed: weight 1 -> 9",
    "10.0.1.9:80 added to tcp 10.0.0.1:80",
  ]);
  t.deepEqual(plan([], [ours], new Set([serviceName(web)])).map(driftText), [
    "tcp 10.0.0.1:80 added",
  ]);
  t.deepEqual(plan([service({})], [], new Set()).map(driftText), ["tcp 10.0.0.1:80 removed"]);
});

test("plan() replaces the only server by adding the new one first", (t) => {
  const before = service({ destinations: [destination("10.0.1.1")] });
  const after = service({ destinations: [destination("10.0.1.2")] });
  t.deepEqual(plan([after], [before], new Set()).map(operationText), [
    "add 10.0.1.2:80 to tcp 10.0.0.1:80",
    "remove 10.0.1.1:80 from tcp 10.0.0.1:80",
  ]);
});

test("plan() edits scheduler, persistence, weight and forwarding in place, and says from what to what", (t) => {
  const before = service({ destinations: [destination("10.0.1.1")] });
  const after = service({
    scheduler: "sh",
    persistence: { timeoutS: 50, prefixLength: 24 },
    destinations: [{ ...destination("10.0.1.1"), forward: "DR", weight: 5 }],
  });
  t.deepEqual(plan([after], [before], new Set()).map(operationText), [
    "set tcp 10.0.0.1:80: scheduler rr -> sh, persistence none -> 50 s /24",
    "set 10.0.1.1:80 of tcp 10.0.0.1:80: forward NAT -> DR, weight 1 -> 5",
  ]);
});

test("plan() sees flags, thresholds and tunnels that were set by hand", (t) => {
  const ours = service({ destinations: [{ ...destination("10.0.1.1"), forward: "TUN" }] });
  const theirs = service({
    flags: ["ops"],
    persistenceEngine: "sip",
    destinations: [
      {
        ...destination("10.0.1.1"),
        forward: "TUN",
        upperThreshold: 9,
        tunnel: { type: "gue", port: 6080, checksum: "none" },
      },
    ],
  });
  t.deepEqual(plan([ours], [theirs], new Set()).map(operationText), [
    "set tcp 10.0.0.1:80: flags ops -> none, persistence engine sip -> none",
    "set 10.0.1.1:80 of tcp 10.0.0.1:80: upper threshold 9 -> 0, tunnel gue port 6080 checksum none -> ipip port 0 checksum none",
  ]);
});

test("plan() removes a service that is owned and no longer desired, and leaves a foreign one", (t) => {
  const gone = service({ key: mark });
  const foreign = service({});
  t.deepEqual(plan([], [gone, foreign], new Set(["fwmark 7"])).map(operationText), [
    "remove fwmark 7",
  ]);
});

function service(different: Partial<Service>): Service {
  return { key: web, scheduler: "rr", persistence: null, destinations: [], ...different };
}

function destination(address: string): Destination {
  return { address, port: 80, forward: "NAT", weight: 1 };
}
