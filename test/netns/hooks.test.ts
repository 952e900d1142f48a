// Notify scripts and FIFOs as operators have them, run by the whole daemon on a real kernel.

import {
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { instanceText, openPair } from "../helpers/daemon-pair.ts";
import { duetCommand, startDuet } from "../helpers/duet.ts";
import { advertFrame, sendFrames } from "../helpers/peer-packets.ts";
import { eventually } from "../helpers/wait.ts";

const pair = await openPair(test);

/** The script that many tutorials have, and that logs what it was given. */
const TYPICAL = `#!/bin/bash
TYPE=$1
NAME=$2
STATE=$3
PRIORITY=$4
case $STATE in
  "MASTER") what="owner" ;;
  "BACKUP") what="standby" ;;
  "FAULT") what="broken" ;;
  *) what="other $STATE" ;;
esac
echo "$# $TYPE $NAME $STATE $PRIORITY: $what" >>OUT/notify
`;

type Place = {
  readonly dir: string;
  readonly script: (name: string, text: string) => string;
  readonly lines: (name: string) => readonly string[];
  readonly has: (name: string, line: string) => Promise<unknown>;
};

function place(t: ExecutionContext): Place {
  const dir = mkdtempSync(join(tmpdir(), "duet-hooks-"));
  chmodSync(dir, 0o755);
  t.teardown(() => rmSync(dir, { recursive: true, force: true }));
  const lines = (name: string): readonly string[] =>
    existsSync(join(dir, name))
      ? readFileSync(join(dir, name), "utf8").split("\n").slice(0, -1)
      : [];
  return {
    dir,
    script(name, text) {
      writeFileSync(join(dir, name), text.replaceAll("OUT", dir));
      chmodSync(join(dir, name), 0o755);
      return join(dir, name);
    },
    lines,
    has: async (name, line) =>
      eventually(`"${line}" in ${name}: ${lines(name).join(", ")}`, () =>
        lines(name).includes(line),
      ),
  };
}

function reader(out: string): string {
  return `#!/bin/bash\nwhile read -r line; do echo "$line" >>OUT/${out}; done <"$1"\n`;
}

test.serial(
  "a typical notify script gets TYPE NAME STATE PRIORITY of instance and group, and the FIFO the same",
  async (t) => {
    const { script, lines, has, dir } = place(t);
    const notify = script("notify.sh", TYPICAL);
    const global = `[global]
notify_fifo = ${dir}/f
notify_fifo_script = ${script("read.sh", reader("fifo"))}
vrrp_notify_priority_changes = yes
[vrrp_script.chk]
script = /bin/sh -c "test ! -e ${dir}/low"
interval = 0.1
weight = -20
`;
    const instance = instanceText({
      vrid: 1,
      priority: 150,
      vips: ["10.9.0.100/24"],
      more: [`notify = ${notify}`, "track_script[] = chk"],
    });
    const [, name = ""] = /\[vrrp_instance\.(\S+)\]/.exec(instance) ?? [];
    const group = `[vrrp_sync_group.G1]\ngroup[] = ${name}\nnotify = ${notify}\n`;
    const duet = await startDuet(t, `${global}${instance}\n${group}`);
    await duet.becomes("MASTER");
    await has("notify", `4 INSTANCE ${name} MASTER 150: owner`);
    await has("notify", "4 GROUP G1 MASTER 0: owner");
    await has("fifo", `INSTANCE "${name}" MASTER 150`);
    await has("fifo", 'GROUP "G1" MASTER 0');

    writeFileSync(join(dir, "low"), "");
    await has("fifo", `INSTANCE "${name}" MASTER_PRIORITY 130`);

    duet.signal("SIGTERM");
    t.is(await duet.ended, 0);
    t.true(lines("fifo").includes('GROUP "G1" STOP 0'));
    t.true(lines("fifo").includes(`INSTANCE "${name}" STOP 130`));
    t.true(lines("notify").includes(`4 INSTANCE ${name} STOP 130: other STOP`));
    t.is(lines("fifo")[0], `INSTANCE "${name}" BACKUP 150`);
    t.false(existsSync(`${dir}/f`));
  },
);

test.serial(
  "notify_master_rx_lower_pri runs when a lower master is heard, without arguments, once a second at most",
  async (t) => {
    const { script, lines, has, dir } = place(t);
    const lower = script("lower.sh", '#!/bin/sh\necho "$# heard" >>OUT/lower\n');
    const instance = instanceText({
      name: "VI_L",
      vrid: 2,
      priority: 150,
      vips: ["10.9.0.101/24"],
      more: [`notify_master_rx_lower_pri = ${lower}`],
    });
    const fifo = `[global]\nvrrp_notify_fifo = ${dir}/f\nvrrp_notify_fifo_script = ${script("read.sh", reader("fifo"))}\n`;
    const duet = await startDuet(t, `${fifo}${instance}`);
    await duet.becomes("MASTER");
    const frame = advertFrame({ vrid: 2, priority: 10, addresses: ["10.9.0.101"] });
    await sendFrames(pair.there, [frame], { times: 5 });
    await has("lower", "0 heard");
    await has("fifo", 'INSTANCE "VI_L" MASTER_RX_LOWER_PRI 150');
    t.is((await duet.instance()).counters.adverts_received, 5);
    t.true(lines("lower").length <= 2, "a burst is told once, or twice when it took a second");
  },
);

test.serial(
  "a reload that takes an instance away is told as DELETED with notify_deleted, else as STOP",
  async (t) => {
    const { script, lines, has } = place(t);
    const notify = script("notify.sh", TYPICAL);
    const text = (name: string, vrid: number, more: readonly string[]): string =>
      instanceText({
        name,
        vrid,
        priority: 100,
        vips: [`10.9.0.${100 + vrid}/24`],
        more: [`notify = ${notify}`, ...more],
      });
    const stays = text("STAYS", 3, []);
    const gone = text("GONE", 4, [
      `notify_deleted = ${script("deleted.sh", "#!/bin/sh\necho $# >>OUT/deleted\n")}`,
    ]);
    const plain = text("PLAIN", 5, []);
    const duet = await startDuet(t, [stays, gone, plain].join("\n"));
    for (const name of ["STAYS", "GONE", "PLAIN"]) await duet.becomes("MASTER", name);
    duet.write(stays);
    t.is((await duetCommand(["reload", "--run-dir", duet.runDir])).code, 0);
    await has("notify", "4 INSTANCE GONE DELETED 100: other DELETED");
    await has("notify", "4 INSTANCE PLAIN STOP 100: other STOP");
    t.deepEqual(lines("deleted"), ["0"]);
    t.false(lines("notify").some((line) => line.includes("STAYS STOP")));
  },
);

test.serial("script_user: hooks and tracked scripts run as who they were given", async (t) => {
  const { script, has, dir } = place(t);
  chmodSync(dir, 0o777);
  const who = "#!/bin/sh\necho $(id -un) $(id -G) >>OUT/";
  // root runs nothing out of a directory that everybody may write to; nobody may.
  const config = `[global]
script_user = nobody
[vrrp_script.chk]
script = ${script("chk.sh", `${who}tracked\n`)}
interval = 0.2
${instanceText({
  vrid: 6,
  priority: 100,
  vips: ["10.9.0.106/24"],
  more: [`notify_master = ${script("m.sh", `${who}hook\n`)}`, "track_script[] = chk"],
})}`;
  const duet = await startDuet(t, config);
  await duet.becomes("MASTER");
  await has("hook", "nobody 65534");
  await has("tracked", "nobody 65534");
  t.pass();
});

test.serial(
  "enable_script_security: root does not run what others may write to; a tracked script has then failed",
  async (t) => {
    const { script, lines, dir } = place(t);
    const open = script("open.sh", "#!/bin/sh\necho ran >>OUT/ran\n");
    chmodSync(dir, 0o775);
    chownSync(dir, 0, 50);
    const config = `[vrrp_script.chk]
script = ${open}
${instanceText({
  vrid: 7,
  priority: 100,
  vips: ["10.9.0.107/24"],
  more: [`notify = ${open}`, "track_script[] = chk"],
})}`;
    const duet = await startDuet(t, config);
    await duet.becomes("FAULT");
    const failed = await duet.said({ msg: "hook failed" });
    t.like(failed, { cause: "insecure", detail: `${dir} is writable by group staff (mode 0775)` });
    const warned = await duet.said({ msg: "configuration", level: "warn" });
    t.regex(String(warned["problem"]), /Cannot trust .* is writable by group staff \(mode 0775\)/);
    t.deepEqual(lines("ran"), []);
  },
);

test.serial(
  "omega: what the director says at a stop runs its hooks before the desk is gone",
  async (t) => {
    const { script, lines } = place(t);
    const duet = await startDuet(
      t,
      `[virtual_server.web]
address = 10.9.0.108:80
protocol = tcp
omega = yes
quorum_down = ${script("down.sh", "#!/bin/sh\necho down >>OUT/down\n")}
[real_server.web.rs1]
address = 10.9.0.2:80
`,
    );
    await eventually(
      "the director",
      async () => (await duet.status()).virtual_servers[0]?.quorum_up,
    );
    duet.signal("SIGTERM");
    t.is(await duet.ended, 0);
    t.deepEqual(lines("down"), ["down"]);
  },
);
