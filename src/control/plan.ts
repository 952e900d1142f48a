// What a reload would change, as `duet plan` tells it, and what the running duet says of itself for that.

/** What runs, with its secrets: asked by POST, so that nobody who may only read the status gets it. */
export type Running = {
  /** The configuration file, and how it is read. */
  readonly file: string;
  readonly how: unknown;
  /** What alone of it runs; null = all. */
  readonly half: unknown;
  readonly config: unknown;
  /** What the roles say; null = it is not needed. */
  readonly vrrp: unknown;
  readonly director: unknown;
};

export function isRunning(body: unknown): body is Running {
  const { file, config } = (body ?? {}) as Readonly<Record<string, unknown>>;
  return typeof file === "string" && typeof config === "object" && config !== null;
}

/** What it does to those who are connected, each in front of what is worse. */
export const PLAN_CLASSES = {
  none: "nothing",
  restart_needed: "from the next start",
  connections_kept: "connections kept",
  connections_cut: "connections cut",
  vip_moves: "VIP moves",
} as const satisfies Readonly<Record<string, string>>;

export type PlanClass = keyof typeof PLAN_CLASSES;

export type PlanChange = {
  readonly class: PlanClass;
  readonly text: string;
  /** What the kernel is asked for: "RTM_DELADDR 10.0.0.9/24 dev eth0", "IPVS: add tcp 10.0.0.1:80"; null = nothing. */
  readonly operation: string | null;
};

export type PlanSubject = {
  /** As in INI: "real_server.web.rs1". */
  readonly title: string;
  readonly what: "added" | "removed" | "changed";
  readonly changes: readonly PlanChange[];
};

export type Plan = {
  /** The worst of all changes. */
  readonly class: PlanClass;
  /** Keys that mean something at a start only. */
  readonly restart_needed: readonly string[];
  readonly operations: number;
  readonly subjects: readonly PlanSubject[];
};

export function worstOf(classes: Iterable<PlanClass>): PlanClass {
  const order = Object.keys(PLAN_CLASSES) as PlanClass[];
  let worst = 0;
  for (const each of classes) worst = Math.max(worst, order.indexOf(each));
  return order[worst] ?? "none";
}
