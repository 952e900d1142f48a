import test from "ava";
import {
  type Found,
  type KeeperConfig,
  type KeeperState,
  NOTHING_KNOWN,
  openKeeper,
  settle,
} from "../../src/director/keeper.ts";
import type { Log } from "../../src/lib/log.ts";
import { virtualClock } from "../helpers/virtual-clock.ts";

const config: KeeperConfig = {
  repairs: true,
  backoff: { firstMs: 1000, maxMs: 4000 },
  words: {
    drift: "drift",
    refused: "not as configured",
    again: "as configured again",
    fields: (subject) => ({ subject }),
  },
};
const right: Found = { isTried: () => true, refused: new Map() };

test("settle() doubles the pause while the same is refused, and tells a refusal once", (t) => {
  const pauses: number[] = [];
  const said: string[] = [];
  let state: KeeperState = NOTHING_KNOWN;
  const rounds = [refused("a"), refused("a"), refused("a"), refused("a"), refused("b"), right];
  for (const found of rounds) {
    const { lines, ...next } = settle(config, state, found, 0);
    state = next;
    pauses.push(state.refusals.get("web")?.retryAtMs ?? 0);
    for (const [level, fields, text] of lines)
      said.push(`${level} ${text} ${JSON.stringify(fields)}`);
  }
  t.deepEqual(pauses, [1000, 2000, 4000, 4000, 1000, 0]);
  t.deepEqual(said, [
    'error not as configured {"subject":"web","error":"no such scheduler"}',
    'info as configured again {"subject":"web"}',
  ]);
});

test("settle() leaves what was not tried as it is", (t) => {
  const { lines: _, ...before } = settle(config, NOTHING_KNOWN, refused("a"), 0);
  const { refusals, lines } = settle(config, before, { ...right, isTried: () => false }, 500);
  t.deepEqual([refusals, lines], [before.refusals, []]);
});

test("settle() tells repaired drift each time, and what is left as it is when it is another", (t) => {
  const told = (repairs: boolean): readonly string[] => {
    let state: KeeperState = NOTHING_KNOWN;
    return [["x"], ["x"], undefined, ["x", "y"], [], []].flatMap((drift) => {
      const { lines, ...next } = settle({ ...config, repairs }, state, { ...right, drift }, 0);
      state = next;
      return [...lines.map(([, , text]) => text), `${state.drift.length}`];
    });
  };
  const repaired = "drift repaired";
  t.deepEqual(told(true), [repaired, "0", repaired, "0", "0", repaired, "0", "0", "0"]);
  const left = "drift found, left as it is";
  t.deepEqual(told(false), [left, "1", "1", "1", left, "2", "drift gone", "0", "0"]);
});

test("openKeeper() asks a kernel that cannot be asked each 5 s, whatever is wanted meanwhile", (t) => {
  const { clock, advance } = virtualClock();
  const asked: string[] = [];
  const log = {} as unknown as Log;
  const { words } = config;
  const keeper = openKeeper({
    clock,
    log,
    words,
    work(isLook) {
      asked.push(`${isLook ? "look" : "want"} ${clock.nowMs()}`);
      return undefined;
    },
  });
  const startMs = clock.nowMs();
  for (let i = 0; i < 9; i += 1) {
    keeper.want();
    advance(1000);
  }
  const looks = asked.filter((line) => line.startsWith("look"));
  t.deepEqual(looks, [`look ${startMs + 5000}`]);
  keeper.rest();
  advance(60_000);
  t.is(asked.length, 10);
});

function refused(wish: string): Found {
  return { ...right, refused: new Map([["web", { error: "no such scheduler", wish }]]) };
}
