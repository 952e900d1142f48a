import test from "ava";
import { openProbing, type Probing, type Target } from "../../src/vip/probing.ts";

const MAC = "02:00:00:00:00:02";

function target(n = 1): Target {
  return { owner: "VI", interface: "eth0", address: `10.0.0.${n}` };
}

/** Twice a second, as the role does; `answers` says who answers the probe. */
function run(
  probing: Probing<Target>,
  fromMs: number,
  toMs: number,
  answers: (probe: number, at: Target) => readonly string[] = () => [],
): readonly { readonly atMs: number; readonly address: string }[] {
  const sent: { readonly atMs: number; readonly address: string }[] = [];
  for (let atMs = fromMs; atMs < toMs; atMs += 500) {
    for (const each of probing.due(atMs)) {
      probing.asked(each, atMs);
      sent.push({ atMs, address: each.address });
      for (const mac of answers(sent.length, each)) probing.answered(each, mac, atMs + 1);
    }
  }
  return sent;
}

for (const chance of [0, 0.999]) {
  test(`chance ${chance}: the first probe some seconds after MASTER, then about once a minute`, (t) => {
    const probing = openProbing(() => chance);
    probing.watch([target()], 1000);
    const at = run(probing, 1000, 200_000).map(({ atMs }) => atMs);
    t.true((at[0] ?? 0) >= 4000 && (at[0] ?? 0) <= 6000, String(at));
    for (const [i, atMs] of at.slice(1).entries()) {
      const pauseMs = atMs - (at[i] ?? 0);
      t.true(pauseMs >= 54_000 && pauseMs <= 66_500, String(at));
    }
  });
}

test("a thousand addresses: four probes a second at most, each has its turn, however often one looks", (t) => {
  const probing = openProbing(() => 0.5);
  probing.watch(
    Array.from({ length: 1000 }, (_, i) => ({ ...target(i % 250), interface: `eth${i % 4}` })),
    0,
  );
  const seen = new Map<number, number>();
  let count = 0;
  for (let atMs = 0; atMs < 300_000; atMs += 10) {
    for (const each of probing.due(atMs)) {
      probing.asked(each, atMs);
      count += 1;
      const second = Math.floor(atMs / 1000);
      seen.set(second, (seen.get(second) ?? 0) + 1);
    }
  }
  t.true(Math.max(...seen.values()) <= 6, String(Math.max(...seen.values())));
  t.true(count >= 1000);
});

test("the same ones again keep their turn; who goes and comes back begins anew", (t) => {
  const probing = openProbing(() => 0);
  probing.watch([target()], 0);
  probing.watch([target()], 2900);
  t.is(probing.due(3000).length, 1);
  probing.watch([], 3100);
  probing.watch([target()], 3200);
  t.deepEqual(probing.due(6100), []);
  t.is(probing.due(6700).length, 1);
});

test("one answer is no second owner, two are, with since when and how often", (t) => {
  const probing = openProbing(() => 0);
  probing.watch([target()], 0);
  const sent = run(probing, 0, 5000, () => [MAC]);
  t.is(sent.length, 1);
  t.deepEqual(probing.owners(5000), []);
  run(probing, 5000, 9000, () => [MAC]);
  const [only, ...more] = probing.owners(9000);
  t.deepEqual(more, []);
  t.like(only, { owner: "VI", address: "10.0.0.1", mac: MAC, answers: 2, sinceMs: 3001 });
});

test("the last word of a node that lets go is forgotten", (t) => {
  const probing = openProbing(() => 0);
  probing.watch([target()], 0);
  run(probing, 0, 60_000, (probe) => (probe === 1 ? [MAC] : []));
  t.deepEqual(probing.owners(60_000), []);
  run(probing, 60_000, 120_000, () => [MAC]);
  const [later] = probing.owners(120_000);
  t.true((later?.sinceMs ?? 0) > 60_000, "what comes later begins anew");
});

test("it ends with the second probe that nobody answers, when its time is over", (t) => {
  const probing = openProbing(() => 0);
  probing.watch([target()], 0);
  run(probing, 0, 10_000, () => [MAC]);
  t.is(probing.owners(10_000).length, 1);
  const sent = run(probing, 10_000, 20_000);
  t.is(sent.length, 2);
  const lastMs = sent[1]?.atMs ?? 0;
  t.is(probing.owners(lastMs + 2999).length, 1);
  t.deepEqual(probing.owners(lastMs + 3000), []);
});

test("one probe lost between answers ends nothing", (t) => {
  const probing = openProbing(() => 0);
  probing.watch([target()], 0);
  run(probing, 0, 60_000, (probe) => (probe % 2 === 0 && probe > 2 ? [] : [MAC]));
  t.is(probing.owners(60_000).length, 1);
});

test("what nobody asked for, what comes late and what is repeated is no answer", (t) => {
  const probing = openProbing(() => 0);
  t.false(probing.answered(target(), MAC, 0), "not ours");
  probing.watch([target()], 0);
  t.false(probing.answered(target(), MAC, 100), "not asked");
  const [first] = run(probing, 0, 3500);
  const askedMs = first?.atMs ?? 0;
  t.deepEqual(probing.asking(askedMs + 2999), [target()]);
  t.deepEqual(probing.asking(askedMs + 3000), []);
  t.false(probing.answered({ ...target(), interface: "eth1" }, MAC, askedMs + 1));
  t.true(probing.answered(target(), MAC, askedMs + 2999));
  t.false(probing.answered(target(), MAC, askedMs + 2999), "twice");
  t.false(probing.answered(target(), "02:00:00:00:00:03", askedMs + 3000), "late");
});

test("a hundred MACs that claim one address are four", (t) => {
  const probing = openProbing(() => 0);
  probing.watch([target()], 0);
  const macs = Array.from({ length: 100 }, (_, i) => `02:00:00:00:01:${i}`);
  run(probing, 0, 20_000, () => macs);
  t.is(probing.owners(20_000).length, 4);
});
