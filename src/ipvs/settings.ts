// What IPVS has beside its table: version, timeouts, sync daemons, counters. Bodies, decoders, and the requests.

import type { AttributeReader } from "../kernel/attribute-reader.ts";
import type { MessageWriter } from "../kernel/attributes.ts";
import { attributesOf, type GenericNetlink } from "../kernel/genetlink.ts";
import { addressBytes, formatAddress } from "../lib/ip.ts";
import { COMMAND, DAEMON, DAEMON_STATE, INFO, MESSAGE } from "./attributes.ts";
import { commandBody, keyBody } from "./codec.ts";
import type { ServiceKey, SyncDaemon, Timeouts } from "./model.ts";

/** Every one throws KernelError with the errno of the kernel's refusal. */
export type Settings = {
  readonly info: () => IpvsInfo;
  readonly timeouts: () => Timeouts;
  /** 0 = keep what is. */
  readonly setTimeouts: (timeouts: Timeouts) => void;
  /** None, one, or a master and a backup. */
  readonly daemons: () => readonly SyncDaemon[];
  /** EEXIST when one of its state runs; ENODEV without its interface. */
  readonly startDaemon: (daemon: SyncDaemon) => void;
  /** ESRCH when none of its state runs. */
  readonly stopDaemon: (daemon: SyncDaemon) => void;
  /** Zeroes the counters of a service and its destinations; null = of all. */
  readonly zero: (key: ServiceKey | null) => void;
  /** Removes every service, whoever made it. */
  readonly flush: () => void;
};

export type IpvsInfo = {
  /** "1.2.1" */
  readonly version: string;
  readonly connectionTableSize: number;
};

type Body = (writer: MessageWriter) => void;

export function openSettings(netlink: GenericNetlink): Settings {
  const type = netlink.familyId;

  /** The attributes of the first message that answers. */
  function ask(body: Body): AttributeReader {
    const [answer] = netlink.request({ type, flags: 0, body });
    return attributesOf(answer);
  }

  return {
    info: () => decodeInfo(ask(commandBody(COMMAND.getInfo))),
    timeouts: () => decodeTimeouts(ask(commandBody(COMMAND.getConfig))),
    setTimeouts: (timeouts) => void ask(timeoutsBody(timeouts)),
    daemons: () =>
      netlink.dump({ type, flags: 0, body: commandBody(COMMAND.getDaemon) }, decodeDaemon),
    startDaemon: (daemon) => void ask(daemonBody(COMMAND.newDaemon, daemon)),
    stopDaemon: (daemon) => void ask(daemonBody(COMMAND.delDaemon, daemon)),
    zero: (key) => void ask(key === null ? commandBody(COMMAND.zero) : keyBody(COMMAND.zero, key)),
    flush: () => void ask(commandBody(COMMAND.flush)),
  };
}

function decodeInfo(attributes: AttributeReader): IpvsInfo {
  const version = attributes.u32(INFO.version);
  return {
    version: [version >> 16, (version >> 8) & 0xff, version & 0xff].join("."),
    connectionTableSize: attributes.u32(INFO.connectionTableSize),
  };
}

function decodeTimeouts(attributes: AttributeReader): Timeouts {
  return {
    tcpS: attributes.u32(MESSAGE.timeoutTcp),
    tcpFinS: attributes.u32(MESSAGE.timeoutTcpFin),
    udpS: attributes.u32(MESSAGE.timeoutUdp),
  };
}

function timeoutsBody({ tcpS, tcpFinS, udpS }: Timeouts): Body {
  return (writer) => {
    commandBody(COMMAND.setConfig)(writer);
    writer.u32(MESSAGE.timeoutTcp, tcpS);
    writer.u32(MESSAGE.timeoutTcpFin, tcpFinS);
    writer.u32(MESSAGE.timeoutUdp, udpS);
  };
}

/** Unlike the ports of services, the one of a daemon is a plain number. */
export function daemonBody(
  command: typeof COMMAND.newDaemon | typeof COMMAND.delDaemon,
  daemon: SyncDaemon,
): Body {
  return (writer) => {
    commandBody(command)(writer);
    writer.nested(MESSAGE.daemon, (nested) => {
      nested.u32(DAEMON.state, DAEMON_STATE[daemon.state]);
      nested.text(DAEMON.interface, daemon.interface);
      nested.u32(DAEMON.syncId, daemon.syncId);
      if (daemon.maxLengthBytes !== undefined) nested.u16(DAEMON.maxLength, daemon.maxLengthBytes);
      if (daemon.port !== undefined) nested.u16(DAEMON.port, daemon.port);
      if (daemon.ttl !== undefined) nested.u8(DAEMON.ttl, daemon.ttl);
      if (daemon.group === undefined) return;
      const bytes = addressBytes(daemon.group);
      nested.attribute(bytes.length === 4 ? DAEMON.group : DAEMON.group6, bytes);
    });
  };
}

/** undefined for a message that is no daemon. */
export function decodeDaemon(message: AttributeReader): SyncDaemon | undefined {
  const attributes = message.nested(MESSAGE.daemon);
  const name = attributes?.text(DAEMON.interface);
  if (attributes === undefined || name === undefined) return undefined;
  const maxLengthBytes = attributes.u16(DAEMON.maxLength);
  const port = attributes.u16(DAEMON.port);
  const ttl = attributes.u8(DAEMON.ttl);
  const group = attributes.bytes(DAEMON.group, 4) ?? attributes.bytes(DAEMON.group6, 16);
  return {
    state: attributes.u32(DAEMON.state) === DAEMON_STATE.master ? "master" : "backup",
    interface: name,
    syncId: attributes.u32(DAEMON.syncId),
    ...(maxLengthBytes !== 0 && { maxLengthBytes }),
    ...(group !== undefined && { group: formatAddress(group) }),
    ...(port !== 0 && { port }),
    ...(ttl !== 0 && { ttl }),
  };
}
