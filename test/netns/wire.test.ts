// What Wireshark says of our packets: no expert warning, right checksums (RFC 5798 §5, RFC 3768 §5, RFC 5227).

import test from "ava";
import { instanceText, openPair, THERE } from "../helpers/daemon-pair.ts";
import { startDuet } from "../helpers/duet.ts";
import { sniff } from "../helpers/sniff.ts";
import { complaints, fields } from "../helpers/tshark.ts";
import { eventually } from "../helpers/wait.ts";

const pair = await openPair(test);

for (const [vrid, version] of [
  [2, 2],
  [3, 3],
] as const) {
  test.serial(
    `tshark finds nothing wrong with version ${version}, priority 0 and gratuitous ARP`,
    async (t) => {
      const vip = `10.9.0.${100 + vrid}`;
      const sniffer = await sniff(t, pair.there, THERE.device);
      const advertS = version === 2 ? 1 : 0.1;
      const settings = {
        vrid,
        version,
        advertS,
        priority: 150,
        vips: [`${vip}/24`, "10.9.0.120/24"],
      };
      const duet = await startDuet(t, instanceText(settings));
      await duet.becomes("MASTER");
      await eventually("adverts", () => sniffer.adverts({ vrid, priority: 150 }).length > 1);
      duet.signal("SIGTERM");
      await eventually("priority 0", () => sniffer.adverts({ vrid, priority: 0 }).length > 0);
      await sniffer.close();

      const adverts = fields(sniffer.file, "vrrp", [
        "eth.dst",
        "ip.dst",
        "ip.ttl",
        "ip.dsfield",
        "vrrp.version",
        "vrrp.prio",
        "vrrp.addr_count",
        "vrrp.checksum.status",
        "ip.checksum.status",
        "_ws.expert",
      ]);
      const right = (priority: number): string =>
        ["01:00:5e:00:00:12", "224.0.0.18", 255, "0xc0", version, priority, 2, 1, 1, ""].join("\t");
      t.deepEqual(new Set(adverts), new Set([right(150), right(0)]));
      const arps = fields(sniffer.file, `arp.src.proto_ipv4==${vip}`, [
        "eth.dst",
        "arp.opcode",
        "arp.isgratuitous",
        "arp.dst.proto_ipv4",
      ]);
      t.true(arps.length >= 5);
      t.regex(arps[0] ?? "", new RegExp(`^ff:ff:ff:ff:ff:ff\t1\t(1|True)\t${vip}$`));
      t.deepEqual(complaints(sniffer.file), []);
    },
  );
}
