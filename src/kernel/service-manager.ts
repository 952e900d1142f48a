// Tells systemd how the service is: readiness, reloads, a status line, signs of life. sd_notify(3).

import type { Clock } from "../lib/clock.ts";
import { errnoName } from "./errors.ts";
import { check, errno, sendto, socket } from "./ffi.ts";
import { AF_UNIX, SOCK_CLOEXEC, SOCK_DGRAM, SOCK_NONBLOCK } from "./numbers.ts";
import { UNIX_PATH_BYTES_MAX, unixAddress } from "./socket-address.ts";

export type ServiceManager = {
  /** `systemctl status` shows the note. That nobody listens is no error. */
  readonly ready: (note?: string) => void;
  readonly reloading: () => void;
  readonly stopping: () => void;
};

const SIGNS = 3;
const AGAIN_MS = 100;
const UNSAID_MAX = 16;
const SILENT: ServiceManager = {
  ready() {},
  reloading() {},
  stopping() {},
};

/**
 * By NOTIFY_SOCKET and WATCHDOG_USEC of this environment, which are taken out of it: what this process starts is not asked.
 * A process whose clock rings is alive, and says so three times in the time that systemd gives it. Without
 * systemd the service manager says nothing.
 */
export function openServiceManager(environment: NodeJS.ProcessEnv, clock: Clock): ServiceManager {
  const path = environment["NOTIFY_SOCKET"] ?? "";
  const watchdogMs = watchdogOf(environment);
  for (const name of ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"]) delete environment[name];
  if (!/^[/@]/.test(path) || Buffer.byteLength(path) >= UNIX_PATH_BYTES_MAX) return SILENT;
  const address = unixAddress(path);
  const fd = check("socket unix", socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  /** systemd's queue holds ten datagrams (net.unix.max_dgram_qlen): what it does not take is said again, or a start never ends. */
  const unsaid: Buffer[] = [];
  const again = clock.alarm(() => pump());
  const pump = (): void => {
    for (let bytes = unsaid[0]; bytes !== undefined; bytes = unsaid[0]) {
      const sent = sendto(fd, bytes, bytes.length, 0, address, address.length);
      if (sent < 0 && errnoName(errno()) === "EAGAIN") return again.set(clock.nowMs() + AGAIN_MS);
      unsaid.shift();
    }
  };
  const say = (...lines: readonly string[]): void => {
    if (unsaid.length === UNSAID_MAX) unsaid.shift();
    unsaid.push(Buffer.from(lines.join("\n")));
    pump();
  };
  if (watchdogMs !== null) {
    const alarm = clock.alarm(() => {
      if (unsaid.length === 0) say("WATCHDOG=1");
      alarm.set(clock.nowMs() + watchdogMs / SIGNS);
    });
    alarm.set(clock.nowMs());
  }
  return {
    ready: (note = "") => say("READY=1", `STATUS=${note === "" ? "" : `${note}; `}see duet status`),
    reloading() {
      // With the time systemd knows which READY=1 answers it (Type=notify-reload, and sd_notify(3)).
      say("RELOADING=1", `MONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`);
    },
    stopping: () => say("STOPPING=1"),
  };
}

function watchdogOf(environment: NodeJS.ProcessEnv): number | null {
  const pid = environment["WATCHDOG_PID"];
  if (pid !== undefined && Number(pid) !== process.pid) return null;
  const us = Number(environment["WATCHDOG_USEC"] ?? 0);
  return us > 0 ? us / 1000 : null;
}
