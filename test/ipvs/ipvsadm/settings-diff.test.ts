import test from "ava";
import { settingsDiff } from "../../../src/ipvs/ipvsadm/settings-diff.ts";
import type { SyncDaemon } from "../../../src/ipvs/model.ts";

const timeouts = { tcpS: 900, tcpFinS: 120, udpS: 300 };
const master: SyncDaemon = { state: "master", interface: "eth0", syncId: 1 };
const running: SyncDaemon = { ...master, group: "224.0.0.81", port: 8848, ttl: 1 };

test("settingsDiff() tells the timeouts that the last line of each leaves changed; 0 keeps", (t) => {
  const actual = { timeouts, daemons: [] };
  const set = (tcpS: number, tcpFinS: number, udpS: number) =>
    ({ kind: "set", timeouts: { tcpS, tcpFinS, udpS } }) as const;
  t.deepEqual(settingsDiff([set(800, 0, 0), set(0, 120, 30)], actual), [
    "set timeouts: tcp 900 -> 800, udp 300 -> 30",
  ]);
  t.deepEqual(settingsDiff([set(800, 0, 0), set(900, 120, 300)], actual), []);
  t.deepEqual(settingsDiff([{ kind: "zero", key: null }], actual), []);
});

test("settingsDiff() tells daemons to start, to stop, and others that run as they should not", (t) => {
  const start = (daemon: SyncDaemon) => ({ kind: "start-daemon", daemon }) as const;
  const stop = (daemon: SyncDaemon) => ({ kind: "stop-daemon", daemon }) as const;
  const idle = { timeouts, daemons: [] };
  const busy = { timeouts, daemons: [running] };
  t.deepEqual(settingsDiff([start(master)], idle), [
    "start master sync daemon (mcast=eth0, syncid=1)",
  ]);
  t.deepEqual(settingsDiff([start(master)], busy), []);
  t.deepEqual(settingsDiff([start({ ...master, ttl: 2 })], busy), [
    "stop master sync daemon (mcast=eth0, syncid=1, group=224.0.0.81, port=8848, ttl=1)",
    "start master sync daemon (mcast=eth0, syncid=1, ttl=2)",
  ]);
  t.deepEqual(settingsDiff([stop(master)], busy), [
    "stop master sync daemon (mcast=eth0, syncid=1, group=224.0.0.81, port=8848, ttl=1)",
  ]);
  t.deepEqual(settingsDiff([stop(master)], idle), []);
  t.deepEqual(settingsDiff([start(master), stop(master)], idle), []);
  t.deepEqual(settingsDiff([start({ ...master, state: "backup" })], busy), [
    "start backup sync daemon (mcast=eth0, syncid=1)",
  ]);
});
