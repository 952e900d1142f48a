// The lab itself: if these fail, no other test of this folder says anything about duet.

import {
  buildTopology,
  ipvsTable,
  plugIn,
  razeTopology,
  runIn,
  startServers,
  unplug,
  VIP,
} from "../../scripts/lab/topology.mjs";
import { test } from "./lab.mjs";

test.before(async () => {
  buildTopology("dr");
  await startServers();
});
test.after.always(async () => razeTopology());

test("the client reaches both real servers through a director's IPVS table, by their weights", (t) => {
  runIn("d1", "ip", "address", "add", `${VIP}/24`, "dev", "pub");
  runIn(
    "d1",
    "sh",
    "-c",
    `ipvsadm -A -t ${VIP}:80 -s wrr &&
    ipvsadm -a -t ${VIP}:80 -r 10.1.0.21:80 -g -w 2 && ipvsadm -a -t ${VIP}:80 -r 10.1.0.22:80 -g -w 1`,
  );
  t.deepEqual(ipvsTable("d1"), { "10.1.0.21:80": 2, "10.1.0.22:80": 1 });
  const answers = Array.from({ length: 6 }, () => runIn("client", "curl", "-s", "-m", "3", VIP));
  t.is(answers.filter((answer) => answer === "rs1 10.0.0.5\n").length, 4);
  t.is(answers.filter((answer) => answer === "rs2 10.0.0.5\n").length, 2);
});

test("a cable that is pulled and plugged in works again at once, and its carrier never went", (t) => {
  const ask = () => runIn("client", "curl", "-s", "-m", "1", "10.0.0.21");
  unplug("rs1");
  t.throws(ask);
  t.is(runIn("rs1", "cat", "/sys/class/net/pub/carrier"), "1\n");
  plugIn("rs1");
  t.is(ask(), "rs1 10.0.0.5\n");
});
