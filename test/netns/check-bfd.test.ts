// A real server is UP as long as a BFD session is: two whole daemons, one of which is the real server's end.

import test from "ava";
import { HERE, openPair, THERE } from "../helpers/daemon-pair.ts";
import { type Duet, killAtOnce, killQuietly, startDuet } from "../helpers/duet.ts";
import { eventually } from "../helpers/wait.ts";

const pair = await openPair(test);

/** A session that ends after 2 s of silence, not because this machine is busy. So long an interval that no probe comes by itself, and a timeout in which any machine starts a process again. */
function text(here: string, neighbor: string): string {
  return `[bfd_instance.peer]
neighbor_ip = ${neighbor}
source_ip = ${here}
min_rx = 200ms
min_tx = 200ms
multiplier = 10
[check.alive]
type = bfd
interval = 600
timeout = 60
[virtual_server.web]
address = 10.9.0.200:80
protocol = tcp
lb_kind = NAT
check[] = alive
[real_server.web.rs1]
address = ${neighbor}:80
`;
}

async function serverOf(duet: Duet): Promise<string> {
  const { virtual_servers: services } = await duet.status();
  return services[0]?.real_servers[0]?.state ?? "";
}

test.serial("a real server is DOWN as soon as its session is, and UP again with it", async (t) => {
  const a = await startDuet(t, text(HERE.address, THERE.address));
  const other = text(THERE.address, HERE.address);
  const b = await startDuet(t, other, { place: pair.there });
  const change = { msg: "real server state changed", real_server: "rs1" };
  t.is((await a.said({ ...change, to: "UP" }))["cause"], "alive: success (Up)");

  const mark = a.lines().length;
  const killedAtMs = Date.now();
  killAtOnce(b);
  const down = await a.said({ ...change, to: "DOWN" }, { after: mark });
  t.is(down["cause"], "alive: says_down (Down: control detection time expired)");
  t.log(`took ${Date.parse(String(down["time"])) - killedAtMs} ms`);

  await startDuet(t, other, { place: pair.there });
  await a.said({ ...change, to: "UP" }, { after: mark });
});

test.serial(
  "a real server stays UP while the process that holds its session begins again",
  async (t) => {
    const a = await startDuet(t, text(HERE.address, THERE.address));
    await startDuet(t, text(THERE.address, HERE.address), { place: pair.there });
    await a.said({ msg: "real server state changed", to: "UP" });

    const mark = a.lines().length;
    const pid = await a.pidOf("vrrp");
    killQuietly(pid, "SIGKILL");
    await a.said({ msg: "BFD session changed", to: "Up" }, { after: mark });
    await eventually("the check to know of it", async () => {
      const { virtual_servers: services, trackers = [] } = await a.status();
      const up = trackers.some(({ kind, detail }) => kind === "bfd" && detail === "Up");
      return up && services[0]?.real_servers[0]?.state === "UP";
    });
    t.not(await a.pidOf("vrrp"), pid);
    t.is(await serverOf(a), "UP");
    const changes = a
      .lines()
      .slice(mark)
      .filter(({ msg }) => msg === "real server state changed");
    t.deepEqual(changes, []);
  },
);
