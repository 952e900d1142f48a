// Any address, path and advertisement, for properties.

import fc from "fast-check";
import type { Advert, Path } from "../../src/wire/vrrp.ts";

export const anyAddress: fc.Arbitrary<string> = fc
  .uint8Array({ minLength: 4, maxLength: 4 })
  .map((bytes) => bytes.join("."));

export const anyPath: fc.Arbitrary<Path> = anyAddress.map((source) => ({
  source,
  destination: "224.0.0.18",
}));

const common = {
  vrid: fc.integer({ min: 0, max: 255 }),
  priority: fc.integer({ min: 0, max: 255 }),
  addresses: fc.array(anyAddress, { maxLength: 20 }),
};

export const anyAdvert: fc.Arbitrary<Advert> = fc.oneof(
  fc.record({
    version: fc.constant(2 as const),
    ...common,
    advertIntervalMs: fc.integer({ min: 0, max: 255 }).map((seconds) => seconds * 1000),
    authType: fc.integer({ min: 0, max: 255 }),
  }),
  fc.record({
    version: fc.constant(3 as const),
    ...common,
    advertIntervalMs: fc.integer({ min: 0, max: 0xfff }).map((centiseconds) => centiseconds * 10),
    authType: fc.constant(0),
  }),
);
