// What is left of the MUSTs of RFC 5880 that bfd.test.ts does not tell as the story of a session, one test each.

import test from "ava";
import { deadlineMs, INITIAL, type Input, type State, step } from "../../src/track/bfd.ts";
import type { BfdPacket } from "../../src/wire/bfd.ts";
import { BFD_MULTIHOP_PORT, BFD_PORT, encodeBfd } from "../../src/wire/bfd.ts";
import { config, heard, start, toUp } from "./session.ts";

/** The state after all of them, and every packet that was sent on the way. */
function life(...inputs: readonly Input[]): { state: State; sent: readonly BfdPacket[] } {
  const sent: BfdPacket[] = [];
  let state = INITIAL;
  for (const input of inputs) {
    const result = step(config, state, input);
    state = result.state;
    for (const action of result.actions) if (action.type === "send") sent.push(action.packet);
  }
  return { state, sent };
}

test("RFC 5880 §6.8.1 bfd.RemoteMinRxInterval MUST be 1 at first, bfd.RemoteDiscr zero", (t) => {
  const { state } = life(start);
  t.is(state.remote.minRxMs, 0.001);
  t.is(state.remote.discriminator, 0);
});

test("RFC 5880 §6.8.1 bfd.RemoteDiscr MUST be zero again after a Detection Time without a packet", (t) => {
  const { state } = life(...toUp);
  const { state: down, sent } = life(...toUp, {
    type: "timer",
    nowMs: state.detectAtMs,
    chance: 1,
  });
  t.is(down.remote.discriminator, 0);
  t.like(sent.at(-1), { state: "Down", diagnostic: 1, yourDiscriminator: 0 });
});

test("RFC 5880 §6.8.4 Init goes Down as Up does when the Detection Time has passed, diagnostic 1", (t) => {
  const { state } = life(start, heard(1));
  t.is(state.session, "Init");
  const after = life(start, heard(1), { type: "timer", nowMs: state.detectAtMs, chance: 1 });
  t.is(after.state.session, "Down");
  t.is(after.state.diagnostic, 1);
});

test("RFC 5880 §6.8.6 in AdminDown every packet MUST be discarded", (t) => {
  const { state } = life(...toUp, { type: "stop" });
  for (const packet of [{}, { state: "Init" }, { state: "Up", poll: true }] as const) {
    t.deepEqual(step(config, state, heard(9, packet)), { state, actions: [] });
  }
});

test("RFC 5880 §6.8.6 Your Discriminator is what the neighbour said of itself last", (t) => {
  const { sent } = life(start, heard(1, { myDiscriminator: 1234 }));
  t.is(sent.at(-1)?.yourDiscriminator, 1234);
});

test("RFC 5880 §6.5, §6.8.7 Poll and Final MUST NOT both be set", (t) => {
  const polling = life(...toUp.slice(0, 3), heard(3, { state: "Up", poll: true }));
  t.true(polling.sent.some(({ final }) => final));
  t.deepEqual(
    polling.sent.filter(({ poll, final }) => poll && final),
    [],
  );
});

test("RFC 5880 §6.8.3 while not Up the Desired Min TX Interval MUST be at least a second", (t) => {
  const { sent } = life(start, heard(1), { type: "timer", nowMs: 2000, chance: 1 });
  t.true(sent.length > 2);
  for (const packet of sent) t.true(packet.state === "Up" || packet.desiredMinTxMs >= 1000);
});

test("RFC 5880 §6.8.7 no authentication, no multipoint, no independent control plane, version 1", (t) => {
  for (const packet of life(...toUp).sent) {
    const [first = 0, flags = 0] = encodeBfd(packet);
    t.is(first >> 5, 1);
    t.is(flags & 0b1101, 0);
  }
});

test("RFC 5880 §6.8.9 no echo packets are asked for: Required Min Echo RX Interval is zero", (t) => {
  for (const { requiredMinEchoRxMs } of life(...toUp).sent) t.is(requiredMinEchoRxMs, 0);
});

test("RFC 5880 §4.1 detect multiplier and My Discriminator MUST NOT be zero", (t) => {
  for (const { multiplier, myDiscriminator } of life(...toUp).sent) {
    t.is(multiplier, 3);
    t.is(myDiscriminator, 5);
  }
});

test("RFC 5880 §6.8.7 the packets of a session that is Up are spread over the last quarter of the pace", (t) => {
  const { state } = life(...toUp);
  const at = [0, 0.5, 1].map(
    (chance) =>
      deadlineMs(step(config, state, { type: "timer", nowMs: state.sendAtMs, chance }).state) -
      state.sendAtMs,
  );
  t.deepEqual(
    at.map((ms) => Math.round(ms * 100) / 100),
    [7.5, 8.75, 10],
  );
});

test("RFC 5881 §4 one hop is port 3784, RFC 5883 §5 several are port 4784", (t) => {
  t.deepEqual([BFD_PORT, BFD_MULTIHOP_PORT], [3784, 4784]);
});
