import test from "ava";
import { type Answer, search } from "../../../src/check/expressions/search.ts";

const EVIL = { source: "(a+)+$", flags: "", texts: [`${"a".repeat(60)}!`] } as const;
const GOOD = { source: "all .*well", flags: "", texts: ["no", "all is well"] } as const;
const patienceMs = 60_000;

/** How often the loop went round meanwhile. */
async function beatsDuring<T>(
  work: Promise<T>,
): Promise<{ readonly beats: number; readonly result: T }> {
  let beats = 0;
  const timer = setInterval(() => {
    beats += 1;
  }, 10);
  const result = await work;
  clearInterval(timer);
  return { beats, result };
}

test.serial("what is quick for sure is answered here, in which text and up to where", async (t) => {
  const asked = { source: "two|three", flags: "", texts: ["one", "it is three."] } as const;
  t.deepEqual(await search(asked, { who: "a", patienceMs }), { kind: "match", index: 1, end: 11 });
  t.deepEqual(await search({ ...asked, texts: [] }, { who: "a", patienceMs }), { kind: "none" });
  const lines = { source: "^b$", flags: "m", texts: ["a\nb"] } as const;
  t.like(await search(lines, { who: "a", patienceMs }), { kind: "match" });
});

test.serial(
  "an expression that runs away is ended, the loop goes on meanwhile, and so do the others",
  async (t) => {
    const evil = search(EVIL, { who: "evil", patienceMs });
    const good = search(GOOD, { who: "good", patienceMs });
    const { beats, result } = await beatsDuring(evil);
    t.deepEqual(result, { kind: "slow", why: "not done in 500 ms" });
    t.true(beats >= 5, `${beats} beats`);
    t.deepEqual(await good, { kind: "match", index: 1, end: 11 });
  },
);

test.serial("who was slow waits for all others, whoever came first", async (t) => {
  const order: string[] = [];
  const ask = async (name: string, question: typeof EVIL | typeof GOOD): Promise<Answer> => {
    const answer = await search(question, { who: name, patienceMs });
    order.push(name);
    return answer;
  };
  const first = ask("first", GOOD);
  const evils = [ask("evil", EVIL), ask("evil", EVIL)];
  await Promise.all([first, ask("last", GOOD)]);
  t.deepEqual(order, ["first", "last"]);
  t.deepEqual(
    (await Promise.all(evils)).map(({ kind }) => kind),
    ["slow", "slow"],
  );
});

test.serial("an answer that nobody waits for any more is not looked for", async (t) => {
  const running = search(EVIL, { who: "evil", patienceMs });
  const late = search(EVIL, { who: "late", patienceMs: 0 });
  t.like(await running, { kind: "slow" });
  t.deepEqual(await late, { kind: "slow", why: "no time for it" });
});

test.serial(
  "a megabyte that an expression goes over again and again does not stop the loop",
  async (t) => {
    const text = "foo".repeat(350_000);
    const asked = { source: "foo.*bar", flags: "", texts: [text] } as const;
    const { beats, result } = await beatsDuring(search(asked, { who: "big", patienceMs }));
    t.is(result.kind, "slow");
    t.true(beats >= 5, `${beats} beats`);
  },
);

test.serial("an expression that is none is broken, here and beside", async (t) => {
  for (const source of ["(", "a*("]) {
    const answer = await search({ source, flags: "", texts: ["x"] }, { who: "a", patienceMs });
    t.is(answer.kind, "broken");
  }
});
