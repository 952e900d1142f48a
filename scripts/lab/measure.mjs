// What the records of the measuring client and of the owners' watch mean. Pure.

/**
 * @typedef {{ sentMs: number, ok: boolean, why: string, server: string, tookMs: number }} Sample one request
 * @typedef {{ atMs: number, node: string, held: boolean }} Change of who holds the VIP
 */

/** Milliseconds on the clock that all processes of this kernel share. */
export function nowMs() {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** An answer that took longer is no service: somewhere on the way a packet waited for an owner of the VIP. */
const LATE_MS = 100;
/** Where requests are slow: so many times the usual one. */
const LATE_TIMES = 10;

/**
 * The longest time without service: from the sending of the last request that was answered in time to the sending
 * of the first one that was again, with at least one lost or late in between. 0 = none was.
 * @param {Sample[]} samples in the order they were sent
 */
export function outageOf(samples) {
  let outageMs = 0;
  let lastGoodMs = samples[0]?.sentMs ?? 0;
  let lost = 0;
  let late = 0;
  let badSinceGood = 0;
  const lateMs = Math.max(LATE_MS, LATE_TIMES * usualMs(samples));
  for (const { sentMs, ok, tookMs } of samples) {
    if (!ok) lost += 1;
    else if (tookMs > lateMs) late += 1;
    if (!ok || tookMs > lateMs) {
      badSinceGood += 1;
      continue;
    }
    if (badSinceGood > 0) outageMs = Math.max(outageMs, sentMs - lastGoodMs);
    badSinceGood = 0;
    lastGoodMs = sentMs;
  }
  return { outageMs, lost, late, sent: samples.length, ended: badSinceGood === 0 };
}

/** A gap between two requests that the client did not make by itself: so long, and so many times its usual one. */
const PAUSE_MS = 20;
const PAUSE_TIMES = 4;

/**
 * What a busy or slow machine took away: for how long the client did not get to send, though it always has something to.
 * The directors run on the same processor, and were not there either.
 * @param {Sample[]} samples in the order they were sent
 */
export function pausedMs(samples) {
  const gapsMs = gapsOf(samples);
  const leastMs = Math.max(PAUSE_MS, PAUSE_TIMES * median(gapsMs));
  return gapsMs.filter((gapMs) => gapMs > leastMs).reduce((sum, gapMs) => sum + gapMs, 0);
}

/** As many turns of processes as a take-over takes, each as long as a request: timers, adverts, the kernel, announcements. */
const TURNS = 10;

/**
 * What the speed of the machine and the rate of the client add to an outage, by the requests that were answered in the same run.
 * @param {Sample[]} samples in the order they were sent
 */
export function slowMs(samples) {
  return 2 * median(gapsOf(samples)) + TURNS * usualMs(samples);
}

/** From each request to the next one, in milliseconds. */
function gapsOf(samples) {
  return samples.slice(1).map(({ sentMs }, i) => sentMs - samples[i].sentMs);
}

/** What an answer takes here. */
function usualMs(samples) {
  return median(samples.filter(({ ok }) => ok).map(({ tookMs }) => tookMs));
}

/** 0 = there are no values. */
export function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/** Requests that were lost, as time at the rate at which they were sent. An answer that is late was not lost. */
export function lostMs(samples) {
  const spanMs = (samples.at(-1)?.sentMs ?? 0) - (samples[0]?.sentMs ?? 0);
  const intervalMs = spanMs / Math.max(1, samples.length - 1);
  return samples.filter(({ ok }) => !ok).length * intervalMs;
}

/** How many answers came from each server. */
export function answersByServer(samples) {
  const counts = {};
  for (const { ok, server } of samples) if (ok) counts[server] = (counts[server] ?? 0) + 1;
  return counts;
}

/** Why requests failed, for people: "3 x no answer (last at +120 ms)". */
export function failuresText(samples) {
  const failed = samples.filter(({ ok }) => !ok);
  const startMs = samples[0]?.sentMs ?? 0;
  return [...new Set(failed.map(({ why }) => why))]
    .map((why) => {
      const same = failed.filter((sample) => sample.why === why);
      const lastMs = Math.round((same.at(-1)?.sentMs ?? 0) - startMs);
      return `${same.length} x ${why} (last at +${lastMs} ms)`;
    })
    .join(", ");
}

/** When the last request that failed was sent; -Infinity = none did. */
export function lastFailureMs(samples) {
  return samples.findLast(({ ok }) => !ok)?.sentMs ?? -Infinity;
}

/**
 * For how long more than one node held the VIP between two moments.
 * @param {Change[]} changes in the kernel's order, from the beginning
 */
export function bothHeldMs(changes, { fromMs, toMs }) {
  const holders = new Set();
  let totalMs = 0;
  let sinceMs = -Infinity;
  for (const { atMs, node, held } of [...changes, { atMs: Infinity, node: "", held: false }]) {
    if (holders.size > 1) totalMs += Math.max(0, Math.min(atMs, toMs) - Math.max(sinceMs, fromMs));
    if (held) holders.add(node);
    else holders.delete(node);
    sinceMs = atMs;
  }
  return totalMs;
}

/** Master_Down_Interval of a backup with VRRP version 2: RFC 3768 section 6.1. */
export function masterDownMs({ advertIntervalMs, priority }) {
  return 3 * advertIntervalMs + skewMs({ priority });
}

export function skewMs({ priority }) {
  return ((256 - priority) / 256) * 1000;
}
