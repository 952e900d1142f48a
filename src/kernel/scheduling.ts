// How the kernel schedules this process. sched_setscheduler(2), sched_setaffinity(2), setpriority(2), getrlimit(2).
// Real time is for the main thread alone, where the event loop runs; processors are for all threads.

import { readdirSync, readFileSync } from "node:fs";
import { getPriority, setPriority } from "node:os";
import { check, int32, schedSetaffinity, schedSetscheduler, setrlimit } from "./ffi.ts";

const SCHED_OTHER = 0;
const SCHED_RR = 2;
/** Children do not inherit it. */
const SCHED_RESET_ON_FORK = 0x4000_0000;
const RLIMIT_RTTIME = 15;
const CPUS_MAX = 1024;

/** What this process was started with. */
const startNice = getPriority();
const startCpus = allowedCpus();

/** 1 to 99: SCHED_RR, null = like other processes; the main thread only. Throws KernelError (EPERM). */
export function setRealTime(rtPriority: number | null): void {
  const policy = rtPriority === null ? SCHED_OTHER : SCHED_RR;
  const parameter = int32(rtPriority ?? 0); // struct sched_param
  check("sched_setscheduler", schedSetscheduler(0, policy | SCHED_RESET_ON_FORK, parameter));
}

/** null = as it was started. Throws (EPERM, EACCES). */
export function setNice(nice: number | null): void {
  setPriority(nice ?? startNice);
}

/** Of all threads; none = as it was started. Throws KernelError (EINVAL: none of them is there). */
export function setCpus(cpus: readonly number[]): void {
  const mask = Buffer.alloc(CPUS_MAX / 8);
  for (const cpu of cpus.length === 0 ? startCpus : cpus) {
    mask[cpu >> 3] = (mask[cpu >> 3] ?? 0) | (1 << (cpu & 7));
  }
  for (const thread of readdirSync("/proc/self/task")) {
    check("sched_setaffinity", schedSetaffinity(Number(thread), mask.length, mask));
  }
}

/** Then SIGXCPU, and SIGKILL a second later. Throws KernelError. */
export function setRttimeLimit(rttimeUs: number | null): void {
  const limit = Buffer.alloc(16); // struct rlimit: soft, hard
  const infinity = 0xffff_ffff_ffff_ffffn;
  limit.writeBigUInt64LE(rttimeUs === null ? infinity : BigInt(rttimeUs), 0);
  limit.writeBigUInt64LE(infinity, 8);
  check("setrlimit", setrlimit(RLIMIT_RTTIME, limit));
}

function allowedCpus(): readonly number[] {
  const text = readFileSync("/proc/self/status", "utf8");
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(text)?.[1] ?? "0";
  return list.split(",").flatMap((part) => {
    const [first = 0, last = first] = part.split("-").map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}
