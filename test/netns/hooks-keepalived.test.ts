// The same script, FIFO and life with a real keepalived and with duet: what they are told is the same.

import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { HERE, instanceText, openPair } from "../helpers/daemon-pair.ts";
import { here } from "../helpers/daemon-place.ts";
import { startDuet } from "../helpers/duet.ts";
import { keepalivedInstance, startKeepalived } from "../helpers/peer-keepalived.ts";
import { eventually } from "../helpers/wait.ts";

await openPair(test);

/** Told by script and by FIFO, in one life: a master, a script that fails, the end. */
type Told = { readonly scripts: readonly string[]; readonly fifo: readonly string[] };

type Daemon = { readonly stop: () => Promise<unknown> };

async function live(
  t: ExecutionContext,
  start: (files: { readonly dir: string; readonly notify: string }) => Promise<Daemon>,
): Promise<Told> {
  const dir = mkdtempSync(join(tmpdir(), "duet-same-"));
  t.teardown(() => rmSync(dir, { recursive: true, force: true }));
  const notify = join(dir, "notify.sh");
  writeFileSync(
    notify,
    `#!/bin/bash\nTYPE=$1\nNAME=$2\nSTATE=$3\nPRIO=$4\necho "$# $TYPE $NAME $STATE $PRIO" >>${dir}/told\n`,
  );
  chmodSync(notify, 0o755);
  const text = (name: string): string =>
    existsSync(join(dir, name)) ? readFileSync(join(dir, name), "latin1") : "";
  const daemon = await start({ dir, notify });
  await eventually("the FIFO", () => existsSync(join(dir, "f")));
  const cat = here.spawn("sh", ["-c", `exec cat ${dir}/f >${dir}/read`]);
  const has = async (name: string, line: string): Promise<unknown> =>
    eventually(`${line} in ${name}: ${text(name)}`, () => text(name).includes(line));
  const ended = new Promise((resolve) => void cat.once("exit", resolve));
  await has("read", 'INSTANCE "VI" MASTER 150\n');
  await has("read", 'GROUP "G1" MASTER 0\n');
  await has("told", "GROUP G1 MASTER 0");
  writeFileSync(join(dir, "low"), "");
  await has("read", "MASTER_PRIORITY 130");
  await daemon.stop();
  await ended;
  return { scripts: text("told").split("\n"), fifo: text("read").split("\n") };
}

function settings(device: string): Parameters<typeof keepalivedInstance>[0] {
  const common = { interface: device, vrid: 51, priority: 150, version: 3, advertS: 0.1 } as const;
  return { ...common, vips: ["10.9.0.100/24"] };
}

test("a notify script and a FIFO are told by duet what they are told by keepalived", async (t) => {
  const byKeepalived = await live(t, async ({ dir, notify }) => {
    const chk = `vrrp_script chk {\n script "/usr/bin/test ! -e ${dir}/low"\n interval 1\n weight -20\n}\n`;
    const global = `global_defs {\n script_user root\n notify_fifo ${dir}/f\n vrrp_notify_priority_changes true\n}\n`;
    const group = `vrrp_sync_group G1 {\n group {\n VI\n }\n sync_group_tracking_weight\n notify ${notify}\n}\n`;
    const more = `notify ${notify}\n track_script {\n chk\n }\n`;
    const instance = keepalivedInstance({ ...settings(HERE.device), more });
    return startKeepalived(t, here, `${global}${chk}${instance}${group}`);
  });
  const byDuet = await live(t, async ({ dir, notify }) => {
    const global = `[global]\nnotify_fifo = ${dir}/f\nvrrp_notify_priority_changes = yes\n`;
    const chk = `[vrrp_script.chk]\nscript = /usr/bin/test ! -e ${dir}/low\nweight = -20\n`;
    const more = [`notify = ${notify}`, "track_script[] = chk"];
    const instance = instanceText({ ...settings(HERE.device), name: "VI", more });
    const group = `[vrrp_sync_group.G1]\ngroup[] = VI\nnotify = ${notify}\n`;
    const duet = await startDuet(t, `${global}${chk}${instance}${group}`);
    return {
      async stop() {
        duet.signal("SIGTERM");
        return duet.ended;
      },
    };
  });
  for (const about of ["INSTANCE", "GROUP"]) {
    const of = (lines: readonly string[]): readonly string[] =>
      lines.filter((line) => line.includes(about));
    t.deepEqual(of(byDuet.fifo), of(byKeepalived.fifo), `FIFO, ${about}`);
    // keepalived starts its scripts all at once: their order is nobody's.
    t.deepEqual(of(byDuet.scripts).toSorted(), of(byKeepalived.scripts).toSorted(), about);
  }
});
