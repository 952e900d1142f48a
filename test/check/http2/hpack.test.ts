import test from "ava";
import fc from "fast-check";
import { encodeFields, type Field, hpackDecoder } from "../../../src/check/http2/hpack.ts";

/** RFC 7541 appendix C.4 and C.6: requests and answers with Huffman, each list on one connection. */
const VECTORS: Readonly<Record<string, readonly (readonly [string, readonly Field[]])[]>> = {
  requests: [
    [
      "828684418cf1e3c2e5f23a6ba0ab90f4ff",
      [
        [":method", "GET"],
        [":scheme", "http"],
        [":path", "/"],
        [":authority", "www.example.com"],
      ],
    ],
    [
      "828684be5886a8eb10649cbf",
      [
        [":method", "GET"],
        [":scheme", "http"],
        [":path", "/"],
        [":authority", "www.example.com"],
        ["cache-control", "no-cache"],
      ],
    ],
  ],
  answers: [
    [
      "488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3",
      [
        [":status", "302"],
        ["cache-control", "private"],
        ["date", "Mon, 21 Oct 2013 20:13:21 GMT"],
        ["location", "https://www.example.com"],
      ],
    ],
    [
      "4883640effc1c0bf",
      [
        [":status", "307"],
        ["cache-control", "private"],
        ["date", "Mon, 21 Oct 2013 20:13:21 GMT"],
        ["location", "https://www.example.com"],
      ],
    ],
  ],
};

for (const [what, blocks] of Object.entries(VECTORS)) {
  test(`decode() reads the ${what} of RFC 7541 appendix C`, (t) => {
    const decoder = hpackDecoder();
    for (const [digits, fields] of blocks) {
      t.deepEqual(decoder.decode(Buffer.from(digits, "hex")), fields);
    }
  });
}

test("decode() knows both ends of the static table", (t) => {
  const block = Buffer.of(0x81, 0x80 + 61, 0x80 + 32, 0x80 + 58);
  t.deepEqual(hpackDecoder().decode(block), [
    [":authority", ""],
    ["www-authenticate", ""],
    ["cookie", ""],
    ["user-agent", ""],
  ]);
  t.is(hpackDecoder().decode(Buffer.of(0x80 + 62)), "a header block that is none");
});

for (const [what, digits] of [
  ["an index of nothing", "80"],
  ["a string that is not there", "0001"],
  ["a string without its length", "00"],
  ["a length without an end", "007fffffffffffffffffffff7f"],
  ["a code with the end in it", "0084ffffffff0161"],
  ["a padding that is none", "00810001" + "61"],
] as const) {
  test(`decode() refuses ${what}`, (t) => {
    t.is(hpackDecoder().decode(Buffer.from(digits, "hex")), "a header block that is none");
  });
}

test("decode() refuses a table larger than it was offered", (t) => {
  const block = Buffer.from("3fe21f", "hex");
  t.is(hpackDecoder().decode(block), "a header block with a wrong table size");
  t.deepEqual(hpackDecoder().decode(Buffer.from("3fe11f", "hex")), [], "4096 is what is offered");
});

test("decode() limits what a block becomes, whatever it is in bytes", (t) => {
  const large = Buffer.concat([Buffer.from("40016a7fa11e", "hex"), Buffer.alloc(4000, "x")]);
  const bomb = Buffer.concat([large, Buffer.alloc(1000, 0xbe)]);
  t.is(hpackDecoder().decode(bomb), "headers of more than 65536 bytes");
});

test("what encodeFields() writes decode() reads", (t) => {
  const text = fc.string({
    unit: fc.integer({ min: 0, max: 255 }).map((n) => String.fromCharCode(n)),
  });
  const fields = fc.array(fc.tuple(text, text), { maxLength: 20 });
  fc.assert(
    fc.property(fields, (list) => {
      t.deepEqual(hpackDecoder().decode(encodeFields(list)), list);
    }),
  );
});
