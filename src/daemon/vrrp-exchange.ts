// The adverts of one instance: encoded and sent, heard and judged. What they mean is the machine's business.

import type { VrrpInstanceConfig } from "../config/model.ts";
import { errorText } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import { type Accepted, acceptAdvert, type RejectReason, type Verdict } from "../vrrp/accept.ts";
import { PRIORITY_RELEASE } from "../vrrp/model.ts";
import type { Ipv4Packet } from "../wire/ipv4.ts";
import { decodeAdvert, encodeAdvert, VRRP_GROUP_IPV4 } from "../wire/vrrp.ts";
import { type Counters, openSparseLog } from "./vrrp-counters.ts";
import type { Port } from "./vrrp-port.ts";

export type Exchange = {
  readonly send: (priority: number) => void;
  /** The bytes of an advert; undefined while there is no source address. */
  readonly advertOf: (priority: number) => Buffer | undefined;
  /** undefined = rejected: counted, and nothing else has happened. */
  readonly hear: (packet: Ipv4Packet) => Accepted | undefined;
  readonly reject: (reason: RejectReason, source: string) => void;
  /** The configuration or the source address is another one. */
  readonly forget: () => void;
};

export function openExchange(options: {
  readonly config: () => VrrpInstanceConfig["vrrp"];
  readonly port: Port;
  readonly counters: Counters;
  readonly nowMs: () => number;
  readonly log: Log;
}): Exchange {
  const { config, port, counters, nowMs } = options;
  const sparse = openSparseLog(options.log);
  // Built once, sent many times: an advert only changes with the configuration and the source address.
  const adverts = new Map<number, Buffer>();
  // A master repeats itself: the packet accepted last is not judged again.
  let last: (Way & { readonly bytes: Buffer; readonly verdict: Verdict }) | null = null;

  function advertOf(priority: number): Buffer | undefined {
    const source = port.source();
    if (source === undefined) return undefined;
    const known = adverts.get(priority);
    if (known !== undefined) return known;
    const { version, vrid, advertIntervalMs, addresses } = config();
    const advert = { version, vrid, priority, advertIntervalMs, addresses, authType: 0 };
    const bytes = encodeAdvert(advert, { source, destination: VRRP_GROUP_IPV4 });
    adverts.set(priority, bytes);
    return bytes;
  }

  function judge({ ttl, source, destination, payload }: Ipv4Packet): Verdict {
    const way: Way = { ttl, source, destination };
    if (last !== null && sameWay(last, way) && last.bytes.equals(payload)) return last.verdict;
    const verdict = acceptAdvert(
      config(),
      { ownSource: port.source() ?? "0.0.0.0", group: VRRP_GROUP_IPV4 },
      { ...way, decode: () => decodeAdvert(payload, { source, destination }) },
    );
    if (verdict.ok) last = { ...way, bytes: Buffer.from(payload), verdict };
    return verdict;
  }

  function reject(reason: RejectReason, source: string): void {
    counters.rejected[reason] += 1;
    sparse({ kind: reason, nowMs: nowMs() }, (to, times) =>
      to.warn({ reason, source, times }, "advert rejected"),
    );
  }

  return {
    advertOf,
    send(priority) {
      const bytes = advertOf(priority);
      try {
        if (bytes === undefined) throw new Error("Cannot send an advert: no source address");
        port.send(bytes);
        counters.adverts_sent += 1;
        if (priority === PRIORITY_RELEASE) counters.priority_zero_sent += 1;
      } catch (error) {
        counters.send_errors += 1;
        sparse({ kind: "send", nowMs: nowMs() }, (to, times) =>
          to.warn({ error: errorText(error), times }, "advert not sent"),
        );
      }
    },
    hear(packet) {
      const verdict = judge(packet);
      const { source } = packet;
      if (!verdict.ok) {
        reject(verdict.reason, source);
        return undefined;
      }
      const { advert, sameAddresses } = verdict;
      counters.adverts_received += 1;
      if (advert.priority === PRIORITY_RELEASE) counters.priority_zero_received += 1;
      if (!sameAddresses) {
        counters.address_list_mismatch += 1;
        const lists = { theirs: advert.addresses, ours: config().addresses };
        sparse({ kind: `addresses ${source}`, nowMs: nowMs() }, (to, times) =>
          to.warn({ source, ...lists, times }, "address list differs from the master's"),
        );
      }
      return verdict;
    },
    reject,
    forget() {
      adverts.clear();
      last = null;
    },
  };
}

type Way = Pick<Ipv4Packet, "ttl" | "source" | "destination">;

function sameWay(a: Way, b: Way): boolean {
  return a.source === b.source && a.ttl === b.ttl && a.destination === b.destination;
}
