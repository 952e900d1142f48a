// The adverts of one instance: encoded once, signed and sent.

import type { Clock } from "../../lib/clock.ts";
import { errorText } from "../../lib/errors.ts";
import { AUTH_NONE, AUTH_PASSWORD, passwordBytes } from "../../vrrp/auth.ts";
import { type AdvertWay, PRIORITY_RELEASE } from "../../vrrp/model.ts";
import { encodeAdvert, VRRP_TTL } from "../../wire/vrrp.ts";
import { type Leaving, openLeaving, type Sent } from "./leaving.ts";
import type { Self } from "./self.ts";
import type { Signing } from "./signing.ts";

/** One advert on its way: version 3's checksum is another one for each destination. */
export type Advertised = {
  readonly source: string;
  readonly destination: string;
  readonly ttl: number;
  readonly bytes: Buffer;
};

export class Sending {
  readonly #self: Self;
  readonly #signing: Signing;
  /** By their priority. */
  readonly #adverts = new Map<number, readonly Advertised[]>();
  readonly #leaving: Leaving;

  constructor(self: Self, signing: Signing, clock: Clock) {
    this.#self = self;
    this.#signing = signing;
    this.#leaving = openLeaving(clock);
  }

  /** `intervalMs`: said instead of the configured one. */
  send(priority: number, intervalMs?: number): Sent {
    const { port, config, counters } = this.#self;
    const adverts =
      intervalMs === undefined ? this.#advertsOf(priority) : this.#encode(priority, intervalMs);
    const sentBefore = counters.adverts_sent;
    if (adverts.length === 0) this.#notSent(new Error("Cannot send an advert: no source address"));
    for (const { bytes: pdu, source, destination, ttl } of adverts) {
      try {
        const bytes = this.#signing.seal(pdu, source);
        if (config.way.peers.length === 0) port.send(bytes);
        else port.send(bytes, { destination, ttl });
        counters.adverts_sent += 1;
        if (priority === PRIORITY_RELEASE) counters.priority_zero_sent += 1;
      } catch (error) {
        // One peer that cannot be reached does not keep the others from hearing.
        this.#notSent(error);
      }
    }
    return this.#leaving.done(counters.adverts_sent - sentBefore);
  }

  /** The priority-0 adverts, one to the group, or one to each peer; none while there is no source address. */
  releaseAdverts(): readonly Advertised[] {
    return this.#advertsOf(PRIORITY_RELEASE).map((advert) => ({
      ...advert,
      bytes: this.#signing.sealWill(advert.bytes, advert.source),
    }));
  }

  /** Why adverts do not leave, and how many did not; null = the last ones did. */
  unsent(): string | null {
    return this.#leaving.unsent();
  }

  /** The configuration or the source address is another one. */
  forget(): void {
    this.#adverts.clear();
  }

  #advertsOf(priority: number): readonly Advertised[] {
    if (this.#self.port.source() === undefined) return [];
    const known = this.#adverts.get(priority);
    if (known !== undefined) return known;
    const adverts = this.#encode(priority, this.#self.config.vrrp.advertIntervalMs);
    this.#adverts.set(priority, adverts);
    return adverts;
  }

  #encode(priority: number, advertIntervalMs: number): readonly Advertised[] {
    const source = this.#self.port.source();
    if (source === undefined) return [];
    const { vrrp, way } = this.#self.config;
    const { version, vrid, addresses, auth } = vrrp;
    const authType = auth.password === null ? AUTH_NONE : AUTH_PASSWORD;
    const advert = { version, vrid, priority, advertIntervalMs, addresses, authType };
    const authData = passwordBytes(auth.password);
    const { checksumAsV2 } = way;
    return hopsOf(way).map(({ destination, ttl }) => {
      const path = { source, destination };
      return { ...path, ttl, bytes: encodeAdvert(advert, path, { authData, checksumAsV2 }) };
    });
  }

  #notSent(error: unknown): void {
    const cause = errorText(error);
    this.#self.counters.send_errors += 1;
    this.#leaving.failed(cause);
    this.#self.sparse.tell("send", (to, times) =>
      to.warn({ error: cause, times }, "advert not sent"),
    );
  }
}

function hopsOf({
  group,
  peers,
  unicastTtl,
}: AdvertWay): readonly { readonly destination: string; readonly ttl: number }[] {
  if (peers.length === 0) return [{ destination: group, ttl: VRRP_TTL }];
  return peers.map(({ address }) => ({ destination: address, ttl: unicastTtl }));
}
