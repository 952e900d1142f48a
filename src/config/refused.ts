// keepalived's keys that duet does not have on purpose: who brings one learns why, and what to do.

const NO_SWAP =
  "locked memory makes the JavaScript engine abort; use MemorySwapMax=0 in the systemd unit";
const NO_BFD_PROCESS = (key: string): string =>
  `BFD sessions live in the vrrp process, use ${key.replace(/^bfd/, "vrrp")}`;

const BFD_KEYS = ["bfd_rt_priority", "bfd_priority", "bfd_cpu_affinity", "bfd_rlimit_rttime"];

const REASONS: ReadonlyMap<string, string> = new Map([
  ["vrrp_no_swap", NO_SWAP],
  ["checker_no_swap", NO_SWAP],
  ...BFD_KEYS.map((key) => [key, NO_BFD_PROCESS(key)] as const),
  ["bfd_no_swap", NO_SWAP],
]);

/** undefined = it is not one of them. */
export function whyRefused(key: string): string | undefined {
  return REASONS.get(key);
}
