// The files of a keepalived pair, as they are: keepalived runs the one, duet the other.

import test from "ava";
import { HERE, openPair, THERE } from "../helpers/daemon-pair.ts";
import { holds } from "../helpers/daemon-place.ts";
import { duetCommand, startDuet } from "../helpers/duet.ts";
import { startKeepalived } from "../helpers/peer-keepalived.ts";
import { eventually } from "../helpers/wait.ts";

const pair = await openPair(test);
const VIP = "10.9.0.100";

const fileOf = (
  device: string,
  priority: number,
): string => `! The same on both nodes, but for the priority
global_defs {
    router_id lb
    vrrp_skip_check_adv_addr
    enable_traps
}
vrrp_script chk
{
    script "/bin/true"
    interval 1
}
vrrp_instance VI_1 {
    state BACKUP
    interface ${device}
    virtual_router_id 51
    priority ${priority}
    advert_int 1
    authentication {
        auth_type PASS
        auth_pass s3cret
    }
    track_script { chk }
    virtual_ipaddress {
        ${VIP}/24
    }
}
`;

test.serial("duet takes over from keepalived, and hands back", async (t) => {
  const { here, there } = pair;
  const peer = await startKeepalived(t, there, fileOf(THERE.device, 100));
  await peer.becomes("MASTER");
  const duet = await startDuet(t, fileOf(HERE.device, 150));
  await duet.becomes("MASTER", "VI_1");
  await peer.becomes("BACKUP");
  await eventually("the address here", () => holds(here, VIP));
  const { problem } = await duet.said({ msg: "configuration", line: 5 });
  t.regex(String(problem), /^enable_traps has no effect here: duet has no SNMP agent/);
  t.is((await duetCommand(["stop", "--run-dir", duet.runDir])).code, 0);
  await peer.becomes("MASTER");
  t.false(holds(here, VIP));
});

test.serial(
  "a reload takes the file anew; one that does not hold together changes nothing",
  async (t) => {
    const duet = await startDuet(t, fileOf(HERE.device, 150));
    await duet.becomes("MASTER", "VI_1");
    duet.write(fileOf(HERE.device, 151).replace(`${VIP}/24`, `${VIP}/24\n        10.9.0.101/24`));
    t.is((await duetCommand(["reload", "--run-dir", duet.runDir])).code, 0);
    await eventually("the second address", () => holds(pair.here, "10.9.0.101"));
    duet.write(fileOf(HERE.device, 151).replace("virtual_router_id 51", "virtual_router_id 0"));
    const { code, output } = await duetCommand(["reload", "--run-dir", duet.runDir]);
    t.is(code, 1);
    t.regex(output, /:15: warning: virtual_router_id 0 was never in force: it must be 1 to 255/);
    t.true(holds(pair.here, VIP));
  },
);
