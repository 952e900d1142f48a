import test from "ava";
import fc from "fast-check";
import { parse } from "../../../src/ipvs/ipvsadm/parse.ts";
import { restore } from "../../../src/ipvs/ipvsadm/restore.ts";
import { saveText } from "../../../src/ipvs/ipvsadm/save-text.ts";
import type {
  ListedDestination,
  ListedService,
  Service,
  ServiceKey,
} from "../../../src/ipvs/model.ts";
import { plan } from "../../../src/ipvs/reconcile.ts";

const names = {
  addressOf: () => undefined,
  hostOf: () => undefined,
  portOf: () => undefined,
  serviceOf: () => undefined,
};
const parseLine = (words: readonly string[]) => parse(words, { program: "ipvsadm", names });
const restored = (text: string, base: readonly Service[] = []) =>
  restore(text, { base, parseLine, program: "ipvsadm" });

test("every bad line is told, with its number; blank lines, comments and a leading ipvsadm are none", (t) => {
  const { problems, lineCount } = restored(`# a comment
ipvsadm -A -t 10.0.0.1:80 -s rr

-A -t 10.0.0.1:80
-a -t 10.0.0.1:80 -r 10.0.0.2 -w heavy
-a -t 10.0.0.9:80 -r 10.0.0.2
-d -t 10.0.0.1:80 -r 10.0.0.2
-E -f 1
-Ln
nonsense
`);
  t.is(lineCount, 8);
  t.deepEqual(
    problems.map(({ line, message }) => `${line}: ${message}`),
    [
      "4: Service already exists",
      "5: illegal weight specified",
      "6: Service not defined",
      "7: No such destination",
      "8: No such service",
      "9: Cannot list in a restore: a line can only change something",
      "10: no command is there",
    ],
  );
});

test("lines are added to the table; -C begins anew; the last word on a real server counts", (t) => {
  const base = restored("-A -f 1\n-a -f 1 -r 10.0.0.2:80").services;
  t.deepEqual(
    restored("-a -f 1 -r 10.0.0.3:80\n-e -f 1 -r 10.0.0.2:80 -w 7\n-D -f 1\n-A -f 2", base).services.map(({ key }) => key),
    [{ kind: "fwmark", fwmark: 2, family: 4 }],
  );
  const [service] = restored("-e -f 1 -r 10.0.0.2:80 -w 7", base).services;
  t.is(service?.destinations[0]?.weight, 7);
  t.deepEqual(restored("-C", base).services, []);
}); // biome-ignore format: one a line

test("what is beside the table is kept for later, and an operation knows its line", (t) => {
  const { settings, services, lineOf } = restored(
    "--set 1 2 3\n-A -f 1\n-a -f 1 -r 10.0.0.2:80\n-Z",
  );
  t.deepEqual(
    settings.map(({ kind }) => kind),
    ["set", "zero"],
  );
  const origins = plan(services, [], new Set()).map((operation) => lineOf(operation)?.line);
  t.deepEqual(origins, [2, 3]);
});

test("whatever table is saved, the lines restore it", (t) => {
  fc.assert(
    fc.property(tables(), (table) => {
      const { services, problems } = restored(saveText(table, null));
      t.deepEqual(problems, []);
      t.deepEqual(plan(services, table, new Set()), []);
      t.is(services.length, table.length);
    }),
  );
});

function tables(): fc.Arbitrary<readonly ListedService[]> {
  const address = fc.oneof(fc.ipV4(), fc.constantFrom("2001:db8::1", "fe80::2:3", "fd00::"));
  const port = fc.integer({ min: 1, max: 65535 });
  const persistence = fc.record({
    timeoutS: fc.integer({ min: 1, max: 2_678_400 }),
    prefixLength: fc.integer({ min: 1, max: 32 }),
  });
  const tunnel = fc.oneof(
    fc.constant(undefined),
    fc.record({
      type: fc.constant("gue" as const),
      port,
      checksum: fc.constantFrom("none" as const, "checksum" as const, "remote-checksum" as const),
    }),
    fc.record({
      type: fc.constant("gre" as const),
      port: fc.constant(0),
      checksum: fc.constantFrom("none" as const, "checksum" as const),
    }),
  );
  const threshold = fc.option(fc.integer({ min: 1, max: 2 ** 31 - 1 }), { nil: undefined });
  const flag = fc.constantFrom("ops" as const, "flag-1" as const, "flag-2" as const, "flag-3" as const);

  function server(key: ServiceKey): fc.Arbitrary<ListedDestination> {
    const family = (text: string): boolean => text.includes(":");
    const isInet6 = key.kind === "fwmark" ? key.family === 6 : family(key.address);
    return fc
      .record({ address, port, weight: fc.nat(2 ** 31 - 1), threshold, tunnel, isMapped: fc.boolean() })
      .map((made) => {
        const isMapped = made.isMapped && family(made.address) === isInet6;
        return {
          address: made.address,
          port: isMapped || key.kind === "fwmark" ? made.port : key.port,
          forward: isMapped ? "NAT" : "TUN",
          weight: made.weight,
          ...(made.threshold !== undefined && { upperThreshold: made.threshold, lowerThreshold: 1 }),
          ...(!isMapped && made.tunnel !== undefined && { tunnel: made.tunnel }),
          activeConnections: 0,
          inactiveConnections: 0,
          persistentConnections: 0,
        };
      });
  }

  const key: fc.Arbitrary<ServiceKey> = fc.oneof(
    fc.record({ kind: fc.constant("address" as const), protocol: fc.constant("udp" as const), address, port }),
    fc.record({
      kind: fc.constant("fwmark" as const),
      fwmark: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
      family: fc.constantFrom(4 as const, 6 as const),
    }),
  );
  const service = key.chain((made) =>
    fc.record({
      key: fc.constant(made),
      scheduler: fc.constantFrom("rr", "sh", "mh", "twos"),
      persistence: fc.option(persistence),
      flags: fc.uniqueArray(flag),
      destinations: fc.uniqueArray(server(made), { maxLength: 5, selector: (each) => each.address }),
    }),
  );
  return fc.uniqueArray(service, { maxLength: 6, selector: (each) => JSON.stringify(each.key) });
} // biome-ignore format: dense on purpose
