import test from "ava";
import fc from "fast-check";
import { configDifferences } from "../../src/config/diff.ts";
import type { Config } from "../../src/config/model.ts";
import { printConfig } from "../../src/config/print.ts";
import { commonCheck } from "../helpers/checks.ts";
import { configWith, instanceConfig } from "../helpers/desk-fixtures.ts";
import { realServerConfig, virtualServerConfig } from "../helpers/virtual-server.ts";

const anyServer = fc
  .record({
    weight: fc.constantFrom(1, 2),
    checks: fc.subarray(["ok", "deep"]),
    timeoutMs: fc.constantFrom(1000, 2000),
  })
  .map(({ weight, checks, timeoutMs }) => {
    const server = realServerConfig("rs", "10.0.1.1");
    return {
      ...server,
      destination: { ...server.destination, weight },
      checks: checks.map((name) => ({
        ...commonCheck,
        name,
        timeoutMs,
        type: "tcp" as const,
        tls: null,
        steps: [],
      })),
    };
  });
const anyConfig: fc.Arbitrary<Config> = fc
  .array(fc.record({ name: fc.constantFrom("a", "b", "c"), server: anyServer }), { maxLength: 3 })
  .map((all) => {
    const byName = new Map(all.map((each) => [each.name, each]));
    const virtualServers = [...byName.values()].map(({ name, server }) =>
      virtualServerConfig({ name, realServers: [server] }),
    );
    return configWith({ virtualServers });
  });

/** Of one section: "real_server.a.rs" -> its lines. */
function sectionsOf(config: Config): ReadonlyMap<string, string> {
  const parts = printConfig(config).split(/^(?=\[)/m);
  return new Map(parts.map((part) => [/\[(.*)\]/.exec(part)?.[1] ?? "", part.trim()]));
}

test("every section that is printed otherwise is told, and no other", (t) => {
  fc.assert(
    fc.property(anyConfig, anyConfig, (before, after) => {
      const [old, next] = [sectionsOf(before), sectionsOf(after)];
      const titles = [...new Set([...old.keys(), ...next.keys()])];
      const expected = titles.flatMap((title) => {
        const [was, is] = [old.get(title), next.get(title)];
        if (was === is) return [];
        return [
          `${title} ${was === undefined ? "added" : is === undefined ? "removed" : "changed"}`,
        ];
      });
      const told = configDifferences(before, after).map(({ title, what }) => `${title} ${what}`);
      t.deepEqual([...told].sort(), [...expected].sort());
    }),
    { numRuns: 500 },
  );
});

test("a list is told by what comes and goes; a secret only that it changed", (t) => {
  const of = (password: string, ...addresses: readonly string[]): Config => {
    const instance = instanceConfig("VI");
    return configWith({
      vrrpInstances: [{ ...instance, vrrp: { ...instance.vrrp, auth: { password, hmac: null } } }],
      virtualServers: [
        virtualServerConfig({
          group: "G",
          keys: addresses.map((address) => ({
            kind: "address",
            protocol: "tcp",
            address,
            port: 80,
          })),
        }),
      ],
    });
  };
  const told = configDifferences(
    of("first", "10.0.0.1", "10.0.0.2"),
    of("second", "10.0.0.2", "10.0.0.3"),
  );
  t.deepEqual(
    told.map(({ title, keys }) => [title, ...keys.map(({ text }) => text)]),
    [
      ["vrrp_instance.VI", "auth_pass changed"],
      ["virtual_server_group.G", "member -10.0.0.1 80, +10.0.0.3 80"],
    ],
  );
});
