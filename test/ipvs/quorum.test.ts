import test from "ava";
import fc from "fast-check";
import type { Service, ServiceKey } from "../../src/ipvs/model.ts";
import { judge, type RealServer, type VirtualServer } from "../../src/ipvs/quorum.ts";

const sorry = { address: "127.0.0.1", port: 8080, forward: "NAT", weight: 1 } as const;

test("judge() leaves a DOWN server out of the table", (t) => {
  const { services, quorumUp } = judge(server({}), up("a"), null);
  t.deepEqual(placesOf(services), ["10.0.1.1 w1"]);
  t.true(quorumUp);
});

test("judge() keeps a DOWN server at weight 0 with inhibit_on_failure", (t) => {
  const realServers = [real("a", 1), { ...real("b", 2, 5), inhibitOnFailure: true }];
  const { services } = judge(server({ realServers }), up("a"), null);
  t.deepEqual(placesOf(services), ["10.0.1.1 w1", "10.0.1.2 w0"]);
});

test("judge() keeps the survivors when the quorum is lost and there is no sorry server", (t) => {
  const { services, quorumUp } = judge(server({ quorum: 2 }), up("a"), true);
  t.false(quorumUp);
  t.deepEqual(placesOf(services), ["10.0.1.1 w1"]);
});

test("judge() has the sorry server in and the real servers out when the quorum is lost", (t) => {
  const lost = judge(server({ quorum: 2, sorryServer: sorry }), up("a"), true);
  t.true(lost.sorryServerActive);
  t.deepEqual(placesOf(lost.services), ["127.0.0.1 w1"]);
  const regained = judge(server({ quorum: 2, sorryServer: sorry }), up("a", "b"), false);
  t.deepEqual(placesOf(regained.services), ["10.0.1.1 w1", "10.0.1.2 w1"]);
});

test("judge() keeps inhibited servers at weight 0 beside the sorry server", (t) => {
  const realServers = [{ ...real("a", 1), inhibitOnFailure: true }, real("b", 2)];
  const { services } = judge(server({ realServers, sorryServer: sorry }), up(), true);
  t.deepEqual(placesOf(services), ["10.0.1.1 w0", "127.0.0.1 w1"]);
});

test("judge() uses the sorry server of a virtual server without real servers", (t) => {
  const { services, quorumUp } = judge(server({ realServers: [], sorryServer: sorry }), up(), null);
  t.false(quorumUp);
  t.deepEqual(placesOf(services), ["127.0.0.1 w1"]);
});

test("judge() keeps a server of weight 0 as quiesced, and it counts for nothing", (t) => {
  const realServers = [real("a", 1, 0), real("b", 2, 1)];
  const both = judge(server({ realServers }), up("a", "b"), null);
  t.deepEqual(placesOf(both.services), ["10.0.1.1 w0", "10.0.1.2 w1"]);
  t.false(judge(server({ realServers }), up("a"), true).quorumUp);
});

test("judge() changes the quorum only beyond its hysteresis", (t) => {
  const realServers = ["a", "b", "c", "d", "e"].map((name, i) => real(name, i + 1));
  const config = server({ realServers, quorum: 3, hysteresis: 1 });
  t.false(judge(config, up("a", "b", "c"), false).quorumUp);
  t.true(judge(config, up("a", "b", "c", "d"), false).quorumUp);
  t.true(judge(config, up("a", "b", "c"), true).quorumUp);
  t.true(judge(config, up("a", "b"), true).quorumUp);
  t.false(judge(config, up("a"), true).quorumUp);
  t.true(judge(config, up("a", "b", "c"), null).quorumUp);
  t.false(judge(config, up("a", "b"), null).quorumUp);
});

test("judge() has a quorum when all real servers are UP, whatever the quorum asks for", (t) => {
  fc.assert(
    fc.property(fc.nat(9), fc.nat(9), fc.option(fc.boolean()), (quorum, hysteresis, before) => {
      const config = server({ quorum: quorum + 1, hysteresis });
      t.true(judge(config, up("a", "b"), before).quorumUp);
      t.false(judge(config, up(), before).quorumUp);
    }),
  );
});

test("judge() spells addresses as the kernel's table does", (t) => {
  const key = { kind: "address", protocol: "tcp", address: "2001:DB8:0::1", port: 80 } as const;
  const { services } = judge(server({ keys: [key], realServers: [] }), up(), null);
  t.like(services[0]?.key, { address: "2001:db8::1" });
});

test("judge() keeps the sorry server at weight 0 while it is not used, with sorry_server_inhibit", (t) => {
  const config = server({ sorryServer: sorry, sorryInhibit: true });
  t.deepEqual(placesOf(judge(config, up("a"), null).services), ["127.0.0.1 w0", "10.0.1.1 w1"]);
  t.deepEqual(placesOf(judge(config, up(), true).services), ["127.0.0.1 w1"]);
});

test("judge() prefers a real server to the sorry server when both are the same", (t) => {
  const { destination } = real("a", 1, 5);
  const config = server({
    realServers: [real("a", 1, 5)],
    sorryServer: { ...destination, weight: 1 },
    sorryInhibit: true,
  });
  t.deepEqual(placesOf(judge(config, up("a"), null).services), ["10.0.1.1 w5"]);
});

test("judge() gives every service of a group the same servers, at its own port when they have none", (t) => {
  const keys: ServiceKey[] = [
    { kind: "address", protocol: "tcp", address: "10.0.0.1", port: 80 },
    { kind: "address", protocol: "tcp", address: "10.0.0.1", port: 443 },
    { kind: "fwmark", fwmark: 7, family: 4 },
  ];
  const { destination } = real("a", 1);
  const realServers = [{ ...real("a", 1), destination: { ...destination, port: 0 } }];
  const persistence = { timeoutS: 360, prefixLength: null };
  const { services } = judge(server({ keys, realServers, persistence }), up("a"), null);
  t.deepEqual(
    services.map((service) => service.destinations.map(({ port }) => port)),
    [[80], [443], [0]],
  );
  t.deepEqual(
    services.map((service) => service.key),
    keys,
  );
  t.is(services[0]?.persistence?.prefixLength, 32);
});

test("judge() persists whole IPv6 addresses, and passes flags and engine on", (t) => {
  const { services } = judge(
    server({
      keys: [{ kind: "fwmark", fwmark: 7, family: 6 }],
      persistence: { timeoutS: 60, prefixLength: null },
      flags: ["ops", "flag-2"],
      persistenceEngine: "sip",
    }),
    up(),
    null,
  );
  t.like(services[0], {
    persistence: { timeoutS: 60, prefixLength: 128 },
    flags: ["ops", "flag-2"],
    persistenceEngine: "sip",
  });
});

function server(different: Partial<VirtualServer>): VirtualServer {
  return {
    keys: [{ kind: "address", protocol: "tcp", address: "10.0.0.1", port: 80 }],
    scheduler: "rr",
    flags: [],
    persistence: null,
    persistenceEngine: null,
    quorum: 1,
    hysteresis: 0,
    sorryServer: null,
    sorryInhibit: false,
    realServers: [real("a", 1), real("b", 2)],
    ...different,
  };
}

function real(name: string, octet: number, weight = 1): RealServer {
  const destination = { address: `10.0.1.${octet}`, port: 80, forward: "NAT", weight } as const;
  return { name, destination, inhibitOnFailure: false };
}

function up(...names: readonly string[]): (name: string) => boolean {
  return (name) => names.includes(name);
}

/** Of the first service. */
function placesOf([service]: readonly Service[]): string[] {
  return (service?.destinations ?? []).map(({ address, weight }) => `${address} w${weight}`);
}
