import { readFileSync } from "node:fs";
import test from "ava";
import fc from "fast-check";
import {
  type Advert,
  authDataOf,
  decodeAdvert,
  encodeAdvert,
  type Path,
  type SumForm,
} from "../../src/wire/vrrp.ts";
import { anyAddress, anyAdvert, anyPath } from "./arbitraries.ts";

type Vector = Path & {
  readonly name: string;
  readonly ttl: number;
  readonly hex: string;
  readonly advert: Advert;
};

for (const { name, hex, advert, ...path } of [...vectors("vrrp-v2"), ...vectors("vrrp-v3")]) {
  test(`decodeAdvert() reads ${name}`, (t) => {
    const sum = advert.version === 2 ? "bytes" : "pseudo-header";
    t.deepEqual(decodeAdvert(Buffer.from(hex, "hex"), path), { ok: true, sum, advert });
  });

  test(`encodeAdvert() writes ${name}`, (t) => {
    t.is(encodeAdvert(advert, path).toString("hex"), hex);
  });
}

for (const { name, hex, advert, ...path } of vectors("vrrp-v2-auth")) {
  test(`decodeAdvert() tells the authentication type of ${name}`, (t) => {
    const sum = "bytes";
    t.deepEqual(decodeAdvert(Buffer.from(hex, "hex"), path), { ok: true, sum, advert });
  });

  test(`encodeAdvert() with a password writes, and authDataOf() reads, ${name}`, (t) => {
    const authData = Buffer.from("6475657400000000", "hex");
    t.is(encodeAdvert(advert, path, { authData }).toString("hex"), hex);
    t.deepEqual(authDataOf(Buffer.from(hex, "hex")), authData);
  });
}

/** The first is the published one of auth_hmac (keepalived's test/auth_hmac_test.c); all were added up by another program as well. */
const asV2: readonly (readonly [string, Partial<Advert>])[] = [
  ["3133c80100644402c0000264", { priority: 200, addresses: ["192.0.2.100"] }],
  ["3105fe0100649416cb00717d", { vrid: 5, priority: 254, addresses: ["203.0.113.125"] }],
  [
    "3106c803000a5123cb007196cb007197cb007198",
    {
      vrid: 6,
      priority: 200,
      advertIntervalMs: 100,
      addresses: ["203.0.113.150", "203.0.113.151", "203.0.113.152"],
    },
  ],
];

for (const [hex, change] of asV2) {
  test(`RFC 9568 §5.2.8 version 3 over IPv4 without the pseudo-header: ${hex}`, (t) => {
    const advert = { ...sample, ...change };
    t.is(encodeAdvert(advert, path, { checksumAsV2: true }).toString("hex"), hex);
    for (const source of [path.source, "198.51.100.11"]) {
      const decoded = decodeAdvert(Buffer.from(hex, "hex"), { ...path, source });
      t.deepEqual(decoded, { ok: true, sum: "bytes", advert });
    }
  });

  test(`neither form of the checksum is a wrong one (keepalived's flag takes any): ${hex}`, (t) => {
    const forms = [true, false].map((checksumAsV2) =>
      encodeAdvert({ ...sample, ...change }, path, { checksumAsV2 }).readUInt16BE(6),
    );
    const bytes = Buffer.from(hex, "hex");
    for (let sum = 0; sum <= 0xffff; sum += 1) {
      bytes.writeUInt16BE(sum, 6);
      t.is(decodeAdvert(bytes, path).ok, forms.includes(sum), `checksum ${sum}`);
    }
  });
}

test("RFC 9568 §5.2.8 over IPv6 the pseudo-header counts, whatever the flag", (t) => {
  const inet6 = { source: "fe80::10", destination: "ff02::12" };
  const advert = { ...sample, addresses: ["fe80::100"] };
  const bytes = encodeAdvert(advert, inet6, { checksumAsV2: true });
  t.deepEqual(bytes, encodeAdvert(advert, inet6));
  t.deepEqual(decodeAdvert(bytes, inet6), { ok: true, sum: "pseudo-header", advert });
  t.false(decodeAdvert(bytes, { ...inet6, source: "fe80::11" }).ok);
});

test("decodeAdvert() undoes encodeAdvert()", (t) => {
  fc.assert(
    fc.property(anyAdvert, anyPath, (advert, path) => {
      const decoded = decodeAdvert(encodeAdvert(advert, path), path);
      t.like(decoded, { ok: true, advert });
    }),
  );
});

test("decodeAdvert() never throws, whatever the bytes, in both versions", (t) => {
  const bytes = fc.uint8Array({ maxLength: 80 });
  const firstByte = fc.constantFrom(undefined, 0x21, 0x31, 0x2f, 0x30);
  fc.assert(
    fc.property(bytes, firstByte, anyPath, (raw, first, path) => {
      const packet = Buffer.from(raw);
      if (first !== undefined && packet.length > 0) packet[0] = first;
      t.notThrows(() => decodeAdvert(packet, path));
    }),
    { numRuns: 1000 },
  );
});

test("decodeAdvert() notices any single flipped bit", (t) => {
  fc.assert(
    fc.property(anyAdvert, anyPath, fc.nat(), (advert, path, n) => {
      const bytes = encodeAdvert(advert, path);
      const { sum } = decodeAdvert(bytes, path) as { sum?: SumForm };
      const bit = n % (bytes.length * 8);
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const decoded = decodeAdvert(bytes, path);
      // One time in 65535 the bit stands for the pseudo-header: then the form is told as another one.
      t.true(!decoded.ok || (decoded.sum !== sum && decoded.sum !== "either" && sum !== "either"));
    }),
  );
});

test("RFC 5798 §5.2.8 version 3 notices that another address sent it", (t) => {
  fc.assert(
    fc.property(anyAdvert, anyPath, anyAddress, (advert, path, source) => {
      fc.pre(advert.version === 3 && !sameSum(source, path.source));
      const bytes = encodeAdvert(advert, path);
      const { sum } = decodeAdvert(bytes, path) as { sum?: SumForm };
      fc.pre(sum === "pseudo-header");
      const decoded = decodeAdvert(bytes, { ...path, source });
      t.deepEqual(decoded, { ok: false, reason: "checksum" });
    }),
  );
});

for (const version of [2, 3] as const) {
  test(`decodeAdvert() reads any count of addresses that the bytes hold, version ${version}`, (t) => {
    for (let count = 0; count <= 255; count += 1) {
      const addresses = Array.from({ length: count }, (_, i) => `10.0.${i}.1`);
      const advert = { ...sample, version, addresses };
      t.like(decodeAdvert(encodeAdvert(advert, path), path), { ok: true, advert });
    }
  });

  test(`decodeAdvert() rejects every count that is not the one of the bytes, version ${version}`, (t) => {
    const bytes = encodeAdvert({ ...sample, version }, path);
    for (let count = 0; count <= 255; count += 1) {
      if (count === sample.addresses.length) continue;
      bytes[3] = count;
      t.deepEqual(decodeAdvert(bytes, path), { ok: false, reason: "length" });
    }
  });

  test(`decodeAdvert() rejects every length but the right one, version ${version}`, (t) => {
    const whole = encodeAdvert({ ...sample, version }, path);
    const padded = Buffer.concat([whole, Buffer.alloc(255 - whole.length)]);
    for (let length = 0; length <= padded.length; length += 1) {
      if (length === whole.length) continue;
      const decoded = decodeAdvert(padded.subarray(0, length), path);
      t.deepEqual(decoded, { ok: false, reason: "length" }, `${length} bytes`);
    }
  });

  test(`decodeAdvert() rejects every type but ADVERTISEMENT, version ${version}`, (t) => {
    for (let type = 0; type <= 15; type += 1) {
      if (type === 1) continue;
      // The checksum is right: take off the first byte what the type adds to it.
      const bytes = encodeAdvert({ ...sample, version }, path);
      bytes[0] = (version << 4) | type;
      bytes.writeUInt16BE(0, 6);
      bytes.writeUInt16BE(sumAfterChange(version, type), 6);
      t.deepEqual(decodeAdvert(bytes, path), { ok: false, reason: "type" }, `type ${type}`);
    }
  });
}

test("decodeAdvert() rejects every version but 2 and 3", (t) => {
  const bytes = encodeAdvert(sample, path);
  for (let version = 0; version <= 15; version += 1) {
    if (version === 2 || version === 3) continue;
    bytes[0] = (version << 4) | 1;
    t.deepEqual(decodeAdvert(bytes, path), { ok: false, reason: "version" }, `version ${version}`);
  }
});

test("RFC 5798 §5.2.6 version 3: the reserved bits are ignored on reception", (t) => {
  const bytes = encodeAdvert(sample, path);
  bytes[4] = (bytes[4] ?? 0) | 0xf0;
  bytes.writeUInt16BE(onesComplementSubtract(bytes.readUInt16BE(6), 0xf000), 6);
  t.like(decodeAdvert(bytes, path), { ok: true, advert: sample });
});

const path: Path = { source: "198.51.100.10", destination: "224.0.0.18" };

const sample: Advert = {
  version: 3,
  vrid: 51,
  priority: 150,
  advertIntervalMs: 1000,
  addresses: ["203.0.113.1", "203.0.113.2"],
  authType: 0,
};

function vectors(name: string): readonly Vector[] {
  return JSON.parse(readFileSync(`test/vectors/${name}.json`, "utf8")) as Vector[];
}

/** The checksum of `sample` when its first byte carries another type: RFC 1624, by subtraction. */
function sumAfterChange(version: 2 | 3, type: number): number {
  const before = encodeAdvert({ ...sample, version }, path).readUInt16BE(6);
  const change = (type - 1) << 8;
  return change >= 0
    ? onesComplementSubtract(before, change)
    : onesComplementSubtract(before, 0xffff + change);
}

function onesComplementSubtract(a: number, b: number): number {
  return a >= b ? a - b : a - b + 0xffff;
}

/** Two addresses whose halves add up to the same are the same to an Internet checksum. */
function sameSum(a: string, b: string): boolean {
  const sum = (address: string): number => {
    const [w = 0, x = 0, y = 0, z = 0] = address.split(".").map(Number);
    return ((w << 8) + x + (y << 8) + z) % 0xffff;
  };
  return sum(a) === sum(b);
}
