// The roles as the guardian keeps them: those that the configuration needs run, have it and answer. One that does not is
// killed, one that dies is started again, and when vrrp dies its last will is carried out.

import type { ChildProcess } from "node:child_process";
import type { Config } from "../../config/model.ts";
import type { Confirmation, ProcessStatus } from "../../control/status.ts";
import { timeoutClock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { ServiceNow } from "../../track/services.ts";
import { type DegradedBook, openDegradedBook } from "../process/degraded-book.ts";
import type { ChildRole, GuardianMessage, RoleMessage } from "../process/messages.ts";
import { type Child, openChild } from "./child.ts";
import { type Executor, openExecutor } from "./executor.ts";
import { openRestarts, type Restarts } from "./restarts.ts";
import { CONFIGURE_MS, partOf, rolesOf, silenceMsOf, stopMsOf } from "./roles.ts";
import { openTaken } from "./taken.ts";
import { openWatchdog, type Watchdog } from "./watchdog.ts";

export type CrewOptions = {
  readonly config: Config;
  readonly program: string;
  readonly runDir: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Spawned before the configuration was read, to be the first vrrp. */
  readonly early: ChildProcess | undefined;
  readonly log: Log;
  readonly onRequest: (request: RoleMessage & { readonly type: "request" }) => void;
  /** Who runs now, at each change. */
  readonly onProcesses: (processes: readonly ProcessStatus[]) => void;
  /** duet's own files are whole, and others than those that run. */
  readonly onReplaced: () => void;
};

export class Crew {
  readonly degraded: DegradedBook;
  readonly #options: CrewOptions;
  readonly #executor: Executor;
  readonly #children = new Map<ChildRole, Child>();
  readonly #taken = openTaken(timeoutClock, CONFIGURE_MS);
  readonly #restarts: Restarts;
  readonly #watchdogs: ReadonlyMap<ChildRole, Watchdog>;
  #config: Config;
  #confirmation: Confirmation | null = null;
  /** As the director that runs has told them. */
  #services: readonly ServiceNow[] | null = null;
  #sequence = -1;

  constructor(options: CrewOptions) {
    const { log } = options;
    this.#options = options;
    this.#config = options.config;
    this.#executor = openExecutor(log);
    this.degraded = openDegradedBook({
      log,
      tell: (event) => {
        this.tellDesk({ type: "event", event });
        this.#tellProcesses();
      },
    });
    this.#restarts = openRestarts({ clock: timeoutClock, book: this.degraded });
    this.#watchdogs = new Map(
      (["vrrp", "director", "desk"] as const).map((role) => [role, this.#watchdogOf(role)]),
    );
  }

  config(): Config {
    return this.#config;
  }

  /** What runs waits for it; null = it does not. */
  confirmation(confirmation: Confirmation | null): void {
    this.#confirmation = confirmation;
    this.#tellProcesses();
  }

  /** All roles that it needs have it then, and no others are left. Gives what went wrong, for people. */
  async configure(config: Config): Promise<readonly string[]> {
    this.#config = config;
    this.#sequence += 1;
    const needed = rolesOf(config, this.#options.runDir);
    const configured = this.#taken.wait(this.#sequence, needed);
    for (const role of this.#children.keys()) if (!needed.includes(role)) await this.#stop(role);
    for (const role of needed) {
      const child = this.#children.get(role);
      if (child === undefined) this.#children.set(role, this.#open(role));
      else this.#tellConfig(child);
    }
    this.#tellProcesses();
    return configured;
  }

  tellDesk(message: GuardianMessage): void {
    this.#children.get("desk")?.send(message);
  }

  async stop(): Promise<void> {
    await this.#stop("vrrp"); // the others' work only ends when nobody comes here any more
    await this.#stop("director");
    await this.#stop("desk"); // the hooks of what those two said last are its work
    this.#restarts.close();
  }

  async #stop(role: ChildRole): Promise<void> {
    await this.#children.get(role)?.stop(stopMsOf(role));
    this.#children.delete(role);
    this.#restarts.forget(role);
  }

  #watchdogOf(role: ChildRole): Watchdog {
    return openWatchdog(timeoutClock, silenceMsOf(role), () => {
      this.#options.log.error(`${role} role does not answer: it is killed`);
      this.#children.get(role)?.kill("killed, for it did not answer");
    });
  }

  #open(role: ChildRole): Child {
    const { program, environment, early, log, onReplaced } = this.#options;
    return openChild({
      role,
      program,
      environment,
      early: role === "vrrp" && this.#sequence === 0 ? early : undefined,
      clock: timeoutClock,
      log,
      onStart: (child) => {
        this.#tellConfig(child);
        if (role === "vrrp") child.send({ type: "services", services: this.#services });
        queueMicrotask(() => this.#tellProcesses());
      },
      onMessage: (message) => this.#take(role, message),
      onUnloadable: (reason, isForGood) => {
        this.degraded.set("role_unloadable", role, reason);
        if (!isForGood) return;
        // All of one version or nothing: whoever keeps duet running starts the new one.
        log.fatal({ process: role, reason }, "duet ends, to be started anew");
        onReplaced();
      },
      onDeath: (expected, how) => {
        this.#watchdogs.get(role)?.rest();
        if (role === "vrrp") this.#executor.execute();
        if (role === "director") this.#tellServices(null);
        this.#taken.died(role);
        if (expected) return;
        this.#restarts.died(role, how);
        queueMicrotask(() => this.#tellProcesses());
      },
    });
  }

  #take(role: ChildRole, message: RoleMessage): void {
    switch (message.type) {
      case "configured":
        this.degraded.set("role_unloadable", role, null);
        return this.#taken.took(role, message.sequence);
      case "heartbeat":
        return this.#watchdogs.get(role)?.fed();
      case "will":
        return this.#executor.hold(message.wills, message.isAll);
      case "services":
        return this.#tellServices(message.services);
      case "request":
        return this.#options.onRequest(message);
      default:
        this.#options.log.error({ process: role, message }, "unknown message");
    }
  }

  #tellConfig({ role, send }: Child): void {
    send({ type: "configure", sequence: this.#sequence, config: partOf(role, this.#config) });
  }

  /** It is not looked at here, and what a dead director said of it is forgotten. */
  #tellServices(services: readonly ServiceNow[] | null): void {
    this.#services = services;
    this.#children.get("vrrp")?.send({ type: "services", services });
  }

  #tellProcesses(): void {
    const processes = [...this.#children.values()].flatMap(this.#restarts.statusOf);
    const guardian = { role: "guardian", pid: process.pid, restarts: 0 } as const;
    const all = [guardian, ...processes];
    const told = { processes: all, degraded: this.degraded.list() };
    this.tellDesk({ type: "processes", ...told, confirmation: this.#confirmation });
    this.#options.onProcesses(all);
  }
}
