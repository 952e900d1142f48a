import test from "ava";
import { type AnnounceInput, deadlineMs, QUIET, step } from "../../src/vip/announce.ts";
import type { AnnounceConfig } from "../../src/vip/model.ts";
import { usualAnnounce } from "../helpers/desk-fixtures.ts";
import { parseCommand, replay, transcripts } from "../helpers/transcript.ts";

for (const name of transcripts("announce-")) {
  test(`${name}.txt`, (t) => {
    let config: AnnounceConfig = usualAnnounce;
    let state = QUIET;
    const { expected, actual } = replay(name, (command) => {
      const { type, args } = parseCommand(command);
      const at = args.get("at");
      const nowMs = at === undefined ? deadlineMs(state) : Number(at);
      if (type === "config") {
        config = configured(config, args);
        return "ok";
      }
      if (type !== "start" && type !== "timer" && type !== "stop") {
        throw new Error(`Cannot read transcript command "${command}"`);
      }
      const result = step(config, state, inputOf(type, args.get("why"), nowMs));
      state = result.state;
      const lines = result.actions.map(({ type: what, count }) => `  ${what} ${count} times`);
      return [`wakes at ${deadlineMs(state)}`, ...lines].join("\n");
    });
    t.is(actual, expected);
  });
}

function inputOf(
  type: "start" | "timer" | "stop",
  why: string | undefined,
  nowMs: number,
): AnnounceInput {
  if (type !== "start") return { type, nowMs };
  return { type, why: why === "lower-priority" ? why : "new-master", nowMs };
}

function configured(before: AnnounceConfig, args: ReadonlyMap<string, string>): AnnounceConfig {
  const number = (key: Exclude<keyof AnnounceConfig, "extraAll">): number =>
    Number(args.get(key) ?? before[key]);
  return {
    repeat: number("repeat"),
    delayMs: number("delayMs"),
    lowerRepeat: number("lowerRepeat"),
    lowerDelayMs: number("lowerDelayMs"),
    refreshMs: number("refreshMs"),
    refreshRepeat: number("refreshRepeat"),
    extraMs: number("extraMs"),
    extraAll: before.extraAll,
  };
}
