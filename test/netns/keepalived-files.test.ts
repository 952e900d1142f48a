// Files in the manner of those that people have, read by keepalived and by duet: what they make of them is the same. keepalived
// says by its option -d what it has read.

import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { filesLike } from "../../src/config/keepalived/find-files.ts";
import { forgive } from "../../src/config/keepalived/forgive.ts";
import { translate } from "../../src/config/keepalived/translate.ts";
import type { Config, VrrpInstanceConfig } from "../../src/config/model.ts";
import { readNative } from "../../src/config/native.ts";
import { splitWords } from "../../src/lib/words.ts";
import type { Vip } from "../../src/vip/model.ts";
import { enterNewNetwork, ip } from "../helpers/netns.ts";
import { startProgram } from "../helpers/programs.ts";
import { eventually } from "../helpers/wait.ts";

const folder = "test/keepalived";
const refused = join(folder, "refused");
const files = readdirSync(folder).filter((name) => name.endsWith(".conf"));
const CONFIG_ID = "high";

test.before(() => {
  enterNewNetwork({ ipv6: true });
  for (const [device, address] of [
    ["eth0", "10.9.0.250/24"],
    ["eth1", "10.8.0.250/24"],
    ["bond0", "10.7.0.250/24"],
    ["ens192", "10.7.1.250/24"],
    ["br-ex", "10.7.2.250/24"],
  ]) {
    ip(`link add ${device} type veth peer name p${device}`);
    ip(`link set ${device} up`);
    ip(`link set p${device} up`);
    ip(`address add ${address} dev ${device}`);
  }
});

for (const name of files) {
  test.serial(`${name} is to duet what it is to keepalived`, async (t) => {
    const file = join(folder, name);
    const config = configOf(file);
    const dump = await dumpOf(t, file);
    t.deepEqual(config.vrrpInstances.map(summaryOf), instancesIn(dump));
    t.deepEqual(
      config.vrrpSyncGroups.map(({ name: group, members }) => ({ group, members: [...members] })),
      groupsIn(dump),
    );
  });
}

for (const name of readdirSync(refused)) {
  test.serial(`${name} is refused by keepalived and by duet`, async (t) => {
    const { output } = startKeepalived(t, join(refused, name));
    await eventually(output, () => output().includes("permanent error CONFIG. Terminating"));
    t.throws(() => configOf(join(refused, name)));
  });
}

const SAMPLES = "/usr/share/doc/keepalived/samples";

test("the samples of keepalived's package run, each of them", (t) => {
  const samples = readdirSync(SAMPLES).filter((name) => name.startsWith("keepalived.conf."));
  t.true(samples.length > 20);
  for (const name of samples) t.notThrows(() => configOf(join(SAMPLES, name)), name);
});

function configOf(file: string): Config {
  const text = readFileSync(file, "utf8");
  const read = (path: string): string | null => {
    try {
      return readFileSync(path, "utf8");
    } catch {
      return null;
    }
  };
  const outside = { read, find: filesLike, environment: () => undefined, configId: CONFIG_ID };
  const { places, ...written } = translate(file, text, outside);
  const { result } = forgive(written, places, (scan) =>
    readNative({ file, text, scan, hostname: hostname(), ownAddresses: new Set() }),
  );
  if (result.ok) return result.config;
  throw new Error(result.problems.map(({ line, message }) => `${line}: ${message}`).join("\n"));
}

// Its BFD process would write its own dump into the same pipe, in the midst of the other.
const OPTIONS =
  "--dont-fork --log-console --log-detail --dump-conf --vrrp --no_bfd --config-id".split(" ");

/** What keepalived says that it has read, without the time before each line. */
async function dumpOf(t: ExecutionContext, file: string): Promise<string> {
  const { output } = startKeepalived(t, file);
  await eventually(
    () => `the end of keepalived's dump:\n${output()}`,
    () => output().includes("------< Interfaces >------"),
  );
  const lines = output()
    .replace(/^\w+ \w+ +\d+ [\d:]+ \d+: /gm, "")
    .split("\n");
  // Another process of keepalived may speak in between.
  return lines.filter((line) => /^( |------<)/.test(line)).join("\n");
}

function startKeepalived(t: ExecutionContext, file: string): ReturnType<typeof startProgram> {
  const folder = mkdtempSync(join(tmpdir(), "duet-dump-"));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const names = Object.entries({ "-p": "pid", "-r": "vrrp.pid", "-b": "bfd.pid" });
  const place = names.flatMap(([option, name]) => [option, join(folder, name)]);
  const program = startProgram(
    t,
    "keepalived",
    OPTIONS.concat(CONFIG_ID, "--use-file", file, place),
  );
  // Killed at once it leaves its VRRP process behind.
  t.teardown(async () => {
    const { child } = program;
    if (child.exitCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGTERM");
    await exited;
  });
  return program;
}

type Summary = {
  readonly name: string;
  readonly version: number;
  readonly interface: string;
  readonly vrid: number;
  readonly priority: number;
  readonly advertMs: number;
  readonly preempt: boolean;
  readonly preemptDelayMs: number;
  readonly password: string | null;
  readonly vips: readonly string[];
  readonly excluded: readonly string[];
  readonly peers: readonly string[];
  readonly interfaces: readonly string[];
  readonly scripts: readonly string[];
  readonly garp: readonly number[];
  readonly hooks: Readonly<Record<string, readonly string[] | null>>;
};

function summaryOf({
  vrrp,
  link,
  way,
  vips,
  holds,
  announce,
  hooks,
  trackScripts,
  tracking,
}: VrrpInstanceConfig): Summary {
  return {
    name: vrrp.name,
    version: vrrp.version,
    interface: link?.name ?? vrrp.interface,
    vrid: vrrp.vrid,
    priority: vrrp.priority,
    advertMs: vrrp.advertIntervalMs,
    preempt: vrrp.preempt,
    preemptDelayMs: vrrp.policy.preemptDelayMs,
    // Version 2 has room for eight bytes.
    password: vrrp.auth.password?.slice(0, 8) ?? null,
    vips: vips.map(vipText),
    excluded: holds.excluded.map(vipText),
    peers: way.peers.map(({ address }) => address),
    interfaces: tracking.uses
      .filter(({ kind }) => kind === "interface")
      .map(({ name, weight }) => `${name} weight ${weight}`),
    scripts: trackScripts.map(({ name, weight }) => `${name} weight ${weight}`),
    garp: [announce.repeat, announce.delayMs / 1000, announce.refreshMs / 1000],
    hooks: {
      Master: wordsOf(hooks.notifyMaster),
      Backup: wordsOf(hooks.notifyBackup),
      Fault: wordsOf(hooks.notifyFault),
      Stop: wordsOf(hooks.notifyStop),
    },
  };
}

function vipText({ address, prefixLength, interface: device, broadcast, label }: Vip): string {
  const length = prefixLength === (address.includes(":") ? 128 : 32) ? "" : `/${prefixLength}`;
  return [
    `${address}${length}`,
    ...(broadcast === null ? [] : ["brd", broadcast]),
    `dev ${device}`,
    ...(label === null ? [] : ["label", label]),
  ].join(" ");
}

function wordsOf(command: string | null): readonly string[] | null {
  if (command === null) return null;
  const split = splitWords(command);
  return split.ok ? programAt(split.words) : [command];
}

/** keepalived says where a program really is. */
function programAt([program = "", ...args]: readonly string[]): readonly string[] {
  return [realpathSync(program), ...args];
}

function instancesIn(dump: string): readonly Summary[] {
  return blocksIn(dump, "VRRP Topology", " VRRP Instance = ").map(([name, lines]) => {
    const value = (key: string): string | undefined =>
      lines.find((line) => line.trim().startsWith(`${key} = `))?.split(" = ")[1];
    const number = (key: string): number => Number(value(key)?.split(" ")[0]);
    const [interval = "", unit] = (value("Advert interval") ?? "").split(" ");
    const delay = /delay ([\d.]+)/.exec(value("Preempt") ?? "")?.[1] ?? value("Preempt delay");
    const hook = (state: string): readonly string[] | null => {
      const words = value(`${state} state transition script`)?.replace(/, uid:gid .*/, "");
      return words === undefined
        ? null
        : (words.match(/'[^']*'/g) ?? []).map((one) => one.slice(1, -1));
    };
    return {
      name,
      version: number("VRRP Version"),
      interface: value("Interface")?.split(",")[0] ?? "",
      vrid: number("Virtual Router ID"),
      priority: number("Priority"),
      advertMs: unit === "sec" ? Number(interval) * 1000 : Number(interval),
      preempt: value("Preempt")?.startsWith("enabled") === true,
      preemptDelayMs: delay === undefined ? 0 : Number.parseFloat(delay) * 1000,
      password: value("Password") ?? null,
      // An address that is written twice is one.
      vips: [...new Set(listIn(lines, "Virtual IP (").map(shortVip))],
      excluded: [...new Set(listIn(lines, "Virtual IP Excluded").map(shortVip))],
      peers: listIn(lines, "Unicast Peer").map((line) => line.split(" ")[0] ?? ""),
      interfaces: listIn(lines, "Tracked interfaces"),
      scripts: listIn(lines, "Tracked scripts"),
      garp: [
        number("Gratuitous ARP repeat"),
        number("Gratuitous ARP delay"),
        number("Gratuitous ARP refresh"),
      ],
      hooks: {
        Master: hook("Master"),
        Backup: hook("Backup"),
        Fault: hook("Fault"),
        Stop: hook("Stop"),
      },
    };
  });
}

function groupsIn(
  dump: string,
): readonly { readonly group: string; readonly members: readonly string[] }[] {
  return blocksIn(dump, "VRRP Sync groups", " VRRP Sync Group = ").map(([name, lines]) => ({
    group: name.split(",")[0] ?? "",
    members: listIn(lines, "VRRP member instances"),
  }));
}

function blocksIn(
  dump: string,
  section: string,
  head: string,
): readonly (readonly [string, readonly string[]])[] {
  const from = dump.indexOf(`------< ${section} >------`);
  if (from === -1) return [];
  const text = dump.slice(from).split("\n------<")[0] ?? "";
  return text
    .split(`\n${head}`)
    .slice(1)
    .map((block) => {
      const [name = "", ...lines] = block.split("\n");
      return [name, lines] as const;
    });
}

/** The lines below a headline, which are indented further. */
function listIn(lines: readonly string[], head: string): readonly string[] {
  const at = lines.findIndex((line) => line.trim().startsWith(head));
  if (at === -1) return [];
  const depth = lines[at]?.search(/\S/) ?? 0;
  const rest = lines.slice(at + 1);
  const end = rest.findIndex((line) => line.search(/\S/) <= depth);
  return rest.slice(0, end === -1 ? undefined : end).map((line) => line.trim());
}

function shortVip(line: string): string {
  return line.replace(/@\S+| scope \w+| deprecated| preferred_lft \w+/g, "");
}
