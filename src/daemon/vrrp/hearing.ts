// What one instance hears: each packet is judged (vrrp/accept.ts), counted, and remembered as long as somebody may want to know who
// said it. What it means for the election is the machine's business. Nothing is made for a packet that is thrown away.

import type { OtherMasterStatus } from "../../control/status.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import { few } from "../../lib/plain-text.ts";
import {
  type Accepted,
  acceptAdvert,
  type Here,
  type RejectReason,
  type Signatures,
  type Verdict,
} from "../../vrrp/accept.ts";
import { type AdvertWay, PRIORITY_RELEASE } from "../../vrrp/model.ts";
import { type Heard, type OtherWhy, openOthers } from "../../vrrp/others.ts";
import type { IpPacket } from "../../wire/ipv4.ts";
import { intervalMsOf } from "../../wire/vrrp.ts";
import { openSparseLog, type SparseLog } from "../process/sparse-log.ts";
import { otherMasters } from "./instance-health.ts";
import type { Self } from "./self.ts";

/** Of more masters at a time only one line in common is told. */
const MASTERS_MAX = 8;

/** The packet that was accepted last. */
type Last = Omit<IpPacket, "payload"> & { readonly bytes: Buffer; readonly verdict: Verdict };

type Line = { source: string; readonly write: (log: Log, times: number) => void };

export class Hearing {
  readonly #self: Self;
  readonly #signatures: Signatures;
  readonly #clock: Clock;
  readonly #sparseOfMasters: SparseLog;
  readonly #others = openOthers();
  readonly #lines = new Map<RejectReason, Line>();
  /** The same one for every packet. */
  readonly #heard: { -readonly [K in keyof Heard]: Heard[K] };
  /** Whose address list was looked at last. */
  #compared: string | null = null;
  /** A master repeats itself: it is not judged again. */
  #last: Last | null = null;
  #here: Here | null = null;

  constructor(self: Self, signatures: Signatures, clock: Clock) {
    this.#self = self;
    this.#signatures = signatures;
    this.#clock = clock;
    this.#sparseOfMasters = openSparseLog(self.log, clock, MASTERS_MAX);
    this.#heard = { nowMs: 0, why: "ttl", source: "", bytes: Buffer.alloc(0), intervalMs: 0 };
  }

  /** undefined = rejected: counted, and nothing else has happened. */
  hear(packet: IpPacket): Accepted | undefined {
    const verdict = this.#judge(packet);
    if (!verdict.ok) {
      this.reject(verdict.reason, packet.source);
      this.#note(verdict.reason, packet);
      return undefined;
    }
    const { counters } = this.#self;
    counters.adverts_received += 1;
    if (verdict.advert.priority === PRIORITY_RELEASE) counters.priority_zero_received += 1;
    this.#compare(verdict, packet);
    return verdict;
  }

  reject(reason: RejectReason, source: string): void {
    this.#self.counters.rejected[reason] += 1;
    const line = this.#lines.get(reason) ?? this.#lineOf(reason);
    line.source = source;
    this.#self.sparse.tell(reason, line.write);
  }

  /** A lower master spoke while we are one. */
  heardLower(packet: IpPacket): void {
    this.#note("lower", packet);
  }

  /** Who acts as master and does not heed the election. */
  others(): readonly OtherMasterStatus[] {
    return otherMasters(this.#self.config.vrrp, this.#others, this.#clock.nowMs());
  }

  /** The configuration or the source address is another one. */
  forget(): void {
    this.#others.forget();
    this.#last = null;
    this.#here = null;
    this.#compared = null;
  }

  close(): void {
    this.#sparseOfMasters.close();
  }

  #judge(packet: IpPacket): Verdict {
    const { vrrp } = this.#self.config;
    const last = this.#last;
    if (last !== null && vrrp.auth.hmac === null && isSame(last, packet)) return last.verdict;
    this.#here ??= this.#whereWeAre();
    const verdict = acceptAdvert(vrrp, this.#here, packet, this.#signatures);
    if (!verdict.ok) return verdict;
    const { ttl, source, destination, payload } = packet;
    this.#last = { ttl, source, destination, bytes: Buffer.from(payload), verdict };
    return verdict;
  }

  #whereWeAre(): Here {
    const { group, peers, peersOnly } = this.#self.config.way;
    const ownSource = this.#self.port.source() ?? "0.0.0.0";
    return peers.length === 0
      ? { ownSource, group }
      : { ownSource, group, unicast: { peers, peersOnly } };
  }

  #lineOf(reason: RejectReason): Line {
    const line: Line = {
      source: "",
      write: (to, times) => to.warn({ reason, source: line.source, times }, "advert rejected"),
    };
    this.#lines.set(reason, line);
    return line;
  }

  #note(why: OtherWhy, { source, payload }: IpPacket): void {
    const heard = this.#heard;
    heard.nowMs = this.#clock.nowMs();
    heard.why = why;
    heard.source = source;
    heard.bytes = payload;
    heard.intervalMs = intervalMsOf(payload);
    this.#others.note(heard);
  }

  /** What differs and is heard all the same: the other end may not be so patient with us. */
  #compare(accepted: Accepted, packet: IpPacket): void {
    const { source } = packet;
    const { advert, sum, intervalMs, sameAddresses } = accepted;
    const { counters, config } = this.#self;
    const { vrrp, way } = config;
    const isKnown = vrrp.policy.comparesOnce && source === this.#compared;
    this.#compared = source;
    if (!sameAddresses && !isKnown) {
      counters.address_list_mismatch += 1;
      this.#note("addresses", packet);
      this.#tell("addresses", source, "address list differs from the master's", () => ({
        theirs: few(advert.addresses),
        ours: few(vrrp.addresses),
      }));
    }
    if (intervalMs < advert.advertIntervalMs) {
      counters.advert_interval_limited += 1;
      const text = "advert interval far above ours: learned up to a limit";
      this.#tell("interval", source, text, () => ({
        theirs_ms: advert.advertIntervalMs,
        ours_ms: vrrp.advertIntervalMs,
        taken_as_ms: intervalMs,
      }));
    }
    const ours = way.checksumAsV2 ? "bytes" : "pseudo-header";
    if (vrrp.version === 3 && sum !== "either" && sum !== ours && way.family === 4) {
      counters.checksum_form_mismatch += 1;
      const text = "checksums are not made as the master's";
      this.#tell("checksum", source, text, () => ({ theirs: sum, ours }));
    }
  }

  #tell(what: string, source: string, text: string, fieldsOf: () => object): void {
    this.#sparseOfMasters.tell(`${what} ${source}`, (to, times) =>
      to.warn({ source, ...fieldsOf(), times }, text),
    );
  }
}

function isSame(last: Last, { ttl, source, destination, payload }: IpPacket): boolean {
  return (
    last.source === source &&
    last.ttl === ttl &&
    last.destination === destination &&
    last.bytes.equals(payload)
  );
}

/** Is this packet, by where it comes from and goes to, for who speaks this way? */
export function isOnWay(
  { group, peers, peersOnly }: AdvertWay,
  { source, destination }: Pick<IpPacket, "source" | "destination">,
): boolean {
  const toGroup = destination === group;
  if (peers.length === 0) return toGroup;
  return !toGroup && (!peersOnly || peers.some(({ address }) => address === source));
}
