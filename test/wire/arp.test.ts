import { readFileSync } from "node:fs";
import test from "ava";
import { encodeGratuitousArp } from "../../src/wire/arp.ts";

type Vector = {
  readonly name: string;
  readonly mac: string;
  readonly address: string;
  readonly hex: string;
};

const vectors = JSON.parse(readFileSync("test/vectors/arp.json", "utf8")) as Vector[];

for (const { name, mac, address, hex } of vectors) {
  test(`encodeGratuitousArp() writes ${name}`, (t) => {
    const bytes = Buffer.from(mac.replaceAll(":", ""), "hex");
    t.is(encodeGratuitousArp(bytes, address).toString("hex"), hex);
  });
}
