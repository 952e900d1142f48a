// Two nodes that are MASTER both, each for a reason of its own: neither may say that all is well.

import test, { type ExecutionContext } from "ava";
import { HERE, instanceText, openPair, THERE } from "../helpers/daemon-pair.ts";
import { holds, type Place } from "../helpers/daemon-place.ts";
import { type Duet, duetCommand, startDuet } from "../helpers/duet.ts";
import { keepalivedInstance, startKeepalived } from "../helpers/peer-keepalived.ts";
import { eventually } from "../helpers/wait.ts";

const pair = await openPair(test);
let vrid = 0;

/** The text of the reason, when it is there. */
async function reason(duet: Duet, kind: string): Promise<string> {
  let seen = "";
  return eventually(
    () => `a reason ${kind}, there are ${seen}`,
    async () => {
      const { degraded } = await duet.status();
      seen = JSON.stringify(degraded);
      return degraded.find((each) => each.kind === kind && each.subject === "VI")?.text;
    },
  );
}

/** The other end hears no VRRP until what is returned is called. */
function deafen(): () => void {
  const nft = (command: string): string => pair.there.run(`/usr/sbin/nft ${command}`);
  nft("add table ip deaf");
  nft("add chain ip deaf prerouting { type filter hook prerouting priority -300 ; }");
  nft("add rule ip deaf prerouting ip protocol 112 drop");
  return () => nft("delete table ip deaf");
}

async function isWell(duet: Duet): Promise<void> {
  await eventually("nothing wrong", async () => (await duet.status()).degraded.length === 0);
}

/** `duet status` says so. What is wrong is judged once a second, and may be over for one on a busy machine. */
async function isUnwell(duet: Duet): Promise<void> {
  const status = ["status", "--run-dir", duet.runDir];
  await eventually("status 1", async () => (await duetCommand(status)).code === 1);
}

/** One of the two has the address, and the other one has not. */
async function onlyOn(place: Place, vip: string): Promise<void> {
  const other = place === pair.here ? pair.there : pair.here;
  await eventually(`one owner of ${vip}`, () => holds(place, vip) && !holds(other, vip));
}

type Side = {
  readonly version?: 2 | 3;
  readonly advertS?: number;
  readonly more?: readonly string[];
  readonly vips?: readonly string[];
  readonly vridMore?: number;
  readonly priorityMore?: number;
};

async function start(
  t: ExecutionContext,
  ours: Side,
  theirs: Side,
): Promise<{ duet: Duet; vip: string }> {
  vrid += 2;
  const vip = `10.9.0.${100 + vrid}`;
  const { version = 2, advertS = 1 } = theirs;
  const peer = await startKeepalived(
    t,
    pair.there,
    keepalivedInstance({
      interface: THERE.device,
      vrid: vrid + (theirs.vridMore ?? 0),
      priority: 90 + (theirs.priorityMore ?? 0),
      version,
      advertS,
      vips: theirs.vips ?? [`${vip}/24`],
      more: (theirs.more ?? []).join("\n  "),
    }),
  );
  await peer.becomes("MASTER");
  const duet = await startDuet(
    t,
    instanceText({ vrid, priority: 100, version: 2, advertS: 1, vips: [`${vip}/24`], ...ours }),
  );
  return { duet, vip };
}

const password = (word: string): readonly string[] => [
  `authentication {`,
  `auth_type PASS`,
  `auth_pass ${word}`,
  `}`,
];
const unicast = [`unicast_src_ip ${THERE.address}`, "unicast_peer {", HERE.address, "}"];

function isTold(t: ExecutionContext, text: string, from: string, said: RegExp): void {
  t.regex(text, said);
  t.true(text.startsWith(`${from} acts as master`), text);
}

for (const [what, theirs, said] of [
  [
    "another password",
    { more: password("theirs") },
    /auth_failure.*theirs:.*a password.*ours:.*a password/,
  ],
  ["unicast on one side only", { more: [...password("ours"), ...unicast] }, /destination/],
] as const satisfies readonly (readonly [string, Side, RegExp])[]) {
  test.serial(`a keepalived with ${what} is told`, async (t) => {
    // keepalived 2.2.7 begins its interval anew with each advert of a wrong password: ours would keep it silent, or a backup.
    t.teardown(deafen());
    const ours = { more: ["auth_type = PASS", "auth_pass = ours"] };
    const { duet, vip } = await start(t, ours, theirs);
    await duet.becomes("MASTER");
    const text = await reason(duet, "other_master");
    isTold(t, text, THERE.address, said);
    t.true(text.includes(vip), text);
    const { code, output } = await duetCommand(["status", "--run-dir", duet.runDir]);
    t.is(code, 1, output);
    t.regex(output, /DEGRADED:\n {2}VI: 10\.9\.0\.2 acts as master/);
    await duet.said({ msg: "degraded", kind: "other_master", subject: "VI" });
    const [other] = (await duet.instance()).other_masters ?? [];
    t.is(other?.address, THERE.address);
    t.deepEqual(other?.virtual_addresses, [vip]);
  });
}

for (const [what, theirs, said, lead] of [
  ["another version", { version: 3 }, /\(version\).*theirs:.*version 3.*ours:.*version 2/, 0],
  [
    "another version and a higher priority",
    { version: 3 },
    /\(version\).*theirs:.*version 3.*ours:.*version 2/,
    100,
  ],
] as const satisfies readonly (readonly [string, Side, RegExp, number])[]) {
  test.serial(`a keepalived with ${what} is told: both are MASTER`, async (t) => {
    const { duet } = await start(t, {}, { ...theirs, priorityMore: lead });
    await duet.becomes("MASTER");
    isTold(t, await reason(duet, "other_master"), THERE.address, said);
    await isUnwell(duet);
  });
}

test.serial(
  "a keepalived with a longer advert_int is silent, and found by its answers",
  async (t) => {
    // keepalived 2.2.7 begins its interval anew with each of our adverts that it rejects: it is MASTER, and never says so.
    const { duet, vip } = await start(t, {}, { advertS: 2 });
    await duet.becomes("MASTER");
    const text = await reason(duet, "second_address_owner");
    t.true(text.startsWith(`${vip} is also at `), text);
    await isUnwell(duet);
  },
);

test.serial("a keepalived with a shorter advert_int is told, with both intervals", async (t) => {
  // Version 2 has no other way than to refuse what differs (RFC 3768 §7.1): both are MASTER.
  const { duet } = await start(t, { advertS: 2 }, { advertS: 1 });
  await duet.becomes("MASTER");
  const said = /\(advert_interval\).*theirs:.*every 1 s.*ours:.*every 2 s/;
  isTold(t, await reason(duet, "other_master"), THERE.address, said);
  await isUnwell(duet);
});

for (const [what, oursS, theirsS] of [
  ["shorter", 1, 0.3],
  ["longer", 0.3, 1],
] as const) {
  test.serial(
    `version 3: a keepalived with a ${what} advert_int is one half of a pair`,
    async (t) => {
      const ours = { version: 3, advertS: oursS } as const;
      const theirs = { version: 3, advertS: theirsS } as const;
      const { duet: below, vip } = await start(t, ours, { ...theirs, priorityMore: 60 });
      await below.becomes("BACKUP");
      await onlyOn(pair.there, vip);
      const learnedMs = 3000 * theirsS;
      const downMs = await eventually("its interval is learned, with an advert", async () => {
        const { master_down_interval_ms: ms } = await below.instance();
        return ms > learnedMs && ms < learnedMs + 1000 * theirsS && ms;
      });
      t.log(`a master-down interval of ${downMs} ms`);
      await isWell(below);
      t.is((await below.instance()).counters.became_master, 0);
      below.signal("SIGTERM");
      await below.ended;
      const { duet: above, vip: second } = await start(t, ours, theirs);
      await above.becomes("MASTER");
      await onlyOn(pair.here, second);
      await isWell(above);
      t.is((await above.instance()).counters.became_master, 1);
    },
  );
}

for (const [what, theirs, said] of [
  [
    "a password on one side only",
    { more: ["auth_type = PASS", "auth_pass = theirs"] },
    [/auth_type.*theirs:.*a password.*ours:.*no password/, /auth_type.*ours:.*a password/],
  ],
  [
    "another advert_int",
    { advertS: 2 },
    [/advert_interval.*theirs:.*every 2 s.*ours:.*every 1 s/, /every 1 s.*ours:.*every 2 s/],
  ],
  [
    "another version",
    { version: 3 },
    [/\(version\).*theirs:.*version 3.*ours:.*version 2/, /version 2.*ours:.*version 3/],
  ],
] as const satisfies readonly (readonly [string, Side, readonly [RegExp, RegExp]])[]) {
  test.serial(`${what}: both nodes are MASTER, and both tell of the other`, async (t) => {
    vrid += 2;
    const plain = { vrid, version: 2, advertS: 1, vips: [`10.9.0.${100 + vrid}/24`] } as const;
    const [here, there] = await Promise.all([
      startDuet(t, instanceText({ ...plain, priority: 100 })),
      startDuet(t, instanceText({ ...plain, priority: 90, interface: THERE.device, ...theirs }), {
        place: pair.there,
      }),
    ]);
    isTold(t, await reason(here, "other_master"), THERE.address, said[0]);
    isTold(t, await reason(there, "other_master"), HERE.address, said[1]);
  });
}

test.serial(
  "adverts that only arrive one way: who hears the other tells it, and no more once it is heard",
  async (t) => {
    const hears = deafen();
    const { duet } = await start(t, {}, {});
    await duet.becomes("MASTER");
    t.regex(await reason(duet, "other_master"), /does not hear us, or does not give way/);
    hears();
    await isWell(duet);
    await duet.said({ msg: "degraded no more", kind: "other_master" });
  },
);

test.serial(
  "another vrid with the same address is told, whatever log_unknown_vrids says",
  async (t) => {
    const { duet, vip } = await start(t, {}, { vridMore: 1 });
    await duet.becomes("MASTER");
    const text = await reason(duet, "other_router");
    t.regex(text, /another virtual router.*theirs: vrid (\d+),.*ours: vrid (\d+)/);
    t.true(text.includes(vip), text);
  },
);

test.serial(
  "a stranger's vrid with other addresses: nobody has ours, and that is told",
  async (t) => {
    vrid += 2;
    await startKeepalived(
      t,
      pair.there,
      keepalivedInstance({
        interface: THERE.device,
        vrid,
        priority: 200,
        version: 2,
        advertS: 1,
        vips: ["10.9.0.222/24"],
      }),
    );
    const vips = [`10.9.0.${100 + vrid}/24`];
    const duet = await startDuet(
      t,
      instanceText({ vrid, priority: 100, version: 2, advertS: 1, vips }),
    );
    await duet.becomes("BACKUP");
    const text = await reason(duet, "address_list");
    t.regex(text, /its addresses are not ours.*theirs:.*10\.9\.0\.222; ours:/);
  },
);
