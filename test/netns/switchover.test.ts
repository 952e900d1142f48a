// `duet switchover` and `duet maintenance`, seen by a client of the virtual address: two directors and the client on one switch.

import test from "ava";
import { type Asker, ask } from "../helpers/asker.ts";
import { calmInstanceText, THERE } from "../helpers/daemon-pair.ts";
import { holds, type Place, type Teardown } from "../helpers/daemon-place.ts";
import { type CommandEnd, type Duet, duetCommand, startDuet } from "../helpers/duet.ts";
import { keepalivedInstance, startKeepalived } from "../helpers/peer-keepalived.ts";
import { openSegment } from "../helpers/segment.ts";
import { eventually } from "../helpers/wait.ts";

const PORT = 7000;
const ADVERT_S = 0.5;
const { here, there, client, close } = await openSegment();
test.after.always("the segment goes", close);

async function asking(t: Teardown, address: string): Promise<Asker> {
  for (const place of [here, there]) await answer(t, place);
  return ask(t, client, { address, port: PORT, periodMs: 5 });
}

async function answer(t: Teardown, place: Place): Promise<void> {
  const child = place.spawn(process.execPath, ["build/test/helpers/udp-answerer.js", String(PORT)]);
  t.teardown(() => void child.kill("SIGKILL"));
  let ready = false;
  child.stdout?.once("data", () => (ready = true));
  await eventually("the answerer", () => ready);
}

async function order(duet: Duet, place: Place, ...words: readonly string[]): Promise<CommandEnd> {
  return duetCommand([...words, "--run-dir", duet.runDir], place);
}

/** So many adverts of somebody else later. */
async function heardMore(duet: Duet, adverts: number): Promise<void> {
  const received = async (): Promise<number> => (await duet.instance()).counters.adverts_received;
  const before = await received();
  await eventually("adverts", async () => (await received()) >= before + adverts);
}

test.serial(
  "a group is handed over and back, and a node in maintenance stays BACKUP",
  async (t) => {
    const text = (device: string | undefined, priority: number): string => {
      const common = { priority, ...(device !== undefined && { interface: device }) };
      const members = [1, 2].map((vrid) =>
        calmInstanceText({ ...common, name: `VI_${vrid}`, vrid, vips: [`10.9.0.10${vrid}/24`] }),
      );
      return [...members, "[vrrp_sync_group.G]\ngroup[] = VI_1\ngroup[] = VI_2\n"].join("\n");
    };
    const one = await startDuet(t, text(undefined, 150), { place: here });
    await one.becomes("MASTER");
    const two = await startDuet(t, text(THERE.device, 100), { place: there });
    await two.becomes("BACKUP");
    const asker = await asking(t, "10.9.0.101");

    const over = await order(one, here, "switchover", "VI_2");
    t.is(over.code, 0, over.output);
    for (const name of ["VI_1", "VI_2"]) {
      t.regex(
        over.output,
        new RegExp(`^${name}: 10\\.9\\.0\\.2 \\(priority 100\\) took over`, "m"),
      );
    }
    await eventually("both addresses", () =>
      ["101", "102"].every((end) => holds(there, `10.9.0.${end}`)),
    );
    await heardMore(one, 6);
    t.like(await one.instance(), { state: "BACKUP", cause: "switchover", yields: true });
    const again = await order(one, here, "switchover");
    t.is(again.code, 1);
    t.regex(again.output, /^G is not MASTER on this node$/m);

    const words = ["maintenance", "on", "--for", "10m", "--reason", "new disk"];
    const aside = await order(two, there, ...words);
    t.is(aside.code, 0, aside.output);
    await one.becomes("MASTER");
    t.like(await one.instance(), { cause: "priority_zero_received", yields: false });
    const status = await order(two, there, "status");
    t.is(status.code, 1);
    t.regex(status.output, /node: in maintenance until \S+ \(new disk\): it stays BACKUP/);

    const alone = await order(one, here, "switchover");
    t.is(alone.code, 1);
    t.regex(alone.output, /VI_1: nobody took over within \d+ ms .*its addresses were never off/);
    const { sent, lost } = await asker.end();
    t.log(`${lost} of ${sent} questions were not answered`);
    t.is(lost, 0);

    two.signal("SIGTERM");
    t.is(await two.ended, 0);
    const restarted = await startDuet(t, text(THERE.device, 100), {
      place: there,
      runDir: two.runDir,
    });
    await restarted.said({ role: "vrrp", msg: "maintenance goes on" });
    await restarted.becomes("BACKUP");
    one.signal("SIGTERM");
    t.is(await one.ended, 0);
    t.is((await order(restarted, there, "maintenance")).code, 0);
    t.is((await order(restarted, there, "maintenance", "off")).code, 0);
    await restarted.becomes("MASTER");
    t.is((await restarted.instance()).counters.became_master, 1);
    t.is((await order(restarted, there, "maintenance")).code, 1);
  },
);

test.serial(
  "a keepalived takes over by a switchover, and gives back when it is stopped",
  async (t) => {
    const vip = "10.9.0.103";
    const common = { vrid: 3, version: 3, advertS: ADVERT_S, vips: [`${vip}/24`] } as const;
    const duet = await startDuet(t, calmInstanceText({ ...common, priority: 150 }), {
      place: here,
    });
    await duet.becomes("MASTER");
    const other = { ...common, interface: THERE.device, priority: 100 };
    const keepalived = await startKeepalived(t, there, keepalivedInstance(other));
    await keepalived.becomes("BACKUP");
    const asker = await asking(t, vip);

    const over = await order(duet, here, "switchover");
    t.is(over.code, 0, over.output);
    await eventually("keepalived's address", () => holds(there, vip));
    await heardMore(duet, 6);
    t.like(await duet.instance(), { state: "BACKUP", yields: true });
    const { sent, lost } = await asker.end();
    t.log(`${lost} of ${sent} questions were not answered`);
    t.is(lost, 0);
  },
);
