import test from "ava";
import fc from "fast-check";
import {
  type Action,
  deadlineMs,
  type Input,
  initialState,
  RETRY_MS,
  type State,
  step,
} from "../../src/desk/fifo-queue.ts";

const config = { linesMax: 3 };

/** A pipe that has room for so many lines, then is full until it is read. */
function openPipe(room: number): {
  readonly give: (input: Input) => void;
  readonly read: () => void;
  readonly state: () => State;
  readonly written: string[];
  readonly told: Action[];
} {
  let state = initialState;
  let free = room;
  const written: string[] = [];
  const told: Action[] = [];
  function give(input: Input): void {
    const result = step(config, state, input);
    state = result.state;
    for (const action of result.actions) {
      if (action.type !== "write") told.push(action);
      else if (free > 0) {
        free -= 1;
        written.push(action.line);
        give({ type: "written", nowMs: input.nowMs });
      } else give({ type: "full", nowMs: input.nowMs });
    }
  }
  return { give, read: () => void (free = 1000), state: () => state, written, told };
}

function line(text: string): Input {
  return { type: "line", nowMs: 0, line: text };
}

test("a line is written at once while the pipe has room", (t) => {
  const pipe = openPipe(2);
  pipe.give(line("a"));
  pipe.give(line("b"));
  t.deepEqual(pipe.written, ["a", "b"]);
  t.is(deadlineMs(pipe.state()), Infinity);
});

test("what the reader cannot take waits, and goes out in order when it can", (t) => {
  const pipe = openPipe(1);
  for (const text of ["a", "b", "c"]) pipe.give(line(text));
  t.is(deadlineMs(pipe.state()), RETRY_MS);
  pipe.give({ type: "timer", nowMs: RETRY_MS - 1 });
  pipe.read();
  pipe.give({ type: "timer", nowMs: RETRY_MS });
  t.deepEqual(pipe.written, ["a", "b", "c"]);
  t.deepEqual(pipe.told, []);
});

test("beyond the limit the oldest is lost: said once, counted, and summed up when the pipe is read", (t) => {
  const pipe = openPipe(0);
  for (const text of ["a", "b", "c", "d", "e"]) pipe.give(line(text));
  t.deepEqual(pipe.told, [{ type: "losing" }]);
  t.is(pipe.state().lost, 2);
  pipe.read();
  pipe.give({ type: "timer", nowMs: RETRY_MS });
  t.deepEqual(pipe.written, ["c", "d", "e"]);
  t.deepEqual(pipe.told, [{ type: "losing" }, { type: "caught-up", lost: 2 }]);
});

test("every line is written, waits or is counted as lost, and none overtakes another (property)", (t) => {
  const act = fc.oneof(fc.constant("line"), fc.constant("read"), fc.constant("timer"));
  fc.assert(
    fc.property(fc.nat(5), fc.array(act, { maxLength: 60 }), (room, acts) => {
      const pipe = openPipe(room);
      let given = 0;
      acts.forEach((what, n) => {
        if (what === "line") pipe.give(line(String(given++)));
        else if (what === "read") pipe.read();
        else pipe.give({ type: "timer", nowMs: n * RETRY_MS });
      });
      const { written, lost, lines } = pipe.state();
      t.is(written + lost + lines.length, given);
      t.true(lines.length <= config.linesMax);
      const order = [...pipe.written, ...lines].map(Number);
      t.deepEqual(
        order,
        order.toSorted((a, b) => a - b),
      );
    }),
  );
});
