import test from "ava";
import { shownBytes } from "../../src/check/shown.ts";

for (const [name, bytes, wanted] of [
  ["nothing", Buffer.alloc(0), '""'],
  ["text", Buffer.from('+OK "a"\r\n'), '"+OK \\"a\\"\\r\\n"'],
  ["text in UTF-8", Buffer.from("220 Grüße"), '"220 Grüße"'],
  ["a NUL", Buffer.from("ab\0"), "hex:616200"],
  ["what a terminal obeys", Buffer.from("\u001b[2J"), "hex:1b5b324a"],
  ["that of 8 bits", Buffer.from("\u009b2J"), "hex:c29b324a"],
  ["latin1", Buffer.from("é", "latin1"), "hex:e9"],
  ["an order that turns what follows around", Buffer.from("a\u202eb"), "hex:61e280ae62"],
  ["more than is shown", Buffer.alloc(61, "x"), `"${"x".repeat(60)}"…`],
  ["a character that is cut in two", Buffer.from(`${"x".repeat(59)}é`), `"${"x".repeat(59)}"…`],
] as const) {
  test(`shownBytes() of ${name}`, (t) => {
    t.is(shownBytes(bytes), wanted);
  });
}
