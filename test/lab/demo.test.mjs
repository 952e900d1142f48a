// The demo: an election, weights, a sick server, a pulled cable, its return, a SIGKILL. The story checks itself; here is only
// that it comes to its end, in each mode. What modes change is how packets are forwarded, or who the other one is: the
// death of a process is told in one of them.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { test } from "./lab.mjs";

// How fast a busy machine is, is no matter of this test, and its client loses requests that wait for 0.9 s. A winner that
// does not announce itself costs 9 to 13 s.
const HANDOVER = ["--handover-ms", "1000"];

for (const args of [
  ["--mode", "dr"],
  ["--peer", "keepalived", "--until-back"],
  ["--mode", "nat", "--until-back"],
  ["--mode", "tun", "--until-back"],
]) {
  test(`the story of the demo comes true with ${args.join(" ")}`, async (t) => {
    t.timeout(900_000);
    const { ok, text } = await tell([...args, ...HANDOVER]);
    t.log(text);
    t.true(ok);
  });
}

// In namespaces of its own: nothing that was left here can be in its way, and it leaves nothing.
async function tell(args) {
  const own = 'mount -t tmpfs tmpfs /run && ip link set lo up && exec "$0" "$@"';
  const story = ["node", "scripts/lab/story.mjs", ...args];
  const words = [
    "--mount",
    "--net",
    "--pid",
    "--fork",
    "--kill-child",
    "bash",
    "-c",
    own,
    ...story,
  ];
  try {
    return { ok: true, text: (await promisify(execFile)("unshare", words)).stdout };
  } catch (error) {
    return { ok: false, text: error.stdout + error.stderr };
  }
}
