// The desk role: answers on the control socket, keeps the journal, runs the hooks. It may be slow: nothing
// that keeps a service alive waits for it.

import type { Config } from "../../config/model.ts";
import type { Degraded } from "../../control/degraded.ts";
import type { Event } from "../../control/events.ts";
import type { Running } from "../../control/plan.ts";
import {
  type ControlHandlers,
  type ControlServer,
  openControlServer,
} from "../../control/server.ts";
import type { Confirmation, ProcessStatus, Status } from "../../control/status.ts";
import { isSwitchoverAnswer, type SwitchoverAnswer } from "../../control/switchover.ts";
import { type HookRunner, type HookRunnerOptions, openHookRunner } from "../../desk/hook-runner.ts";
import { openJournal } from "../../desk/journal.ts";
import { type Clock, timeoutClock, wallMs } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import { readVersion } from "../../lib/version.ts";
import { type BusRole, busPath } from "../process/bus-messages.ts";
import { type DegradedBook, openDegradedBook } from "../process/degraded-book.ts";
import { readMaintenance, writeMaintenance } from "../process/maintenance-file.ts";
import { needsDirector } from "../process/needs-director.ts";
import { needsVrrp } from "../process/needs-vrrp.ts";
import { type RoleBody, type RoleContext, runRole, type Started } from "../process/role.ts";
import { type BusServer, openBusServer } from "./bus-server.ts";
import { forgetHooks, judgeHooks } from "./degraded.ts";
import { openDumps } from "./dumps/dumps.ts";
import { type HookDispatch, hooksStatus, openHookDispatch } from "./hooks.ts";
import { type DeskMaintenance, openDeskMaintenance } from "./maintenance.ts";
import { type Outlets, openOutlets } from "./outlets.ts";
import { openRequests } from "./requests.ts";
import { composeStatus, silentRoles, vrrpBodyOf } from "./status.ts";
import { type DeskTrackers, openDeskTrackers } from "./trackers.ts";

type Desk = {
  readonly config: Config;
  readonly runner: HookRunner;
  readonly hooks: HookDispatch;
  readonly outlets: Outlets;
  readonly bus: BusServer;
  readonly trackers: DeskTrackers;
  readonly maintenance: DeskMaintenance;
  readonly control: ControlServer;
};

type Limits = { readonly lastWordsMs: number; readonly drainMs: number };

const STATUS_LIMIT_MS = 1000;
/** Of many thousand real servers, on a busy machine. */
const FACTS_LIMIT_MS = 20_000;
const REQUEST_LIMIT_MS = 30_000;
/** First for the last words of vrrp, then for the hooks that these call for. The guardian gives a stop 1.1 s. */
const STOP_LIMITS: Limits = { lastWordsMs: 100, drainMs: 800 };
/** Nobody hurries, but vrrp is only now stepping down. */
const ORPHANED_LIMITS: Limits = { lastWordsMs: 1000, drainMs: 1000 };

export function runDesk(): void {
  runRole("desk", (context) =>
    openDesk({
      context,
      clock: timeoutClock,
      startedAtMs: guardianStartedAtMs(timeoutClock, context.started),
      openRunner: openHookRunner,
    }),
  );
}

export function openDesk(options: {
  readonly context: RoleContext;
  readonly clock: Clock;
  /** When the guardian started, by `clock`. */
  readonly startedAtMs: number;
  readonly openRunner: (options: HookRunnerOptions) => HookRunner;
}): RoleBody {
  const { context, clock } = options;
  const { log, runDir, tell } = context;
  const version = readVersion();
  const journal = openJournal();
  const requests = openRequests({ tell, clock, limitMs: REQUEST_LIMIT_MS });
  const degraded = openDegradedBook({ log, tell: journal.add });
  const dumps = openDumps({ log, config: () => desk?.config, status });
  let processes: readonly ProcessStatus[] = [];
  let guardianDegraded: readonly Degraded[] = [];
  let confirmation: Confirmation | null = null;
  let desk: Desk | undefined;
  let stopping = false;
  const syncAgain = clock.alarm(() => void tellKnownSync());

  async function open(config: Config): Promise<Desk> {
    const runner = options.openRunner({
      log,
      clock,
      ...config.global,
      onReport: (hooks, state) => judgeHooks(degraded, hooks, state),
    });
    const hooks = openHookDispatch(runner, config);
    const outlets = openOutlets({ log, clock, degraded }, config);
    const onEvent = (event: Event): void => {
      journal.add(event);
      hooks.onEvent(event);
      outlets.onEvent(event);
      if (event.kind === "instance_state") tellSync(event.instance, event.to);
    };
    const onHello = (role: BusRole): void => {
      if (role === "vrrp") void tellKnownSync();
    };
    const bus = await openBusServer({ path: busPath(runDir), onEvent, onHello, clock, log });
    const trackers = openDeskTrackers({ clock, log, onEvent, onChange: bus.tellTracked });
    trackers.configure(config);
    const maintenance = maintenanceOn(runDir, bus, { clock, log, degraded });
    const asked = { status, events: journal.latest, request: requests.ask, running };
    const orders = ordersFor(bus, maintenance);
    const control = await openControlServer({ runDir, handlers: { ...asked, ...orders }, log });
    return { config, runner, hooks, outlets, bus, trackers, maintenance, control };
  }

  async function status(): Promise<Status> {
    if (desk === undefined) throw new Error("Cannot tell the status: the desk is not configured");
    const { config, bus, runner, outlets, trackers, maintenance } = desk;
    const answers = new Map(
      await Promise.all(
        neededRoles(config).map(
          async (role) => [role, await bus.status(role, STATUS_LIMIT_MS)] as const,
        ),
      ),
    );
    const silent = silentRoles(answers).map((role) => [role, "it does not answer"] as const);
    degraded.setAll("role_silent", new Map(silent));
    return composeStatus({
      version,
      routerId: config.global.routerId,
      uptimeMs: clock.nowMs() - options.startedAtMs,
      processes,
      answers,
      hooks: hooksStatus(runner.status()),
      ...outlets.status(),
      scripts: trackers.scripts(),
      trackers: trackers.status(),
      degraded: [...guardianDegraded, ...degraded.list()],
      confirmation,
      maintenance: maintenance.now(),
    });
  }

  async function running(): Promise<Running> {
    if (desk === undefined) throw new Error("Cannot tell what runs: the desk is not configured");
    return runningOf(desk, context.file);
  }

  /** Connection sync follows one instance. */
  function tellSync(name: string, state: string): void {
    if (desk?.config.lvs.sync?.instance === name) desk.bus.tellInstance(name, state);
  }

  /** What a desk that was just born, or has a new configuration, did not hear by itself. */
  async function tellKnownSync(): Promise<void> {
    const name = desk?.config.lvs.sync?.instance ?? null;
    if (desk === undefined || name === null) return;
    const body = vrrpBodyOf(await desk.bus.status("vrrp", STATUS_LIMIT_MS));
    // It was busy, or is not born yet.
    if (body === undefined && !stopping) syncAgain.set(clock.nowMs() + STATUS_LIMIT_MS);
    const state = body?.vrrp_instances.find((each) => each.name === name)?.state;
    if (state !== undefined) tellSync(name, state);
  }

  /** Nobody waits for it: vrrp may be busy with the same reload. */
  async function tellStates({ bus, outlets }: Desk): Promise<void> {
    const body = vrrpBodyOf(await bus.status("vrrp", STATUS_LIMIT_MS));
    if (body !== undefined) outlets.tellStates(body);
  }

  async function stop(limits: Limits): Promise<void> {
    stopping = true;
    syncAgain.set(Infinity);
    if (desk === undefined) return;
    const { runner, outlets, bus, trackers, maintenance, control } = desk;
    trackers.close();
    maintenance.close();
    // Whoever waits for the answer to a stop gets it now; the hooks may take longer.
    requests.close();
    const answered = control.close();
    await bus.ended("vrrp", limits.lastWordsMs);
    await bus.ended("director", limits.lastWordsMs);
    await Promise.all([runner.drain(limits.drainMs), outlets.close(limits.drainMs)]);
    bus.close();
    control.closeAll();
    await answered;
  }

  return {
    async configure(config) {
      if (desk === undefined) {
        desk = await open(config);
        void tellKnownSync();
        return;
      }
      desk.hooks.configure(config);
      desk.trackers.configure(config);
      desk.outlets.configure(config);
      desk.runner.configure(config.global);
      forgetHooks(degraded, config);
      desk = { ...desk, config };
      void tellKnownSync();
      if (config.notify.statesOnReload) void tellStates(desk);
    },
    stop: async () => stop(STOP_LIMITS),
    orphaned: async () => stop(ORPHANED_LIMITS),
    other(message) {
      if (message.type === "processes") {
        processes = message.processes;
        guardianDegraded = message.degraded;
        confirmation = message.confirmation;
      }
      if (message.type === "event") journal.add(message.event);
      if (message.type === "dump") void dumps.write(message.kind);
      if (message.type === "answer") {
        requests.answer(message.id, { ok: message.ok, reasons: message.reasons });
      }
    },
  };
}

/** What a reload is planned with. */
async function runningOf(
  { config, bus }: Pick<Desk, "config" | "bus">,
  file: RoleContext["file"],
): Promise<Running> {
  const [vrrp, director] = await Promise.all(
    BUS_ROLES.map(async (role) => {
      if (!neededRoles(config).includes(role)) return null;
      const what = role === "director" ? "facts" : undefined;
      const body = await bus.status(role, FACTS_LIMIT_MS, what);
      if (body === undefined) throw new Error(`Cannot tell what runs: ${role} does not answer`);
      return body;
    }),
  );
  return { ...file, config, vrrp, director };
}

function maintenanceOn(
  runDir: string,
  bus: BusServer,
  parts: { readonly clock: Clock; readonly log: Log; readonly degraded: DegradedBook },
): DeskMaintenance {
  return openDeskMaintenance({
    ...parts,
    wallMs,
    first: readMaintenance(runDir),
    write: (next) => writeMaintenance(runDir, next),
    tell: bus.tellMaintenance,
    handOver: async (isForced) => handOverAll(bus, isForced),
  });
}

function ordersFor(
  bus: BusServer,
  maintenance: DeskMaintenance,
): Pick<ControlHandlers, "switchOver" | "maintenance"> {
  return {
    switchOver: async (order) => switchoverOf(await bus.switchOver(order)),
    maintenance: maintenance.order,
  };
}

/** For maintenance; undefined = there is nothing to hand over to anybody. */
async function handOverAll(
  bus: BusServer,
  isForced: boolean,
): Promise<SwitchoverAnswer | undefined> {
  const body = vrrpBodyOf(await bus.status("vrrp", STATUS_LIMIT_MS));
  const instances = body?.vrrp_instances ?? [];
  if (instances.length === 0) return undefined;
  if (instances.every(({ state }) => state !== "MASTER")) {
    return { ok: true, reasons: [], switched: [] };
  }
  return switchoverOf(await bus.switchOver({ of: null, isAll: true, isForced }));
}

function switchoverOf(body: unknown): SwitchoverAnswer {
  if (isSwitchoverAnswer(body)) return body;
  const reasons = ["Cannot tell how it ended: the vrrp role gave no answer"];
  return { ok: false, reasons, switched: [] };
}

const BUS_ROLES: readonly BusRole[] = ["vrrp", "director"];

/** A role without work is not started, so it cannot answer. */
function neededRoles(config: Config): readonly BusRole[] {
  const roles: BusRole[] = [];
  if (needsVrrp(config)) roles.push("vrrp");
  if (needsDirector(config)) roles.push("director");
  return roles;
}

/** By the clock of this process. */
function guardianStartedAtMs(clock: Clock, { wallMs: bornAtMs }: Started): number {
  const ageMs = wallMs() - bornAtMs;
  return clock.nowMs() - (ageMs > 0 ? ageMs : 0);
}
