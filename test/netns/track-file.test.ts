// A tracked file and the whole daemon: an operator moves the address with echo.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { instanceText, openPair, THERE } from "../helpers/daemon-pair.ts";
import { holds } from "../helpers/daemon-place.ts";
import { startDuet } from "../helpers/duet.ts";
import { eventually } from "../helpers/wait.ts";

const pair = await openPair(test);
const VIP = "10.9.0.100";

test.serial("a number in a tracked file hands the addresses over, and back", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "duet-track-"));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, "load");
  const vips = [`${VIP}/24`];
  const more = ["track_file[] = load weight -1"];
  const section = `[track_file.load]\nfile = ${file}\ninit_file = 0\n`;
  const text = instanceText({ vrid: 1, priority: 150, vips, more });
  const a = await startDuet(t, text + section);
  await a.becomes("MASTER");
  const other = instanceText({ vrid: 1, priority: 100, vips, interface: THERE.device });
  const b = await startDuet(t, other, { place: pair.there });
  await b.becomes("BACKUP");

  writeFileSync(file, "60\n");
  await b.becomes("MASTER");
  t.is((await a.becomes("BACKUP")).priority, 90);
  t.true(holds(pair.there, VIP));

  writeFileSync(file, "0\n");
  await a.becomes("MASTER");

  writeFileSync(file, "254\n");
  t.deepEqual((await a.becomes("FAULT")).faults, ["track_file:load"]);
  await b.becomes("MASTER");
  await eventually("the journal and the status to tell", async () => {
    const { trackers = [] } = await a.status();
    return trackers.some(
      ({ kind, name, value }) => kind === "file" && name === "load" && value === 254,
    );
  });
});
