// duet's own files are replaced below a daemon that runs: nothing that runs is touched, nothing of another version joins it,
// and whatever cannot be started says why.

import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { instanceText, openPair } from "../helpers/daemon-pair.ts";
import { holds, type Place } from "../helpers/daemon-place.ts";
import { type Duet, duetCommand, killQuietly, startDuet } from "../helpers/duet.ts";

const { here } = await openPair(test);

/** A file of the program that a role loads, and no other process of it. */
const partOf = (role: "vrrp" | "reader"): string => {
  const name = readdirSync("build/duet").find((each) => new RegExp(`^${role}-.*\\.js$`).test(each));
  if (name === undefined) throw new Error(`${role} has no part of its own`);
  return `build/duet/${name}`;
};

type Installed = { readonly folder: string; readonly place: Place };

/** A copy of this tree, as `npm prune --omit=dev` leaves it. */
function install(t: ExecutionContext): Installed {
  const folder = mkdtempSync(join(tmpdir(), "duet-upgrade-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const lock = JSON.parse(readFileSync("node_modules/.package-lock.json", "utf8")) as {
    readonly packages: Readonly<Record<string, { readonly dev?: boolean }>>;
  };
  const packages = Object.entries(lock.packages).filter(([, { dev }]) => dev !== true);
  const names = ["package.json", "build/duet", "node_modules/.package-lock.json"];
  for (const name of [...names, ...packages.map(([name]) => name)]) {
    cpSync(name, join(folder, name), { recursive: true });
  }
  const place: Place = {
    run: here.run,
    spawn: (command, [, ...args]) =>
      here.spawn(command, [join(folder, "build/duet/main.js"), ...args]),
  };
  return { folder, place };
}

async function restarts(duet: Duet): Promise<number | undefined> {
  const { processes } = await duet.status();
  return processes.find(({ role }) => role === "vrrp")?.restarts;
}

for (const [vrid, what, name, why] of [
  [1, "node_modules is not there", "node_modules", /upgrade under way.*Cannot find package/],
  [
    2,
    "the program is not there",
    "build/duet/main.js",
    /main\.js is not there \(is an upgrade under way\?\)/,
  ],
  [3, "a part of it is not there", partOf("vrrp"), /upgrade under way.*Cannot find module/],
] as const) {
  test.serial(
    `vrrp dies while ${what}: its will is done, it is told why, and comes back with the file`,
    async (t) => {
      const { folder, place } = install(t);
      const vip = `10.9.0.${100 + vrid}`;
      const text = instanceText({ vrid, priority: 100, vips: [`${vip}/24`] });
      const duet = await startDuet(t, text, { place });
      await duet.becomes("MASTER");
      renameSync(join(folder, name), join(folder, "away"));
      killQuietly(await duet.pidOf("vrrp"), "SIGKILL");
      await duet.said({ msg: "last will of the vrrp role carried out" });
      const { how } = await duet.said({ msg: "role cannot be started", process: "vrrp" });
      t.regex(String(how), why);
      t.false(holds(here, vip));
      const { degraded } = await duet.status();
      if (vrid !== 2)
        t.like(
          degraded.find(({ kind }) => kind === "role_unloadable"),
          { subject: "vrrp" },
        );
      renameSync(join(folder, "away"), join(folder, name));
      await duet.becomes("MASTER");
      t.is(await restarts(duet), 1, "an attempt is no restart");
      const left = (await duet.status()).degraded.map(({ kind }) => kind);
      t.deepEqual(left, ["role_restarted"], "which is told for a while");
    },
  );
}

test.serial(
  "a reload while files are missing or others is refused with the reason; what runs goes on",
  async (t) => {
    const { folder, place } = install(t);
    const instance = { vrid: 4, priority: 100, vips: ["10.9.0.104/24"] };
    const duet = await startDuet(t, instanceText(instance), { place });
    await duet.becomes("MASTER");
    duet.write(instanceText({ ...instance, priority: 110 }));
    const reload = async (): Promise<{ readonly code: number; readonly output: string }> =>
      duetCommand(["reload", "--run-dir", duet.runDir]);

    renameSync(join(folder, partOf("reader")), join(folder, "away"));
    const missing = await reload();
    t.is(missing.code, 1);
    t.regex(missing.output, /Cannot load duet's own files .*reader.*restart duet/s);
    renameSync(join(folder, "away"), join(folder, partOf("reader")));
    t.is((await reload()).code, 0, "they are the same files");
    t.is((await duet.instance()).priority, 110);

    appendFileSync(join(folder, partOf("reader")), "// another version\n");
    const other = await reload();
    t.is(other.code, 1);
    t.regex(other.output, /own files were replaced since it was started.*restart duet/s);
    const { state, priority } = await duet.instance();
    t.deepEqual([state, priority], ["MASTER", 110]);
    t.is(await restarts(duet), 0);
  },
);

test.serial(
  "a role that dies after an upgrade is not mixed with the others: duet ends, to be started anew",
  async (t) => {
    const { folder, place } = install(t);
    const vip = "10.9.0.105";
    const text = instanceText({ vrid: 5, priority: 100, vips: [`${vip}/24`] });
    const duet = await startDuet(t, text, { place });
    await duet.becomes("MASTER");
    appendFileSync(join(folder, partOf("reader")), "// another version\n");
    killQuietly(await duet.pidOf("vrrp"), "SIGKILL");
    const { how } = await duet.said({ msg: "role cannot be started", process: "vrrp" });
    t.regex(String(how), /were replaced since it was started/);
    await duet.said({ msg: "duet ends, to be started anew" });
    t.is(await duet.ended, 1);
    t.deepEqual(duet.living(), []);
    t.false(holds(here, vip));
    const again = await startDuet(t, text, { place, runDir: duet.runDir, file: duet.file });
    await again.becomes("MASTER");
  },
);

test.serial("a start from files that are not whole is refused in one line", async (t) => {
  const { folder, place } = install(t);
  rmSync(join(folder, "node_modules"), { recursive: true });
  for (const args of [
    ["run", "-f", "/nowhere.ini"],
    ["ipvs", "-L"],
    ["realserver", "dr", "status"],
  ]) {
    const { code, output } = await duetCommand(args, place);
    t.is(code, 1, output);
    t.regex(
      output,
      /^duet: Cannot load duet's own files \(is an upgrade under way\?\): Cannot find package.*\n$/,
    );
  }
});
