// The adverts of one instance: encoded and sent, heard and judged. What they mean is the machine's business.

import type { VrrpInstanceConfig } from "../../config/model.ts";
import type { OtherMasterStatus } from "../../control/status.ts";
import type { Clock } from "../../lib/clock.ts";
import { errorText } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { few } from "../../lib/plain-text.ts";
import {
  type Accepted,
  acceptAdvert,
  type Here,
  type Received,
  type RejectReason,
  type Verdict,
} from "../../vrrp/accept.ts";
import { AUTH_NONE, AUTH_PASSWORD, passwordBytes } from "../../vrrp/auth.ts";
import { type AdvertWay, PRIORITY_RELEASE } from "../../vrrp/model.ts";
import { type OtherWhy, openOthers } from "../../vrrp/others.ts";
import type { IpPacket } from "../../wire/ipv4.ts";
import { authDataOf, decodeAdvert, encodeAdvert, VRRP_TTL } from "../../wire/vrrp.ts";
import { claimedIntervalMs } from "../../wire/vrrp-claims.ts";
import { openSparseLog } from "../process/sparse-log.ts";
import type { Counters } from "./counters.ts";
import { otherMasters } from "./instance-health.ts";
import { openLeaving, type Sent } from "./leaving.ts";
import type { Port } from "./port.ts";
import { openSigning } from "./signing.ts";

/** One advert on its way: version 3's checksum is another one for each destination. */
export type Sending = {
  readonly source: string;
  readonly destination: string;
  readonly ttl: number;
  readonly bytes: Buffer;
};

export type Exchange = {
  /** `intervalMs`: said instead of the configured one. */
  readonly send: (priority: number, intervalMs?: number) => Sent;
  /** One to the group, or one to each peer; none while there is no source address. */
  readonly releaseAdverts: () => readonly Sending[];
  /** How often what releaseAdverts() gives has to be asked for anew; Infinity = as long as nothing changes. */
  readonly willPeriodMs: () => number;
  /** undefined = rejected: counted, and nothing else has happened. */
  readonly hear: (packet: IpPacket) => Accepted | undefined;
  readonly reject: (reason: RejectReason, source: string) => void;
  /** A lower master spoke while we are one. */
  readonly heardLower: (packet: IpPacket) => void;
  /** Who acts as master and does not heed the election. */
  readonly others: () => readonly OtherMasterStatus[];
  /** Why adverts do not leave, and how many did not; null = the last ones did. */
  readonly unsent: () => string | null;
  /** The configuration or the source address is another one. */
  readonly forget: () => void;
  readonly close: () => void;
};

/** Of more masters at a time only one line in common is told. */
const MASTERS_MAX = 8;

export function openExchange(options: {
  readonly config: () => VrrpInstanceConfig["vrrp"];
  readonly way: () => AdvertWay;
  readonly port: () => Port;
  readonly counters: Counters;
  readonly clock: Clock;
  readonly wallMs: () => number;
  readonly log: Log;
}): Exchange {
  const { config, way, port, counters } = options;
  const sparse = openSparseLog(options.log, options.clock);
  const sparseOfMasters = openSparseLog(options.log, options.clock, MASTERS_MAX);
  const others = openOthers();
  const peerCount = (): number => way().peers.length;
  const signing = openSigning({ config, wallMs: options.wallMs, peerCount });
  // Built once, sent many times: an advert only changes with the configuration and the source address.
  const adverts = new Map<number, readonly Sending[]>();
  const leaving = openLeaving(options.clock);
  /** Whose address list was looked at last. */
  let compared: string | null = null;
  // A master repeats itself: the packet accepted last is not judged again.
  let last: (Way & { readonly bytes: Buffer; readonly verdict: Verdict }) | null = null;

  // What is only rejected costs little: nothing is made anew for it.
  let here: Here | null = null;
  let heard: IpPacket = { ttl: 0, source: "", destination: "", payload: Buffer.alloc(0) };
  let pdu = heard.payload;
  const received: Received = {
    get ttl() {
      return heard.ttl;
    },
    get source() {
      return heard.source;
    },
    get destination() {
      return heard.destination;
    },
    decode() {
      const opened = signing.open(heard.payload, heard.source);
      if (!opened.ok) return opened;
      pdu = opened.pdu;
      return decodeAdvert(pdu, heard);
    },
    authData: () => authDataOf(pdu),
  };

  function advertsOf(priority: number): readonly Sending[] {
    if (port().source() === undefined) return [];
    const known = adverts.get(priority);
    if (known !== undefined) return known;
    const sendings = encodeFor(priority, config().advertIntervalMs);
    adverts.set(priority, sendings);
    return sendings;
  }

  function encodeFor(priority: number, advertIntervalMs: number): readonly Sending[] {
    const source = port().source();
    if (source === undefined) return [];
    const { version, vrid, addresses, auth } = config();
    const authType = auth.password === null ? AUTH_NONE : AUTH_PASSWORD;
    const advert = { version, vrid, priority, advertIntervalMs, addresses, authType };
    const options = {
      authData: passwordBytes(auth.password),
      checksumAsV2: way().checksumAsV2,
    };
    return hopsOf(way()).map(({ destination, ttl }) => {
      const bytes = encodeAdvert(advert, { source, destination }, options);
      return { source, destination, ttl, bytes };
    });
  }

  function judge(packet: IpPacket): Verdict {
    const isSigned = config().auth.hmac !== null;
    if (!isSigned && last !== null && sameWay(last, packet) && last.bytes.equals(packet.payload))
      return last.verdict;
    heard = packet;
    pdu = packet.payload;
    here ??= whereWeAre();
    const verdict = acceptAdvert(config(), here, received);
    if (!verdict.ok) return verdict;
    const { ttl, source, destination, payload } = packet;
    last = { ttl, source, destination, bytes: Buffer.from(payload), verdict };
    return verdict;
  }

  function whereWeAre(): Here {
    const { group, peers, peersOnly } = way();
    const ownSource = port().source() ?? "0.0.0.0";
    return peers.length === 0
      ? { ownSource, group }
      : { ownSource, group, unicast: { peers, peersOnly } };
  }

  function reject(reason: RejectReason, source: string): void {
    counters.rejected[reason] += 1;
    sparse.tell(reason, (to, times) => to.warn({ reason, source, times }, "advert rejected"));
  }

  function noteOther(why: OtherWhy, { source, payload: bytes }: IpPacket): void {
    const intervalMs = claimedIntervalMs(bytes);
    others.note({ nowMs: options.clock.nowMs(), why, source, bytes, intervalMs });
  }

  /** What differs and is heard all the same: the other end may not be so patient with us. */
  function compareWith(accepted: Accepted, packet: IpPacket): void {
    const { source } = packet;
    const { advert, sum, intervalMs, sameAddresses } = accepted;
    const { advertIntervalMs: theirsMs } = advert;
    const { addresses, policy, version } = config();
    const isKnown = policy.comparesOnce && source === compared;
    compared = source;
    if (!sameAddresses && !isKnown) {
      counters.address_list_mismatch += 1;
      noteOther("addresses", packet);
      const lists = { theirs: few(advert.addresses), ours: few(addresses) };
      sparseOfMasters.tell(`addresses ${source}`, (to, times) =>
        to.warn({ source, ...lists, times }, "address list differs from the master's"),
      );
    }
    if (intervalMs < theirsMs) {
      counters.advert_interval_limited += 1;
      const { advertIntervalMs: oursMs } = config();
      const fields = { source, theirs_ms: theirsMs, ours_ms: oursMs, taken_as_ms: intervalMs };
      sparseOfMasters.tell(`interval ${source}`, (to, times) =>
        to.warn({ ...fields, times }, "advert interval far above ours: learned up to a limit"),
      );
    }
    const ours = way().checksumAsV2 ? "bytes" : "pseudo-header";
    if (version === 3 && sum !== "either" && sum !== ours && way().family === 4) {
      counters.checksum_form_mismatch += 1;
      sparseOfMasters.tell(`checksum ${source}`, (to, times) =>
        to.warn({ source, theirs: sum, ours, times }, "checksums are not made as the master's"),
      );
    }
  }

  function notSent(error: unknown): void {
    counters.send_errors += 1;
    leaving.failed(errorText(error));
    sparse.tell("send", (to, times) =>
      to.warn({ error: errorText(error), times }, "advert not sent"),
    );
  }

  return {
    releaseAdverts: () =>
      advertsOf(PRIORITY_RELEASE).map((sending) => ({
        ...sending,
        bytes: signing.sealWill(sending.bytes, sending.source),
      })),
    willPeriodMs: signing.willPeriodMs,
    send(priority, intervalMs) {
      const sendings =
        intervalMs === undefined ? advertsOf(priority) : encodeFor(priority, intervalMs);
      const sentBefore = counters.adverts_sent;
      if (sendings.length === 0) notSent(new Error("Cannot send an advert: no source address"));
      for (const { bytes: pdu, source, destination, ttl } of sendings) {
        try {
          const bytes = signing.seal(pdu, source);
          if (way().peers.length === 0) port().send(bytes);
          else port().send(bytes, { destination, ttl });
          counters.adverts_sent += 1;
          if (priority === PRIORITY_RELEASE) counters.priority_zero_sent += 1;
        } catch (error) {
          // One peer that cannot be reached does not keep the others from hearing.
          notSent(error);
        }
      }
      return leaving.done(counters.adverts_sent - sentBefore);
    },
    hear(packet) {
      const verdict = judge(packet);
      const { source } = packet;
      if (!verdict.ok) {
        reject(verdict.reason, source);
        noteOther(verdict.reason, packet);
        return undefined;
      }
      counters.adverts_received += 1;
      if (verdict.advert.priority === PRIORITY_RELEASE) counters.priority_zero_received += 1;
      compareWith(verdict, packet);
      return verdict;
    },
    reject,
    unsent: leaving.unsent,
    heardLower: (packet) => noteOther("lower", packet),
    others: () => otherMasters(config(), others, options.clock.nowMs()),
    forget() {
      others.forget();
      adverts.clear();
      last = null;
      here = null;
      compared = null;
    },
    close() {
      sparse.close();
      sparseOfMasters.close();
    },
  };
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

function hopsOf({
  group,
  peers,
  unicastTtl,
}: AdvertWay): readonly { readonly destination: string; readonly ttl: number }[] {
  if (peers.length === 0) return [{ destination: group, ttl: VRRP_TTL }];
  return peers.map(({ address }) => ({ destination: address, ttl: unicastTtl }));
}

type Way = Pick<IpPacket, "ttl" | "source" | "destination">;

function sameWay(a: Way, b: Way): boolean {
  return a.source === b.source && a.ttl === b.ttl && a.destination === b.destination;
}
