// duet realserver that is killed: before and after every single step of a start and of a stop. What a kill leaves is made
// here by the same hands: some steps carried out, one only remembered.

import test, { type ExecutionContext } from "ava";
import { type Hands, openHands } from "../../src/realserver/hands.ts";
import { memoryFile, writeMemory } from "../../src/realserver/memory.ts";
import type { Change, Wanted } from "../../src/realserver/model.ts";
import { plan } from "../../src/realserver/plan.ts";
import { here } from "../helpers/daemon-place.ts";
import { enterNewNetwork, ip, openNeighbour, sysctl } from "../helpers/netns.ts";
import { networkChanges, networkDump } from "../helpers/network-dump.ts";
import { realServerHere } from "../helpers/realserver-here.ts";
import { temporaryDirectory } from "../helpers/sockets.ts";

enterNewNetwork({ ipv6: true });
const there = await openNeighbour("here0", "there0", { ipv6: true });
test.after.always(() => there.close());
ip("address add 10.9.0.1/24 dev here0");
ip("route add default via 10.9.0.3 dev here0");
ip("route append default via 10.9.0.4 dev here0 mtu 1400");
ip("route add default via 10.9.0.5 dev here0 metric 7");
sysctl("net.ipv4.conf.all.arp_announce=1");
const hands = openHands();
test.after.always(() => hands.close());
const clean = networkDump(here);

const cases: Readonly<Record<string, Wanted>> = {
  dr: { dr: { vips: ["10.9.0.100", "2001:db8:9::100"], via: null } },
  nat: { nat: { vips: [], via: "10.9.0.2" } },
};

for (const [mode, wanted] of Object.entries(cases)) {
  test.serial(
    `${mode}: a start that is killed at any step is taken back whole, or finished`,
    (t) => {
      const steps = plan({ wanted, changes: [] }, hands.look());
      const changes = steps.map(({ change }) => change);
      t.true(changes.length >= 3, changes.length.toString());
      for (let made = 0; made < changes.length; made += 1) {
        // Step `made` is remembered, and the process is dead before or after it.
        for (const isMade of [false, true]) {
          const dead = leave(t, {
            wanted,
            changes,
            made: made + (isMade ? 1 : 0),
            known: made + 1,
          });
          t.is(dead.run("stop").status, 0);
          t.deepEqual(
            networkChanges(clean, networkDump(here)),
            [],
            `stop after ${made}, ${isMade}`,
          );
        }
        const dead = leave(t, { wanted, changes, made, known: made + 1 });
        const args = mode === "dr" ? (wanted.dr?.vips ?? []) : ["--via", "10.9.0.2"];
        t.is(dead.run("start", ...args).status, 0);
        t.is(dead.run("status").status, 0);
        t.is(dead.run("stop").status, 0);
        t.deepEqual(networkChanges(clean, networkDump(here)), [], `start again after ${made}`);
      }
    },
  );

  test.serial(`${mode}: a stop that is killed at any step is finished by another`, (t) => {
    const changes = plan({ wanted, changes: [] }, hands.look()).map(({ change }) => change);
    for (let left = 0; left < changes.length; left += 1) {
      // The last one that was taken back is remembered still.
      const dead = leave(t, { wanted: {}, changes, made: left, known: left + 1 });
      t.is(dead.run("stop").status, 0);
      t.deepEqual(networkChanges(clean, networkDump(here)), [], `with ${left} left`);
    }
  });

  function leave(
    t: ExecutionContext,
    dead: {
      readonly wanted: Wanted;
      readonly changes: readonly Change[];
      readonly made: number;
      readonly known: number;
    },
  ) {
    const runDir = temporaryDirectory(t);
    makeAll(hands, dead.changes.slice(0, dead.made));
    writeMemory(memoryFile(runDir), {
      wanted: dead.wanted,
      changes: dead.changes.slice(0, dead.known),
    });
    const run = (verb: string, ...words: readonly string[]) =>
      realServerHere([mode, verb, ...words, "--run-dir", runDir]);
    return { run };
  }
}

function makeAll(by: Hands, changes: readonly Change[]): void {
  for (const change of changes) by.make(change);
}
