import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { bind, check, close, recv, socket } from "../../src/kernel/ffi.ts";
import { SOCK_CLOEXEC, SOCK_DGRAM, SOCK_NONBLOCK } from "../../src/kernel/numbers.ts";
import { openServiceManager } from "../../src/kernel/service-manager.ts";
import { virtualClock } from "../helpers/virtual-clock.ts";

test("what the queue of a busy systemd does not take is said again", (t) => {
  const directory = mkdtempSync(join(tmpdir(), "duet-manager-"));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, "notify");
  const fd = check("socket", socket(1, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  t.teardown(() => void close(fd));
  const address = Buffer.concat([Buffer.from([1, 0]), Buffer.from(`${path}\0`)]);
  check("bind", bind(fd, address, address.length));
  const { clock, advance } = virtualClock();
  const manager = openServiceManager({ NOTIFY_SOCKET: path, WATCHDOG_USEC: "900000" }, clock);

  advance(3_600_000); // more signs of life than any queue holds
  manager.ready();
  manager.reloading();
  manager.ready("the last reload was refused");
  const heard: string[] = [];
  const bytes = Buffer.alloc(4096);
  for (let round = 0; round < 3; round += 1) {
    for (let n = 0; (n = recv(fd, bytes, bytes.length, 0)) > 0; ) {
      heard.push(bytes.toString("utf8", 0, n).split("\n")[0] ?? "");
    }
    advance(150);
  }
  t.deepEqual(
    heard.filter((text) => text !== "WATCHDOG=1"),
    ["READY=1", "RELOADING=1", "READY=1"],
  );
  t.is(heard.at(-1), "WATCHDOG=1");
});
