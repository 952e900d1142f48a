// duet as systemd runs it: what it tells over NOTIFY_SOCKET, to a real datagram socket, what its processes may do, and what
// the journal gets.

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { bind, check, close, recv, socket } from "../../src/kernel/ffi.ts";
import { SOCK_CLOEXEC, SOCK_DGRAM, SOCK_NONBLOCK } from "../../src/kernel/numbers.ts";
import { duetCommand, startDuet } from "../helpers/duet.ts";
import { enterNewNetwork, ip } from "../helpers/netns.ts";
import { eventually } from "../helpers/wait.ts";

enterNewNetwork();
ip("link set lo up");
ip("link add d0 type veth peer name d0p");
ip("link set d0p up");
ip("address add 10.1.0.1/24 dev d0");
ip("link set d0 up");

const CONFIG = `[vrrp_instance.VI_1]
interface = d0
virtual_router_id = 51
version = 3
advert_int = 0.2
virtual_ipaddress[] = 10.1.0.100/24
`;

type Listener = {
  readonly path: string;
  /** All that was told until now, a datagram a string. */
  readonly told: () => readonly string[];
};

function listen(t: ExecutionContext, directory: string): Listener {
  const path = join(directory, "notify");
  const fd = check("socket", socket(1, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  t.teardown(() => void close(fd));
  const address = Buffer.concat([Buffer.from([1, 0]), Buffer.from(`${path}\0`)]);
  check("bind", bind(fd, address, address.length));
  const all: string[] = [];
  return {
    path,
    told() {
      const bytes = Buffer.alloc(4096);
      for (let n = 0; (n = recv(fd, bytes, bytes.length, 0)) > 0; ) {
        all.push(bytes.toString("utf8", 0, n));
      }
      return all;
    },
  };
}

function place(t: ExecutionContext): string {
  const directory = mkdtempSync(join(tmpdir(), "duet-service-"));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** For what is started next. */
function withEnvironment(t: ExecutionContext, values: Readonly<Record<string, string>>): void {
  Object.assign(process.env, values);
  t.teardown(() => {
    for (const name of Object.keys(values)) delete process.env[name];
  });
}

test.serial(
  "systemd hears of readiness, reloads, refusals, life and the end, in order",
  async (t) => {
    const directory = place(t);
    const systemd = listen(t, directory);
    withEnvironment(t, { NOTIFY_SOCKET: systemd.path, WATCHDOG_USEC: "900000" });
    const duet = await startDuet(t, CONFIG);
    const others = () => systemd.told().filter((text) => text !== "WATCHDOG=1");
    const comes = async (what: string, n: number) =>
      eventually(
        () => `${what}: ${systemd.told().join(" | ")}`,
        () => others()[n],
      );

    t.is(await comes("readiness", 0), "READY=1\nSTATUS=see duet status");
    const alive = systemd.told().filter((text) => text === "WATCHDOG=1").length;
    await eventually(
      "three more signs of life",
      () => systemd.told().filter((text) => text === "WATCHDOG=1").length >= alive + 3,
    );

    t.is((await duetCommand(["reload", "--run-dir", duet.runDir])).code, 0);
    t.regex((await comes("a reload", 1)) ?? "", /^RELOADING=1\nMONOTONIC_USEC=\d+$/);
    t.is(await comes("its end", 2), "READY=1\nSTATUS=see duet status");

    duet.write("[nonsense]\n");
    t.is((await duetCommand(["reload", "--run-dir", duet.runDir])).code, 1);
    t.regex((await comes("another reload", 3)) ?? "", /^RELOADING=1\n/);
    t.regex(
      (await comes("its refusal", 4)) ?? "",
      /^READY=1\nSTATUS=the last reload was refused; see duet status$/,
    );

    t.is((await duetCommand(["stop", "--run-dir", duet.runDir])).code, 0);
    t.is(await comes("the end", 5), "STOPPING=1");
    t.is(await duet.ended, 0);
  },
);

const NET_ADMIN = 1n << 12n;
const NET_RAW = 1n << 13n;
const CHOWN = 1n << 0n;
const SYS_ADMIN = 1n << 21n;
const SYS_MODULE = 1n << 16n;

function capabilitiesOf(pid: number, which: string): bigint {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const hex = new RegExp(`^${which}:\\s*([0-9a-f]+)$`, "m").exec(status)?.[1];
  return BigInt(`0x${hex ?? "0"}`);
}

test.serial(
  "each process keeps the capabilities that it needs, and a script of root has its own",
  async (t) => {
    const directory = place(t);
    mkdirSync(join(directory, "bin"), { mode: 0o755 });
    const script = join(directory, "bin", "tell.sh");
    const answer = join(directory, "answer");
    const text = `#!/bin/sh\ngrep CapEff /proc/self/status >${answer}.new\nmv ${answer}.new ${answer}\n`;
    writeFileSync(script, text, { mode: 0o755 });
    const before = capabilitiesOf(process.pid, "CapEff");
    const duet = await startDuet(
      t,
      `[global]\nenable_script_security = no\n${CONFIG}notify_master = ${script}\n`,
    );
    await duet.becomes("MASTER");
    const vrrp = capabilitiesOf(await duet.pidOf("vrrp"), "CapPrm");
    const desk = capabilitiesOf(await duet.pidOf("desk"), "CapPrm");
    const guardian = capabilitiesOf(duet.pid, "CapPrm");
    for (const mask of [vrrp, desk, guardian]) t.is(mask & (SYS_ADMIN | SYS_MODULE), 0n);
    t.is(vrrp & NET_ADMIN, NET_ADMIN);
    t.is(vrrp & CHOWN, 0n);
    t.is(desk & (NET_ADMIN | NET_RAW), 0n);
    t.is(guardian & NET_RAW, NET_RAW);
    const script_ = await eventually("the answer of the script", () => {
      try {
        return /CapEff:\s*([0-9a-f]+)/.exec(readFileSync(answer, "utf8"))?.[1];
      } catch {
        return undefined;
      }
    });
    t.is(BigInt(`0x${script_}`), before);
  },
);

test.serial(
  "the journal gets a priority with each line, and another stream does not",
  async (t) => {
    const duet = await startDuet(t, CONFIG);
    t.true(duet.lines().every(({ level }) => level !== "none"));
    // What JOURNAL_STREAM names is the pipe that systemd made; here it is one of this test's, which the shell puts on stderr.
    const program =
      'export JOURNAL_STREAM=$(stat -L -c %d:%i /proc/self/fd/2); exec "$0" build/duet/main.js run -f /nowhere.ini --run-dir "$1"';
    const told = execFileSync(
      "sh",
      ["-c", `(${program}) 2>&1 >/dev/null | cat; true`, process.execPath, join(place(t), "run")],
      { encoding: "utf8" },
    );
    t.regex(told, /^<2>\{"level":"fatal"/m);
  },
);
