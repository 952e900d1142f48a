// Wireshark finds nothing wrong with any other kind of packet that we send. Those of wire.test.ts are the plain ones,
// those of IPv6 in ipv6.test.ts.

import test from "ava";
import { HERE, instanceText, openPair, THERE } from "../helpers/daemon-pair.ts";
import { startDuet } from "../helpers/duet.ts";
import { sniff } from "../helpers/sniff.ts";
import { complaints, fields, type Reading } from "../helpers/tshark.ts";
import { eventually } from "../helpers/wait.ts";

const pair = await openPair(test);

const UNICAST = [`unicast_src_ip = ${HERE.address}`, `unicast_peer[] = ${THERE.address}`];
const SIGNED = [
  "auth_hmac_key[] = 1 0123456789abcdef0123456789abcdef",
  "auth_hmac_active_key = 1",
  "auth_hmac_mode = enforce",
];
const CHECKED = ["ip.checksum.status", "vrrp.checksum.status"];

type Kind = {
  readonly what: string;
  readonly version: 2 | 3;
  readonly more: readonly string[];
  readonly reading?: Reading;
  /** What it cannot know. */
  readonly ignored?: RegExp;
  /** Fields of each advert, and what they have to say. */
  readonly says: readonly (readonly [string, string])[];
};

const RIGHT = CHECKED.map((name) => [name, "1"] as const);
const TO_PEER = ["ip.dst", THERE.address] as const;

const KINDS: readonly Kind[] = [
  {
    what: "a password",
    version: 2,
    more: ["auth_type = PASS", "auth_pass = s3cret"],
    says: [...RIGHT, ["vrrp.auth_type", "1"], ["vrrp.auth_string", "s3cret"]],
  },
  {
    what: "version 3's checksum as in version 2",
    version: 3,
    more: ["v3_checksum_as_v2 = yes"],
    reading: { checksumAsV2: true },
    says: RIGHT,
  },
  { what: "unicast of version 2", version: 2, more: UNICAST, says: [...RIGHT, TO_PEER] },
  { what: "unicast of version 3", version: 3, more: UNICAST, says: [...RIGHT, TO_PEER] },
  {
    what: "signed adverts, but that it takes the signature into the sum",
    version: 3,
    more: SIGNED,
    ignored: /checksum/i,
    says: [
      ["ip.checksum.status", "1"],
      ["vrrp.prio", "150"],
    ],
  },
];

for (const [i, { what, version, more, reading, ignored, says }] of KINDS.entries()) {
  test.serial(`tshark finds nothing wrong with ${what}`, async (t) => {
    const vrid = 10 + i;
    const sniffer = await sniff(t, pair.there, THERE.device);
    const vips = [`10.9.0.${100 + vrid}/24`];
    const advertS = version === 2 ? 1 : 0.1;
    const duet = await startDuet(
      t,
      instanceText({ vrid, priority: 150, version, advertS, vips, more }),
    );
    await duet.becomes("MASTER");
    await eventually("adverts", () => sniffer.adverts({ vrid }).length > 1);
    await sniffer.close();
    const names = says.map(([name]) => name);
    const told = fields(sniffer.file, `vrrp.virt_rtr_id == ${vrid}`, names, reading);
    t.deepEqual([...new Set(told)], [says.map(([, value]) => value).join("\t")]);
    const wrong = complaints(sniffer.file, reading).filter((line) => !ignored?.test(line));
    t.deepEqual(wrong, []);
  });
}

test.serial(
  "tshark finds nothing wrong with BFD, before and after the session is up",
  async (t) => {
    const sniffer = await sniff(t, pair.there, THERE.device);
    const text = (side: typeof HERE | typeof THERE, other: typeof HERE | typeof THERE): string =>
      [
        "[bfd_instance.peer]",
        `neighbor_ip = ${other.address}`,
        `source_ip = ${side.address}`,
        "min_tx = 50ms",
        "min_rx = 50ms",
        "multiplier = 3",
        instanceText({
          interface: side.device,
          vrid: 30,
          priority: side === HERE ? 150 : 100,
          vips: ["10.9.0.130/24"],
          more: ["track_bfd[] = peer weight -10"],
        }),
      ].join("\n");
    await startDuet(t, text(HERE, THERE));
    await startDuet(t, text(THERE, HERE), { place: pair.there });
    const ups = (): readonly string[] =>
      fields(sniffer.file, `bfd.sta == 3 && ip.src == ${HERE.address}`, ["ip.ttl", "bfd.version"]);
    await eventually("a session that is up", () => ups().length > 5);
    await sniffer.close();
    t.deepEqual([...new Set(ups())], ["255\t1"]); // RFC 5881 §5
    t.true(fields(sniffer.file, "bfd.sta == 1", ["bfd.version"]).length > 0);
    t.deepEqual(complaints(sniffer.file), []);
  },
);
