// What two routers of a pair owe each other, duet on one side and keepalived on the other: the same tests for both
// versions of VRRP. Sources: RFC 5798 §6.4, RFC 3768 §6.4.

import type { TestFn } from "ava";
import { masterDownMs, skewMs } from "../../src/vrrp/timers.ts";
import { HERE, instanceText, type Pair, split, THERE } from "./daemon-pair.ts";
import { holds, type Place, type Teardown } from "./daemon-place.ts";
import { type Duet, killAtOnce, startDuet } from "./duet.ts";
import type { Metronome } from "./metronome.ts";
import { type Keepalived, keepalivedInstance, startKeepalived } from "./peer-keepalived.ts";
import { type Sniffer, sniff } from "./sniff.ts";
import { overlapMs, watchAddress } from "./sniff-addresses.ts";
import { eventually } from "./wait.ts";

/** The protocol's limit is added to it, and what the machine took. */
const SLACK_MS = 300;

type Side = { readonly device: string; readonly address: string };

export function declarePeerScenarios(
  test: TestFn,
  pair: Pair,
  metronome: Metronome,
  { version, advertS }: { readonly version: 2 | 3; readonly advertS: number },
): void {
  let vrid = 0;
  /** A virtual router of its own for every test. */
  function nextRouter(): {
    vip: string;
    duet: (t: Teardown, priority: number, place?: Place, side?: Side) => Promise<Duet>;
    keepalived: (
      t: Teardown,
      priority: number,
      options?: { place?: Place; side?: Side; more?: readonly string[] },
    ) => Promise<Keepalived>;
  } {
    vrid += 1;
    const vip = `10.9.0.${100 + vrid}`;
    const common = { vrid, version, advertS };
    return {
      vip,
      duet: async (t, priority, place = pair.here, side = HERE) =>
        startDuet(
          t,
          instanceText({ ...common, interface: side.device, priority, vips: [`${vip}/24`] }),
          { place },
        ),
      keepalived: async (t, priority, { place = pair.there, side = THERE, more = [] } = {}) =>
        startKeepalived(
          t,
          place,
          keepalivedInstance({
            ...common,
            interface: side.device,
            priority,
            vips: [`${vip}/24`, ...more],
          }),
        ),
    };
  }

  async function onlyHolder(vip: string, holder: Place): Promise<void> {
    const other = holder === pair.here ? pair.there : pair.here;
    await eventually(`${vip} on one side only`, () => holds(holder, vip) && !holds(other, vip));
  }

  /** From one moment on the wire to the first advert of the successor. */
  async function successionMs(sniffer: Sniffer, source: string, fromMs: number): Promise<number> {
    const first = await eventually(`an advert of ${source}`, () =>
      sniffer.adverts({ source, vrid }).find(({ atMs }) => atMs > fromMs),
    );
    return first.atMs - fromMs;
  }

  const title = (what: string): string => `v${version}: ${what} (RFC 5798 §6.4)`;
  const intervalMs = advertS * 1000;
  const downMs = masterDownMs({ version, priority: 100 }, intervalMs);
  const waitMs = skewMs({ version, priority: 100 }, intervalMs);

  /** Of a succession from that moment on: not later than it is due, but for what the machine took. */
  async function isInTime(fromMs: number, tookMs: number, dueMs: number): Promise<boolean> {
    return tookMs < dueMs + SLACK_MS + (await metronome.lostMs(fromMs, fromMs + tookMs));
  }

  test.serial(title("duet with the higher priority takes over from keepalived"), async (t) => {
    const { vip, duet, keepalived } = nextRouter();
    const log = {
      here: await watchAddress(t, pair.here, vip),
      there: await watchAddress(t, pair.there, vip),
    };
    const peer = await keepalived(t, 100);
    await peer.becomes("MASTER");
    await onlyHolder(vip, pair.there);
    const node = await duet(t, 150);
    await node.becomes("MASTER");
    await peer.becomes("BACKUP");
    await onlyHolder(vip, pair.here);
    t.log(`both held the address for ${overlapMs(log.here, log.there).toFixed(1)} ms`);
    const { cause, counters } = await node.instance();
    t.is(counters.became_master, 1, cause);
  });

  test.serial(title("duet yields to keepalived with the higher priority"), async (t) => {
    const { vip, duet, keepalived } = nextRouter();
    const node = await duet(t, 100);
    await node.becomes("MASTER");
    await onlyHolder(vip, pair.here);
    const peer = await keepalived(t, 150);
    const { cause, master } = await node.becomes("BACKUP");
    await peer.becomes("MASTER");
    await onlyHolder(vip, pair.there);
    t.is(cause, "higher_priority_advert");
    t.deepEqual(master, { address: THERE.address, priority: 150 });
  });

  test.serial(title("keepalived takes over within Skew_Time when duet stops"), async (t) => {
    const { vip, duet, keepalived } = nextRouter();
    const sniffer = await sniff(t, pair.there, THERE.device);
    const peer = await keepalived(t, 100);
    await peer.becomes("MASTER");
    const node = await duet(t, 150);
    await node.becomes("MASTER");
    await peer.becomes("BACKUP");
    node.signal("SIGTERM");
    t.is(await node.ended, 0);
    await peer.becomes("MASTER");
    await onlyHolder(vip, pair.there);
    const [goodbye, last, ...more] = sniffer.adverts({ source: HERE.address, vrid, priority: 0 });
    t.is(more.length, 0, "when the stop begins, and when the successor has spoken");
    if (goodbye === undefined || last === undefined) return t.fail("priority 0 was not said");
    const tookMs = await successionMs(sniffer, THERE.address, goodbye.atMs);
    t.true(last.atMs > goodbye.atMs + tookMs);
    t.log(`keepalived advertised ${tookMs.toFixed(1)} ms after priority 0`);
    t.true(await isInTime(goodbye.atMs, tookMs, waitMs));
  });

  test.serial(
    title("keepalived takes over within Master_Down_Interval when duet is killed"),
    async (t) => {
      const { vip, duet, keepalived } = nextRouter();
      const sniffer = await sniff(t, pair.there, THERE.device);
      const peer = await keepalived(t, 100);
      const node = await duet(t, 150);
      await node.becomes("MASTER");
      await peer.becomes("BACKUP");
      killAtOnce(node);
      await peer.becomes("MASTER");
      const heard = sniffer.adverts({ source: HERE.address, vrid });
      t.deepEqual(
        heard.filter(({ priority }) => priority === 0),
        [],
        "nobody could say goodbye",
      );
      const lastMs = Math.max(...heard.map(({ atMs }) => atMs));
      const tookMs = await successionMs(sniffer, THERE.address, lastMs);
      t.log(`keepalived advertised ${tookMs.toFixed(1)} ms after the last advert of duet`);
      t.true(await isInTime(lastMs, tookMs, downMs));
      await onlyHolder(vip, pair.there); // the lease of the dead node ends
    },
  );

  test.serial(title("duet takes over within Skew_Time when keepalived stops"), async (t) => {
    const { vip, duet, keepalived } = nextRouter();
    const sniffer = await sniff(t, pair.there, THERE.device);
    const peer = await keepalived(t, 150);
    await peer.becomes("MASTER");
    const node = await duet(t, 100);
    await node.becomes("BACKUP");
    await peer.stop();
    const { cause } = await node.becomes("MASTER");
    await onlyHolder(vip, pair.here);
    t.is(cause, "priority_zero_received");
    const goodbye = sniffer.adverts({ source: THERE.address, vrid, priority: 0 })[0];
    if (goodbye === undefined) return t.fail("keepalived did not say priority 0");
    const tookMs = await successionMs(sniffer, HERE.address, goodbye.atMs);
    t.log(`duet advertised ${tookMs.toFixed(1)} ms after priority 0`);
    t.true(await isInTime(goodbye.atMs, tookMs, waitMs));
  });

  test.serial(
    title("duet takes over within Master_Down_Interval when keepalived is killed"),
    async (t) => {
      const { vip, duet, keepalived } = nextRouter();
      const sniffer = await sniff(t, pair.there, THERE.device);
      const peer = await keepalived(t, 150);
      await peer.becomes("MASTER");
      const node = await duet(t, 100);
      await eventually(
        "duet hears its master",
        async () => (await node.instance()).master !== null,
      );
      peer.killAll();
      const { cause } = await node.becomes("MASTER");
      t.is(cause, "master_down_timer");
      const lastMs = Math.max(
        ...sniffer.adverts({ source: THERE.address, vrid }).map(({ atMs }) => atMs),
      );
      const tookMs = await successionMs(sniffer, HERE.address, lastMs);
      t.log(`duet advertised ${tookMs.toFixed(1)} ms after the last advert of keepalived`);
      t.true(await isInTime(lastMs, tookMs, downMs));
      t.true(tookMs > downMs - intervalMs);
      // keepalived leaves its address behind when it is killed whole; the next tests do not need it.
      pair.there.run(`ip address del ${vip}/24 dev ${THERE.device}`);
    },
  );

  test.serial(title("of equal priorities the higher address wins, keepalived's"), async (t) => {
    const { vip, duet, keepalived } = nextRouter();
    const node = await duet(t, 100);
    await node.becomes("MASTER");
    const peer = await keepalived(t, 100);
    // keepalived listens to an equal master as a backup: a split is what brings them together.
    split(pair, true);
    await peer.becomes("MASTER");
    split(pair, false);
    const { cause } = await node.becomes("BACKUP");
    t.is(cause, "equal_priority_higher_address");
    await onlyHolder(vip, pair.there);
    await peer.becomes("MASTER");
  });

  test.serial(title("of equal priorities the higher address wins, duet's"), async (t) => {
    const { vip, duet, keepalived } = nextRouter();
    const peer = await keepalived(t, 100, { place: pair.here, side: HERE });
    await peer.becomes("MASTER");
    const node = await duet(t, 100, pair.there, THERE);
    split(pair, true);
    await node.becomes("MASTER");
    split(pair, false);
    await peer.becomes("BACKUP");
    await onlyHolder(vip, pair.there);
    t.is((await node.becomes("MASTER")).counters.became_master, 1);
  });

  test.serial(
    title("a keepalived with other addresses is obeyed, and told of in the log"),
    async (t) => {
      const { vip, duet, keepalived } = nextRouter();
      const peer = await keepalived(t, 150, { more: ["10.9.0.99/24"] });
      await peer.becomes("MASTER");
      const node = await duet(t, 100);
      const line = await node.said({ msg: "address list differs from the master's" });
      t.deepEqual(line["theirs"], [vip, "10.9.0.99"]);
      await eventually("time to take over, and more", async () => {
        return (await node.instance()).counters.adverts_received >= (version === 3 ? 8 : 5);
      });
      const { state, counters } = await node.instance();
      t.is(state, "BACKUP");
      t.true(counters.address_list_mismatch > 0);
      t.is(node.lines().filter(({ msg }) => msg === line.msg).length, 1, "once, not once a packet");
      await onlyHolder(vip, pair.there);
    },
  );
}
