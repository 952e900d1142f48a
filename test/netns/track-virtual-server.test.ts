// A tracked virtual server and the whole daemon, on a kernel without ip_vs: who cannot serve does not want to be master.

import test from "ava";
import { calmInstanceText, openPair, THERE } from "../helpers/daemon-pair.ts";
import { holds } from "../helpers/daemon-place.ts";
import { duetCommand, startDuet } from "../helpers/duet.ts";
import { eventually } from "../helpers/wait.ts";

const pair = await openPair(test);
const VIP = "10.9.0.100";
const vips = [`${VIP}/24`];

const WEB = `[virtual_server.web]
address = ${VIP}:80
protocol = tcp
[real_server.web.rs1]
address = 10.9.0.2:80
`;

test.serial(
  "a director without an IPVS table gives way to a peer with the lower priority, and both say why",
  async (t) => {
    const more = ["track_virtual_server[] = web weight -60"];
    const a = await startDuet(t, calmInstanceText({ vrid: 1, priority: 150, vips, more }) + WEB);
    const alone = await a.becomes("MASTER");
    t.is(alone.priority, 90, "the election waited for the director");
    const { trackers = [] } = await a.status();
    const why = "the kernel has no ip_vs";
    t.like(trackers[0], { kind: "virtual_server", name: "web", up: false });
    t.true(trackers[0]?.detail.includes(why), trackers[0]?.detail);

    const other = calmInstanceText({ vrid: 1, priority: 100, vips, interface: THERE.device });
    const b = await startDuet(t, other, { place: pair.there });
    await b.becomes("MASTER");
    await a.becomes("BACKUP");
    t.true(holds(pair.there, VIP));
    t.false(holds(pair.here, VIP));
    const told = await b.said({ msg: "state changed", to: "MASTER" });
    t.is(told["cause"], "lower_master_preempted");
    t.like((await a.becomes("BACKUP")).master, { priority: 100 });
    const lost = await a.said({
      msg: "state changed",
      to: "BACKUP",
      cause: "higher_priority_advert",
    });
    t.regex(String(lost["priority_why"]), /^150 - 60: virtual server web, .*, since 20/);

    // Killed, it is there again at once and says the same: nothing is new. Without a peer the address comes back.
    const before = a.lines().length;
    const pid = await a.pidOf("director");
    process.kill(pid, "SIGKILL");
    await eventually("another director", async () => (await a.pidOf("director")) !== pid);
    await a.said({ msg: "no IPVS table" }, { after: before });
    t.is((await a.becomes("BACKUP")).priority, 90);
    t.deepEqual(
      a
        .lines()
        .slice(before)
        .filter(({ msg }) => msg === "tracked object changed"),
      [],
    );

    // Without a weight it is a FAULT.
    a.write(
      calmInstanceText({ vrid: 1, priority: 150, vips, more: ["track_virtual_server[] = web"] }) +
        WEB,
    );
    t.is((await duetCommand(["reload", "--run-dir", a.runDir])).code, 0);
    t.deepEqual((await a.becomes("FAULT")).faults, ["track_virtual_server:web"]);
  },
);
