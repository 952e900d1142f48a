import test from "ava";
import fc from "fast-check";
import type { Service } from "../../src/ipvs/model.ts";
import { judge, type RealServer, type VirtualServer } from "../../src/ipvs/quorum.ts";

const sorry = { address: "127.0.0.1", port: 8080, forward: "NAT", weight: 1 } as const;

test("judge() leaves a DOWN server out of the table", (t) => {
  const { service, quorumUp } = judge(server({}), up("a"), null);
  t.deepEqual(placesOf(service), ["10.0.1.1 w1"]);
  t.true(quorumUp);
});

test("judge() keeps a DOWN server at weight 0 with inhibit_on_failure", (t) => {
  const realServers = [real("a", 1), { ...real("b", 2, 5), inhibitOnFailure: true }];
  const { service } = judge(server({ realServers }), up("a"), null);
  t.deepEqual(placesOf(service), ["10.0.1.1 w1", "10.0.1.2 w0"]);
});

test("judge() keeps the survivors when the quorum is lost and there is no sorry server", (t) => {
  const { service, quorumUp } = judge(server({ quorum: 2 }), up("a"), true);
  t.false(quorumUp);
  t.deepEqual(placesOf(service), ["10.0.1.1 w1"]);
});

test("judge() has the sorry server in and the real servers out when the quorum is lost", (t) => {
  const lost = judge(server({ quorum: 2, sorryServer: sorry }), up("a"), true);
  t.true(lost.sorryServerActive);
  t.deepEqual(placesOf(lost.service), ["127.0.0.1 w1"]);
  const regained = judge(server({ quorum: 2, sorryServer: sorry }), up("a", "b"), false);
  t.deepEqual(placesOf(regained.service), ["10.0.1.1 w1", "10.0.1.2 w1"]);
});

test("judge() keeps inhibited servers at weight 0 beside the sorry server", (t) => {
  const realServers = [{ ...real("a", 1), inhibitOnFailure: true }, real("b", 2)];
  const { service } = judge(server({ realServers, sorryServer: sorry }), up(), true);
  t.deepEqual(placesOf(service), ["10.0.1.1 w0", "127.0.0.1 w1"]);
});

test("judge() uses the sorry server of a virtual server without real servers", (t) => {
  const { service, quorumUp } = judge(server({ realServers: [], sorryServer: sorry }), up(), null);
  t.false(quorumUp);
  t.deepEqual(placesOf(service), ["127.0.0.1 w1"]);
});

test("judge() keeps a server of weight 0 as quiesced, and it counts for nothing", (t) => {
  const realServers = [real("a", 1, 0), real("b", 2, 1)];
  const both = judge(server({ realServers }), up("a", "b"), null);
  t.deepEqual(placesOf(both.service), ["10.0.1.1 w0", "10.0.1.2 w1"]);
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
  const { service } = judge(server({ key, realServers: [] }), up(), null);
  t.like(service.key, { address: "2001:db8::1" });
});

function server(different: Partial<VirtualServer>): VirtualServer {
  return {
    key: { kind: "address", protocol: "tcp", address: "10.0.0.1", port: 80 },
    scheduler: "rr",
    persistence: null,
    quorum: 1,
    hysteresis: 0,
    sorryServer: null,
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

function placesOf(service: Service): string[] {
  return service.destinations.map(({ address, weight }) => `${address} w${weight}`);
}
