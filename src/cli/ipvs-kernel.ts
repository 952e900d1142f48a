// The hands of `duet ipvs`: opens the kernel's IPVS, carries out one command, says in ipvsadm's words what was refused.

import { openIpvs, type WholeIpvs } from "../ipvs/apply.ts";
import type { SettingCommand, TableCommand } from "../ipvs/ipvsadm/command.ts";
import { type Asked, errorTextOf } from "../ipvs/ipvsadm/error-text.ts";
import type { Names } from "../ipvs/ipvsadm/values.ts";
import { serviceName } from "../ipvs/model.ts";
import type { Operation } from "../ipvs/reconcile.ts";
import type { IpvsInfo } from "../ipvs/settings.ts";
import { KernelError } from "../kernel/errors.ts";
import {
  addressOfHost,
  errnoText,
  hostOfAddress,
  portOfService,
  serviceOfPort,
} from "../kernel/names.ts";
import { errorText } from "../lib/errors.ts";
import { unreachable } from "../lib/unreachable.ts";

export type OpenIpvs = WholeIpvs & { readonly info: IpvsInfo };

/** undefined when there is no IPVS to talk to, and then it was said. */
export function openOrSay(program: string): OpenIpvs | undefined {
  try {
    const ipvs = openIpvs();
    return { ...ipvs, info: ipvs.settings.info() };
  } catch (error) {
    const isDenied = error instanceof KernelError && error.code === "EPERM";
    const code = isDenied ? "EPERM" : "ENOPROTOOPT";
    const why = isDenied ? "CAP_NET_ADMIN is needed, run it as root" : errorText(error);
    console.error(`Can't initialize ipvs: ${errorTextOf("anything", code)}`);
    console.error("Are you sure that IP Virtual Server is built in the kernel or as module?");
    console.error(`${program}: ${why}`);
    return undefined;
  }
}

/** Names are asked for once. */
export function cachedNames(): Names {
  return {
    addressOf: cached(addressOfHost),
    hostOf: cached(hostOfAddress),
    portOf: cached(portOfService),
    serviceOf: cached(serviceOfPort),
  };
}

function cached<Arguments extends readonly (string | number)[], Answer>(
  ask: (...question: Arguments) => Answer,
): (...question: Arguments) => Answer {
  const answers = new Map<string, Answer>();
  return (...question) => {
    const key = question.join(" ");
    const known = answers.get(key);
    if (known !== undefined || answers.has(key)) return known as Answer;
    const answer = ask(...question);
    answers.set(key, answer);
    return answer;
  };
}

/** Throws KernelError. */
export function carryOut(ipvs: WholeIpvs, command: TableCommand | SettingCommand): void {
  const { settings } = ipvs;
  switch (command.kind) {
    case "clear":
      return settings.flush();
    case "set":
      return settings.setTimeouts(command.timeouts);
    case "start-daemon":
      return settings.startDaemon(command.daemon);
    case "stop-daemon":
      return settings.stopDaemon(command.daemon);
    case "zero":
      return settings.zero(command.key);
    case "add-service":
    case "edit-service":
    case "delete-service":
    case "add-server":
    case "edit-server":
    case "delete-server": {
      const error = ipvs.execute([operationOf(command)]).get(0);
      if (error !== undefined) throw error;
      return undefined;
    }
    default:
      return unreachable(command);
  }
}

/** "Service already exists"; throws what no kernel said. */
export function refusalText(asked: Asked, error: unknown): string {
  if (!(error instanceof KernelError)) throw error;
  return errorTextOf(asked, error.code) ?? errnoText(error.errno);
}

/** serviceName() of what a command changes. */
export function touchedBy(command: TableCommand | SettingCommand): readonly string[] | "all" {
  switch (command.kind) {
    case "clear":
      return "all";
    case "add-service":
    case "edit-service":
      return [serviceName(command.service.key)];
    case "delete-service":
    case "add-server":
    case "edit-server":
    case "delete-server":
      return [serviceName(command.key)];
    case "set":
    case "start-daemon":
    case "stop-daemon":
    case "zero":
      return [];
    default:
      return unreachable(command);
  }
}

type OneServiceCommand = Exclude<TableCommand, { readonly kind: "clear" }>;

function operationOf(command: OneServiceCommand): Operation {
  switch (command.kind) {
    case "add-service":
      return { kind: "add-service", service: { ...command.service, destinations: [] } };
    case "edit-service": {
      const service = { ...command.service, destinations: [] };
      return { kind: "set-service", service, from: service };
    }
    case "delete-service":
      return { kind: "remove-service", key: command.key };
    case "add-server":
      return { ...command, kind: "add-destination" };
    case "edit-server":
      return { ...command, kind: "set-destination", from: command.destination };
    case "delete-server":
      return { ...command, kind: "remove-destination" };
    default:
      return unreachable(command);
  }
}
