// What goes out beside the hooks: lines on FIFOs and mails. Which event is for whom is decided here, by the
// configuration; how it gets there is the desk room's.

import type { Config, HooksConfig } from "../../config/model.ts";
import type { Event, Phase } from "../../control/events.ts";
import type { FifoStatus, MailStatus } from "../../control/status.ts";
import { eventLine, type ServerNames, stateLine } from "../../desk/event-lines.ts";
import { eventMail } from "../../desk/event-mail.ts";
import { type FifoConfig, openFifos } from "../../desk/fifos.ts";
import { openMailer } from "../../desk/mailer.ts";
import type { Post } from "../../desk/post-by-smtp.ts";
import type { ServiceKey } from "../../ipvs/model.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import { unreachable } from "../../lib/unreachable.ts";
import type { DegradedBook } from "../process/degraded-book.ts";
import type { VrrpBody } from "./status.ts";

export type Outlets = {
  readonly configure: (config: Config) => void;
  readonly onEvent: (event: Event) => void;
  /** Every state once more, after a reload. */
  readonly tellStates: (body: VrrpBody) => void;
  readonly status: () => {
    readonly fifos: readonly FifoStatus[];
    readonly mail: MailStatus | null;
  };
  readonly close: (limitMs: number) => Promise<void>;
};

export function openOutlets(
  parts: {
    readonly clock: Clock;
    readonly log: Log;
    readonly degraded: Pick<DegradedBook, "set" | "setAll">;
    readonly post?: Post;
  },
  first: Config,
): Outlets {
  const fifos = openFifos(parts);
  const mailer = openMailer({
    ...parts,
    onTrouble: (to, reason) => parts.degraded.set("mail_undelivered", to.join(", "), reason),
  });
  let config = first;
  let known = knownIn(first);
  /** What a reload took away still has its last word to say. */
  let before = known;

  function use(next: Config): void {
    config = next;
    before = known;
    known = knownIn(next);
    fifos.configure(fifosOf(next));
    mailer.configure(next.notify.mail);
    // Nobody is left to whom a mail could still be delivered.
    if (next.notify.mail === null) parts.degraded.setAll("mail_undelivered", new Map());
  }

  function hooksOf(event: Event): HooksConfig | undefined {
    const key = subjectKey(event);
    return key === undefined ? undefined : (known.hooks.get(key) ?? before.hooks.get(key));
  }

  const names: ServerNames = {
    virtualServer: (name) => (known.services.get(name) ?? before.services.get(name))?.text ?? null,
    realServer: (service, name) =>
      (
        known.services.get(service)?.servers.get(name) ??
        before.services.get(service)?.servers.get(name)
      )?.text ?? null,
  };

  /** Nobody = no mail. */
  function recipientsOf(event: Event): readonly string[] {
    if ("virtual_server" in event) {
      const service = known.services.get(event.virtual_server);
      if (service === undefined) return [];
      const phase = ("phase" in event ? event.phase : undefined) ?? "running";
      const subject = event.kind === "quorum" ? service : service.servers.get(event.real_server);
      return subject?.alert && service.phases.includes(phase) ? service.to : [];
    }
    if ("to" in event && event.to === "FAULT" && !config.notify.mailFaults) return [];
    return hooksOf(event)?.smtpAlert ? (config.notify.mail?.to ?? []) : [];
  }

  use(first);
  return {
    configure: use,
    onEvent(event) {
      const priorities = hooksOf(event)?.priorityChanges ?? false;
      const line = eventLine(event, names, { priorities });
      if (line !== null) fifos.tell(line);
      const to = recipientsOf(event);
      const mail = to.length > 0 ? eventMail(event, config.global.routerId, names) : null;
      if (mail !== null) mailer.send(mail, to);
    },
    tellStates({ vrrp_instances, vrrp_sync_groups = [] }) {
      for (const { name, state, priority } of vrrp_instances) {
        if (state !== "INIT") fifos.tell(stateLine({ kind: "INSTANCE", name }, state, priority));
      }
      for (const { name, state } of vrrp_sync_groups) {
        if (state !== "INIT") fifos.tell(stateLine({ kind: "GROUP", name }, state, 0));
      }
    },
    status: () => ({
      fifos: fifos.status(),
      mail: config.notify.mail === null ? null : mailer.status(),
    }),
    async close(limitMs) {
      await Promise.all([fifos.close(limitMs), mailer.close(limitMs)]);
    },
  };
}

type Server = { readonly text: string; readonly alert: boolean };
type Service = Server & {
  readonly to: readonly string[];
  readonly phases: readonly Phase[];
  readonly servers: ReadonlyMap<string, Server>;
};
type Known = {
  /** By "INSTANCE NAME" and "GROUP NAME". */
  readonly hooks: ReadonlyMap<string, HooksConfig>;
  readonly services: ReadonlyMap<string, Service>;
};

function knownIn({ vrrpInstances, vrrpSyncGroups, virtualServers }: Config): Known {
  return {
    hooks: new Map([
      ...vrrpInstances.map(({ vrrp, hooks }) => [`INSTANCE ${vrrp.name}`, hooks] as const),
      ...vrrpSyncGroups.map(({ name, hooks }) => [`GROUP ${name}`, hooks] as const),
    ]),
    services: new Map(
      virtualServers.map(
        ({ name, keys: [key], group, smtpAlert, alerts, realServers }): [string, Service] => {
          const byAddress = key?.kind === "address";
          const protocol = byAddress ? key.protocol : "none";
          const text = group === null ? keyText(key) : `[${group}]`;
          const servers = realServers.map((server): [string, Server] => {
            const { address, port } = server.destination;
            return [server.name, { text: trio(address, protocol, port), alert: server.smtpAlert }];
          });
          const { to, phases } = alerts;
          return [name, { text, alert: smtpAlert, to, phases, servers: new Map(servers) }];
        },
      ),
    ),
  };
}

function keyText(key: ServiceKey | undefined): string {
  if (key?.kind === "fwmark") return `FWM ${key.fwmark}`;
  return key === undefined ? "" : trio(key.address, key.protocol, key.port);
}

function trio(address: string, protocol: string, port: number): string {
  return `[${address}]:${protocol}:${port}`;
}

function subjectKey(event: Event): string | undefined {
  switch (event.kind) {
    case "instance_state":
    case "priority":
    case "rx_lower_priority":
      return `INSTANCE ${event.instance}`;
    case "group_state":
      return `GROUP ${event.group}`;
    case "split_won":
      return `${event.subject} ${event.name}`;
    case "tracker_state":
    case "quorum":
    case "real_server_state":
    case "real_server_still_down":
    case "maintenance":
    case "degraded":
    case "confirmation":
      return undefined;
    default:
      return unreachable(event);
  }
}

function fifosOf({ notify, global }: Config): readonly FifoConfig[] {
  const { scriptUser, scriptSecurity } = global;
  return notify.fifos.map((fifo) => ({ ...fifo, scriptUser, scriptSecurity }));
}
