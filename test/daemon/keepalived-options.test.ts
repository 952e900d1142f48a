// keepalived's command line as `duet keepalived` takes it.

import test from "ava";
import {
  type KeepalivedOptions,
  readKeepalivedOptions,
} from "../../src/daemon/guardian/stand-in/keepalived-options.ts";
import { halfOf } from "../../src/daemon/guardian/stand-in/stand-in.ts";
import { configOf } from "../config/helpers.ts";

function options(...args: readonly string[]): KeepalivedOptions {
  const asked = readKeepalivedOptions(args);
  if (asked.kind !== "run" && asked.kind !== "test") {
    throw new Error(JSON.stringify(asked));
  }
  return asked.options;
}

test("without options keepalived's file and pid files hold, and it goes into the background", (t) => {
  const { file, inForeground, pidFiles, half, configId } = options();
  t.is(file, "/etc/keepalived/keepalived.conf");
  t.false(inForeground);
  t.deepEqual(pidFiles, {
    guardian: "/run/keepalived.pid",
    vrrp: "/run/vrrp.pid",
    director: "/run/checkers.pid",
  });
  t.is(half, null);
  t.is(configId, null);
});

test("a container's line, and a unit's", (t) => {
  const container = options("-nlD", "-f", "/etc/k.conf", "-ilb1");
  t.like(container, {
    file: "/etc/k.conf",
    configId: "lb1",
    inForeground: true,
    logsToStderr: true,
    hasDetails: true,
  });
  const unit = options("--dont-fork", "--vrrp", "--pid=/run/a", "-r", "/run/b", "-c/run/c");
  t.like(unit, { half: "vrrp", inForeground: true });
  t.deepEqual(unit.pidFiles, { guardian: "/run/a", vrrp: "/run/b", director: "/run/c" });
  t.is(options("-S", "3").syslogFacility, "local3");
  t.is(options("-u", "027").umask, 0o27);
});

test("every other option of keepalived 2.2.7 has no effect and says why, or is refused with what helps", (t) => {
  const { notes } = options(..."-n -x -V -I -X -R -B -a -m -e --all -A s -b p -Mcore".split(" "));
  t.is(notes.length, 13);
  for (const note of notes) t.regex(note, /^(-\w \(--[\w-]+\)|--all) has no effect here: \w/);
  const refused = readKeepalivedOptions([
    "-s",
    "red",
    "-T",
    "extra",
    "-u9x",
    "-S",
    "9",
    "-Z",
    "-f",
  ]);
  t.is(refused.kind, "refused");
  t.deepEqual(refused.kind === "refused" ? refused.reason.split("\n") : [], [
    "Cannot use -s (--namespace): start duet in it: ip netns exec NAME duet keepalived ...",
    'Cannot use -T (--genhash): the digest of a page is that of "curl -s URL | md5sum"',
    'Cannot use "extra": keepalived takes options only, as in -f FILE',
    'Cannot use -u (--umask): "9x" must be a number up to 0777',
    'Cannot use -S (--log-facility): "9" must be 0 to 7, local0 to local7, user or daemon',
    "Cannot use -Z: keepalived has no such option",
    "Cannot use -f without a value",
  ]);
  t.like(readKeepalivedOptions(["-P", "-C"]), { kind: "refused" });
});

test("--config-test, --signum, --version and --help", (t) => {
  t.is(readKeepalivedOptions(["-t", "-f", "a"]).kind, "test");
  t.is(options("-t/tmp/log").testLog, "/tmp/log");
  t.is(options("--config-test=/tmp/log").testLog, "/tmp/log");
  t.deepEqual(readKeepalivedOptions(["--signum", "JSON"]), { kind: "signal", number: 36 });
  t.like(readKeepalivedOptions(["--signum=TDATA"]), { kind: "refused" });
  t.deepEqual(readKeepalivedOptions(["-Z", "-v"]), { kind: "version" });
  t.deepEqual(readKeepalivedOptions(["--help"]), { kind: "help" });
});

test("-P leaves the virtual servers out, and -C everything of VRRP", (t) => {
  const whole = configOf(`[global]
lvs_timeouts = tcp 60
static_routes[] = 10.1.0.0/24 via 10.0.0.1
[vrrp_instance.VI_1]
interface = eth0
virtual_router_id = 51
virtual_ipaddress[] = 10.0.0.1/24
track_interface[] = eth1
track_virtual_server[] = web
[virtual_server.web]
address = 10.0.0.1:80
protocol = tcp
[real_server.web.a]
address = 10.0.0.2:80
`);
  const vrrp = halfOf(whole, "vrrp");
  t.deepEqual([vrrp.vrrpInstances.length, vrrp.virtualServers.length], [1, 0]);
  t.is(vrrp.lvs.timeouts, null);
  t.deepEqual(
    vrrp.vrrpInstances[0]?.tracking.uses.map(({ kind }) => kind),
    ["interface"],
    "without a director nobody would tell of web",
  );
  const checkers = halfOf(whole, "checkers");
  t.deepEqual([checkers.vrrpInstances.length, checkers.virtualServers.length], [0, 1]);
  t.deepEqual(checkers.statics.routes, []);
  t.is(halfOf(whole, null), whole);
});
