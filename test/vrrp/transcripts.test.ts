import test from "ava";
import { deadlineMs, step } from "../../src/vrrp/machine.ts";
import type { FaultCause, InstanceConfig } from "../../src/vrrp/model.ts";
import { INITIAL, type Input, type State } from "../../src/vrrp/states.ts";
import { parseCommand, replay, transcripts } from "../helpers/transcript.ts";
import { advert, config, toldWithPeers } from "./router.ts";

for (const name of transcripts("machine-")) {
  test(`${name}.txt`, (t) => {
    let router: InstanceConfig = config;
    let state: State = INITIAL;
    const { expected, actual } = replay(name, (command) => {
      const { type, args } = parseCommand(command);
      if (type === "router") {
        router = configured(router, args);
        return "ok";
      }
      const result = step(router, state, inputOf(type, args, state));
      state = result.state;
      const head = `${state.name}, wakes at ${deadlineMs(state)}`;
      return [head, ...toldWithPeers(result.actions).map((line) => `  ${line}`)].join("\n");
    });
    t.is(actual, expected);
  });
}

function configured(before: InstanceConfig, args: ReadonlyMap<string, string>): InstanceConfig {
  const number = (key: string, otherwise: number): number => Number(args.get(key) ?? otherwise);
  return {
    ...before,
    version: number("version", before.version) === 2 ? 2 : 3,
    priority: number("priority", before.priority),
    advertIntervalMs: number("interval", before.advertIntervalMs),
    preempt: args.get("preempt") !== "no",
  };
}

function inputOf(type: string, args: ReadonlyMap<string, string>, state: State): Input {
  const at = args.get("at");
  const nowMs = at === undefined ? deadlineMs(state) : Number(at);
  switch (type) {
    case "startup":
    case "faults":
      return { type, nowMs, faults: (args.get("faults")?.split(",") ?? []) as FaultCause[] };
    case "timer":
    case "shutdown":
      return { type, nowMs };
    case "advert":
      return advert(nowMs, {
        priority: Number(args.get("priority")),
        advertIntervalMs: Number(args.get("interval") ?? 1000),
        sourceIsGreater: args.get("from") !== "lesser",
        source: args.get("by") ?? "198.51.100.20",
      });
    default:
      throw new Error(`Cannot read transcript command "${type}"`);
  }
}
