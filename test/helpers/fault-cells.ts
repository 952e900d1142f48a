// The fault matrix: who of a pair is hurt, how, and with which kind of virtual router.

import { masterDownMs, skewMs } from "../../src/vrrp/timers.ts";
import { HERE, type InstanceText, THERE } from "./daemon-pair.ts";

export const PROGRAMS = ["duet", "keepalived"] as const;
export type Program = (typeof PROGRAMS)[number];

/** stop: SIGSTOP, and SIGCONT after `STOPPED_MS`. */
export const FAULTS = ["kill", "stop", "segv"] as const;
export type Fault = (typeof FAULTS)[number];
/** Longer than any Master_Down_Interval of the kinds. */
export const STOPPED_MS = 6_000;

export const TARGETS = ["master", "backup"] as const;
export type Target = (typeof TARGETS)[number];

/** Processes of a director that a fault meets together; "all" is every one of them. */
const VICTIMS: Readonly<Record<Program, readonly string[]>> = {
  duet: ["vrrp", "guardian", "desk", "guardian+vrrp", "guardian+desk", "vrrp+desk", "all"],
  keepalived: ["vrrp", "parent", "all"],
};

export type Kind = {
  readonly name: string;
  readonly version: 2 | 3;
  readonly advertS: number;
  /** The first and the second director. */
  readonly priorities: readonly [number, number];
  readonly vips: readonly string[];
  /** What the client asks for. */
  readonly asked: string;
  readonly more: (own: string, other: string) => Pick<InstanceText, "more"> & { peer: string };
};

const IPV4 = { vips: ["10.9.0.101/24"], asked: "10.9.0.101" } as const;
const plain = () => ({ more: [], peer: "" });
const fast = { version: 3, advertS: 0.1, priorities: [200, 100], ...IPV4, more: plain } as const;

export const KINDS: readonly Kind[] = [
  { ...fast, name: "v2, 1 s", version: 2, advertS: 1 },
  { ...fast, name: "v3, 0.1 s" },
  { ...fast, name: "v3, 0.05 s", advertS: 0.05 },
  { ...fast, name: "VMAC", more: () => ({ more: ["use_vmac"], peer: "use_vmac" }) },
  {
    ...fast,
    name: "IPv6",
    vips: ["fe80::5:1/64", "2001:db8::101/64"],
    asked: "2001:db8::101",
  },
  {
    ...fast,
    name: "unicast",
    more: (own, other) => ({
      more: [`unicast_src_ip = ${own}`, `unicast_peer[] = ${other}`],
      peer: `unicast_src_ip ${own}\n  unicast_peer {\n    ${other}\n  }`,
    }),
  },
  {
    ...fast,
    name: "nopreempt, peer of 254",
    priorities: [200, 254],
    more: () => ({ more: ["nopreempt = yes"], peer: "nopreempt" }),
  },
];

export type Cell = {
  readonly program: Program;
  readonly kind: Kind;
  readonly target: Target;
  readonly victims: readonly string[];
  readonly fault: Fault;
};

export const CELLS: readonly Cell[] = PROGRAMS.flatMap((program) =>
  KINDS.flatMap((kind) =>
    TARGETS.flatMap((target) =>
      VICTIMS[program].flatMap((words) =>
        FAULTS.map((fault) => ({ program, kind, target, victims: words.split("+"), fault })),
      ),
    ),
  ),
);

/**
 * How long the address may be without an owner on an idle machine. A will is carried out when the vrrp role dies and its
 * guardian lives; what meets no vrrp role, and no backup, costs nothing. RFC 9568 §6.1: Master_Down_Interval of the peer.
 */
export function outageLimitMs({ kind, target, victims, fault }: Cell): number {
  const follower = { version: kind.version, priority: kind.priorities[1] };
  const intervalMs = kind.advertS * 1000;
  const meets = (name: string): boolean => victims.includes(name) || victims.includes("all");
  if (target === "backup" || !(meets("vrrp") || meets("guardian"))) return 20;
  if (fault !== "stop" && meets("vrrp") && !meets("guardian"))
    return 20 + skewMs(follower, intervalMs);
  return 20 + masterDownMs(follower, intervalMs);
}

export const PLACES = [HERE, THERE] as const;
