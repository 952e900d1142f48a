import test from "ava";
import type { Destination, Service } from "../../src/ipvs/model.ts";
import { judgeBeside, standInsOf } from "../../src/ipvs/stand-ins.ts";
import { realServerConfig, virtualServerConfig } from "../helpers/virtual-server.ts";

const plain = { kind: "address", protocol: "tcp", address: "10.0.0.1", port: 80 } as const;
const secure = { ...plain, port: 443 } as const;
const web = virtualServerConfig({
  keys: [plain],
  realServers: [realServerConfig("b", "10.0.1.2")],
});

test("standInsOf() finds what serves and is not named any more, but neither weight 0 nor the sorry server", (t) => {
  const sorryServer = to("127.0.0.1", 8080);
  const table = tableOf("tcp 10.0.0.1:80", [
    to("10.0.1.1", 80),
    to("10.0.1.2", 80),
    to("10.0.1.3", 80, 0),
    sorryServer,
  ]);
  t.deepEqual(
    [...standInsOf({ ...web, sorryServer }, table)],
    [["tcp 10.0.0.1:80", [to("10.0.1.1", 80)]]],
  );
  t.deepEqual([...standInsOf(web, new Map())], []);
});

test("judgeBeside() has the services of a group keep each its own", (t) => {
  const group = virtualServerConfig({
    keys: [plain, secure],
    realServers: [realServerConfig("b", "10.0.1.2")],
  });
  const standIns = standInsOf(
    group,
    new Map([
      ...tableOf("tcp 10.0.0.1:80", [to("10.0.1.1", 80)]),
      ...tableOf("tcp 10.0.0.1:443", [to("10.0.1.1", 443)]),
    ]),
  );
  const judgement = judgeBeside(
    group,
    standIns,
    () => false,
    true,
    () => undefined,
  );
  t.true(judgement.quorumUp);
  t.deepEqual(
    judgement.services.map(({ destinations }) => destinations),
    [[to("10.0.1.1", 80)], [to("10.0.1.1", 443)]],
  );
  const both = judgeBeside(
    group,
    standIns,
    () => true,
    true,
    () => undefined,
  );
  t.deepEqual(
    both.services.map(({ destinations }) => destinations.length),
    [2, 2],
  );
});

function to(address: string, port: number, weight = 1): Destination {
  return { address, port, forward: "NAT", weight };
}

function tableOf(name: string, destinations: readonly Destination[]): Map<string, Service> {
  return new Map([[name, { key: plain, scheduler: "rr", persistence: null, destinations }]]);
}
