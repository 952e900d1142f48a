import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import type { LastProbe } from "../../src/check/engine.ts";
import { type Monitor, openMonitor } from "../../src/director/monitor.ts";
import { nowMs, timeoutClock } from "../../src/lib/clock.ts";
import { memoryLog, temporaryDirectory } from "../helpers/sockets.ts";
import { until } from "../helpers/until.ts";
import { realServerConfig, virtualServerConfig } from "../helpers/virtual-server.ts";

function place(
  t: ExecutionContext,
  fileMaxBytes?: number,
): {
  readonly path: string;
  readonly monitor: Monitor;
  readonly tell: (virtualServer: string, last?: Partial<LastProbe>, logsFailures?: boolean) => void;
  readonly logged: readonly Record<string, unknown>[];
} {
  const path = join(temporaryDirectory(t), "monitor.log");
  const { log, lines: logged } = memoryLog();
  const clock = timeoutClock;
  const monitor = openMonitor({ clock, log, ...(fileMaxBytes !== undefined && { fileMaxBytes }) });
  t.teardown(async () => monitor.close(1000));
  const web = virtualServerConfig({ monitorFile: path });
  monitor.configure([web, { ...web, name: "quiet", monitorFile: null }]);
  const realServer = realServerConfig("rs1", "10.0.0.21");
  const last: LastProbe = { ok: true, cause: "success", detail: "200", tookMs: 1, atMs: nowMs() };
  return {
    path,
    monitor,
    logged,
    tell(virtualServer, different = {}, logsFailures = false) {
      const told = { ...last, ...different };
      monitor.result({
        virtualServer,
        realServer,
        check: { name: "ok_page", logsFailures },
        last: told,
      });
    },
  };
}

test("every result of a service that says so is a line, which no answer of a server can break", async (t) => {
  const { path, monitor, tell } = place(t);
  tell("web");
  tell("quiet");
  tell("web", { ok: false, cause: "wrong_status", detail: "50%|3\n[up]\x1b\u202e" });
  await monitor.close(5000);
  const lines = readFileSync(path, "utf8").split("\n");
  const begins = String.raw`^\[\d{4}-\d\d-\d\dT[\d:.]+Z\] \[${process.pid}\] web\.rs1 10\.0\.0\.21:80 `;
  t.regex(lines[0] ?? "", new RegExp(String.raw`${begins}\[up\] ok_page: 200$`));
  t.regex(
    lines[1] ?? "",
    new RegExp(
      String.raw`${begins}\[down\] ok_page: wrong_status \(50%25%7c3%0a\[up\]%1b%e2%80%ae\)$`,
    ),
  );
  t.deepEqual(lines.slice(2), [""]);
});

test("a check that says so has its failures in the log, and only these", (t) => {
  const { tell, logged } = place(t);
  const failure = { ok: false, cause: "wrong_status", detail: "503" } as const;
  tell("quiet", failure);
  tell("quiet", {}, true);
  t.deepEqual(logged, []);
  tell("quiet", failure, true);
  t.is(logged.length, 1);
  t.like(logged[0], {
    msg: "check failed",
    virtual_server: "quiet",
    real_server: "rs1",
    check: "ok_page",
    cause: "wrong_status",
    detail: "503",
  });
});

test("a file that was taken away is made anew, one that grows too long becomes the older one", async (t) => {
  const { path, tell } = place(t, 100);
  tell("web");
  await until("it is there", () => existsSync(path));
  renameSync(path, `${path}-20260101`);
  tell("web");
  await until("it is there again", () => existsSync(path));
  tell("web");
  await until("it is the older one", () => existsSync(`${path}.1`));
  t.is(readFileSync(`${path}.1`, "utf8").split("\n").length, 3);
});

test("a file that cannot be written is told, and nothing waits for it", async (t) => {
  const { path, tell, logged } = place(t);
  execFileSync("mkfifo", [path]);
  tell("web");
  await until("it is told", () => logged.length === 1);
  t.like(logged[0], { msg: "cannot write the monitor file", path });
  t.regex(String(logged[0]?.["error"]), /ENXIO/);
});

test("what waits to be written has a limit, and what is over it is counted", async (t) => {
  const { path, monitor, tell, logged } = place(t);
  const linesTold = 20_000;
  for (let n = 0; n < linesTold; n += 1) tell("web");
  await monitor.close(5000);
  const written = readFileSync(path, "utf8");
  t.true(written.length <= 1 << 20);
  const [warning] = logged;
  t.like(warning, { msg: "results not in the monitor file", path });
  t.is(written.trimEnd().split("\n").length + Number(warning?.["lost"]), linesTold);
});
