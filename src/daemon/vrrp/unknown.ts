// Adverts of virtual routers that are not configured here: counted, and told in the log when somebody wants to know. One
// that tells an address of ours is always told: two routers elect a master of it each.

import type { Config } from "../../config/model.ts";
import type { Clock } from "../../lib/clock.ts";
import { addressBytes, familyOf } from "../../lib/ip.ts";
import type { Log } from "../../lib/log.ts";
import { type Others, openOthers } from "../../vrrp/others.ts";
import type { IpPacket } from "../../wire/ipv4.ts";
import { decodeAdvert } from "../../wire/vrrp.ts";
import { mayTell } from "../../wire/vrrp-claims.ts";
import { openSparseLog } from "../process/sparse-log.ts";
import { heldVips } from "./holding.ts";

export type Unknown = {
  readonly configure: (config: Config) => void;
  readonly heard: (device: string, vrid: number, packet: IpPacket) => void;
  readonly count: () => number;
  /** Those that tell an address of ours. */
  readonly others: Pick<Others, "lasting">;
  readonly close: () => void;
};

const OTHERS_MAX = 32;

export function openUnknown(options: {
  /** Another port of the interface may know it. */
  readonly isKnown: (device: string, vrid: number) => boolean;
  readonly clock: Clock;
  readonly log: Log;
}): Unknown {
  const { isKnown, clock } = options;
  const sparse = openSparseLog(options.log, clock);
  const others = openOthers(OTHERS_MAX);
  let tells = false;
  let ours: ReadonlySet<string> = new Set();
  let lastBytes: ReadonlySet<number> = new Set();
  let count = 0;

  function lookForOurs(packet: IpPacket): void {
    const { source, payload } = packet;
    if (!mayTell(payload, familyOf(source) ?? 4, lastBytes)) return;
    const decoded = decodeAdvert(payload, packet);
    if (!decoded.ok || !decoded.advert.addresses.some((address) => ours.has(address))) return;
    const intervalMs = decoded.advert.advertIntervalMs;
    others.note({ nowMs: clock.nowMs(), why: "vrid", source, bytes: payload, intervalMs });
  }

  return {
    configure({ global, vrrpInstances }) {
      const addresses = vrrpInstances.flatMap(heldVips).map(({ address }) => address);
      tells = global.logUnknownVrids;
      ours = new Set(addresses);
      lastBytes = new Set(addresses.map((each) => addressBytes(each).subarray(-4).readUInt32BE(0)));
      others.forget();
    },
    heard(device, vrid, packet) {
      if (isKnown(device, vrid)) return;
      count += 1;
      lookForOurs(packet);
      if (!tells) return;
      const { source } = packet;
      sparse.tell(`${device} ${vrid}`, (to, times) =>
        to.warn({ interface: device, vrid, source, times }, "advert of an unknown virtual router"),
      );
    },
    count: () => count,
    others,
    close: sparse.close,
  };
}
