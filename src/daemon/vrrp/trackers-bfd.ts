// BFD sessions: the engine of each between its sockets. They share one receiver a port and family; each speaks from a
// port of its own (RFC 5881 §4).

import {
  type Datagram,
  openUdpReceiver,
  openUdpSender,
  type UdpSender,
} from "../../kernel/udp-socket.ts";
import { chance, wholeChance } from "../../lib/chance.ts";
import type { Clock } from "../../lib/clock.ts";
import { type Drive, drive } from "../../lib/drive.ts";
import { errorText } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { unreachable } from "../../lib/unreachable.ts";
import * as bfd from "../../track/bfd.ts";
import type { BfdConfig, TrackedNow } from "../../track/model.ts";
import {
  BFD_DIAGNOSTICS,
  BFD_MULTIHOP_PORT,
  BFD_PORT,
  type BfdPacket,
  decodeBfd,
  encodeBfd,
} from "../../wire/bfd.ts";
import { openSparseLog } from "../process/sparse-log.ts";

export type BfdTracker = {
  /** A session whose timing alone changed stays up. */
  readonly configure: (sessions: readonly BfdConfig[]) => void;
  /** Says goodbye on every session. */
  readonly close: () => void;
};

type Session = {
  config: BfdConfig;
  readonly discriminator: number;
  readonly engine: Drive<bfd.Config, bfd.State, bfd.Input>;
  sender: UdpSender | undefined;
};

type Receiver = { readonly close: () => void };

/** RFC 5881 §5: what was sent with this has crossed no router when it still has it. */
const TTL_MAX = 255;
const ANY_HOPS = 255;

export function openBfdTracker(options: {
  readonly clock: Clock;
  readonly log: Log;
  readonly tell: (now: Omit<TrackedNow, "kind">) => void;
  /** A session that was up hears its neighbour no more. */
  readonly onLost: (session: BfdConfig) => void;
}): BfdTracker {
  const { clock, log } = options;
  const sparse = openSparseLog(log, clock);
  const sessions = new Map<string, Session>();
  const receivers = new Map<string, Receiver>();

  function open(config: BfdConfig): void {
    const engine: Session["engine"] = drive<bfd.Config, bfd.State, bfd.Input, bfd.Action>({
      engine: bfd,
      config,
      state: bfd.INITIAL,
      clock,
      timerInput: (nowMs) => ({ type: "timer", nowMs, chance: chance() }),
      perform(action) {
        switch (action.type) {
          case "send":
            return send(session, action.packet);
          case "changed":
            return changed(session, action);
          default:
            return unreachable(action);
        }
      },
    });
    const session: Session = {
      config,
      discriminator: newDiscriminator(),
      engine,
      sender: undefined,
    };
    sessions.set(config.name, session);
    options.tell({ name: config.name, up: false, detail: "Down" });
    const { discriminator } = session;
    engine.give({ type: "start", nowMs: clock.nowMs(), chance: chance(), discriminator });
    if (config.passive) listenQuietly(session);
  }

  function newDiscriminator(): number {
    const used = new Set([...sessions.values()].map(({ discriminator }) => discriminator));
    for (;;) {
      const number = wholeChance(1, 2 ** 32 - 1);
      if (!used.has(number)) return number;
    }
  }

  function changed(session: Session, action: bfd.Action & { readonly type: "changed" }): undefined {
    const { from, to, diagnostic } = action;
    const { name, neighbor } = session.config;
    const cause = to === "Down" ? (BFD_DIAGNOSTICS[diagnostic] ?? `diagnostic ${diagnostic}`) : to;
    log.info({ session: name, neighbor, from, to, cause }, "BFD session changed");
    const detail = to === "Down" ? `Down: ${cause}` : to;
    options.tell({ name, up: to === "Up", detail });
    if (from === "Up" && diagnostic === bfd.DETECTION_TIME_EXPIRED) options.onLost(session.config);
  }

  function send(session: Session, packet: BfdPacket): undefined {
    const { config } = session;
    try {
      listen(session);
      session.sender ??= openUdpSender({
        source: config.source,
        destination: config.neighbor,
        port: portOf(config),
        ttl: config.ttl,
      });
      session.sender.send(encodeBfd(packet));
    } catch (error) {
      // No address yet, no route, no link: the next packet tries again, on a new socket.
      session.sender?.close();
      session.sender = undefined;
      const { name } = config;
      sparse.tell(`bfd ${name}`, (to, times) =>
        to.warn({ session: name, error: errorText(error), times }, "BFD packet not sent"),
      );
    }
  }

  function listenQuietly(session: Session): void {
    try {
      listen(session);
    } catch (error) {
      log.error({ session: session.config.name, error: errorText(error) }, "BFD cannot listen");
    }
  }

  function listen({ config }: Session): void {
    const key = receiverOf(config);
    if (receivers.has(key)) return;
    const family = config.neighbor.includes(":") ? 6 : 4;
    const { multihop } = config;
    const onDatagram = (datagram: Datagram): void => hear(datagram, multihop);
    receivers.set(key, openUdpReceiver({ family, port: portOf(config), onDatagram }));
  }

  function hear({ bytes, source, ttl }: Datagram, multihop: boolean): void {
    const decoded = decodeBfd(bytes);
    if (!decoded.ok) return reject(decoded.reason, source);
    const { packet } = decoded;
    const session = [...sessions.values()].find(
      ({ config, discriminator }) =>
        config.multihop === multihop &&
        config.neighbor === source &&
        (packet.yourDiscriminator === 0 || packet.yourDiscriminator === discriminator),
    );
    if (session === undefined) return reject("session", source);
    const { maxHops } = session.config;
    if (maxHops !== ANY_HOPS && ttl < TTL_MAX - maxHops) return reject("ttl", source);
    session.engine.give({ type: "packet", nowMs: clock.nowMs(), chance: chance(), packet });
  }

  function reject(reason: string, source: string): void {
    sparse.tell(`bfd ${reason}`, (to, times) =>
      to.warn({ reason, source, times }, "BFD packet rejected"),
    );
  }

  function close(name: string, session: Session): void {
    session.engine.give({ type: "stop" });
    session.engine.stop();
    session.sender?.close();
    sessions.delete(name);
  }

  function closeUnused(): void {
    const used = new Set([...sessions.values()].map(({ config }) => receiverOf(config)));
    for (const [key, receiver] of receivers) {
      if (used.has(key)) continue;
      receiver.close();
      receivers.delete(key);
    }
  }

  return {
    configure(wanted) {
      const byName = new Map(wanted.map((config) => [config.name, config]));
      for (const [name, session] of sessions) {
        const next = byName.get(name);
        if (next === undefined || wireOf(next) !== wireOf(session.config)) close(name, session);
      }
      for (const config of wanted) {
        const session = sessions.get(config.name);
        if (session === undefined) {
          open(config);
          continue;
        }
        session.config = config;
        session.engine.reconfigure(config);
        session.engine.give({ type: "configured", nowMs: clock.nowMs(), chance: chance() });
      }
      closeUnused();
    },
    close() {
      for (const [name, session] of sessions) close(name, session);
      closeUnused();
    },
  };
}

function portOf({ multihop }: BfdConfig): number {
  return multihop ? BFD_MULTIHOP_PORT : BFD_PORT;
}

function receiverOf(config: BfdConfig): string {
  return `${config.neighbor.includes(":") ? 6 : 4} ${portOf(config)}`;
}

/** What a session cannot change while it lives. */
function wireOf({ neighbor, source, multihop, ttl }: BfdConfig): string {
  return JSON.stringify([neighbor, source, multihop, ttl]);
}
