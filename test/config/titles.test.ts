// Names of sections with dots and colons: how a header is taken apart, and written so that it is read as it was meant.

import test from "ava";
import fc from "fast-check";
import { readNative } from "../../src/config/native.ts";
import { printConfig } from "../../src/config/print.ts";
import { problemLine } from "../../src/config/problem-line.ts";
import type { RawSection } from "../../src/config/schema/lines.ts";
import { scanLines } from "../../src/config/schema/lines.ts";
import { titleOf, withLabels } from "../../src/config/schema/titles.ts";

function labelsOf(...titles: readonly string[]): readonly RawSection["labels"][] {
  return withLabels(scanLines(titles.map((title) => `[${title}]`).join("\n")).sections).map(
    ({ labels }) => labels,
  );
}

for (const [what, titles, labels] of [
  ["a name", ["vrrp_instance.VI_1"], ["VI_1"]],
  ["a name with dots", ["vrrp_instance.VI.1"], ["VI.1"]],
  ["an address and a port", ["virtual_server.10.0.0.1:80"], ["10.0.0.1:80"]],
  ["an IPv6 address", ["virtual_server.[2001:db8::1]:80"], ["[2001:db8::1]:80"]],
  ["a name in quotes", ['virtual_server."a.b"'], ["a.b"]],
  ["an interface", ["interface.eth0.100"], ["eth0.100"]],
  ["a real server", ["real_server.web.rs1"], ["web", "rs1"]],
  ["a real server with dots", ["real_server.web.10.0.0.2:80"], ["web", "10.0.0.2:80"]],
  ["a virtual server with dots", ["real_server.a.b.c", "virtual_server.a.b"], ["a.b", "c"]],
  [
    "the longest one",
    ["real_server.a.b.c", "virtual_server.a", "virtual_server.a.b"],
    ["a.b", "c"],
  ],
  [
    "another one in quotes",
    ['real_server."a".b.c', "virtual_server.a", "virtual_server.a.b"],
    ["a", "b.c"],
  ],
  ["both in quotes", ['real_server."a.b"."c.d"'], ["a.b", "c.d"]],
  ["no name of its own", ["real_server.web"], ["web"]],
] as const) {
  test(`a header is taken apart: ${what}`, (t) => {
    t.deepEqual(labelsOf(...titles)[0], labels);
  });
}

test("whatever the names are, a header is read as it was written", (t) => {
  const name = fc
    .string({ unit: fc.constantFrom("a", "b", ".", ":", "1"), minLength: 1, maxLength: 8 })
    .map((text) => `x${text}y`);
  fc.assert(
    fc.property(
      fc.uniqueArray(name, { minLength: 1, maxLength: 5 }),
      fc.array(name, { maxLength: 5 }),
      (services, names) => {
        const known = new Set(services);
        const pairs = services.flatMap((service) => names.map((one) => [service, one]));
        const titles = [
          ...services.map((one) => titleOf("virtual_server", [one], known)),
          ...pairs.map((pair) => titleOf("real_server", pair, known)),
        ];
        t.deepEqual(labelsOf(...titles), [...services.map((one) => [one]), ...pairs]);
      },
    ),
  );
});

test("services and servers by their addresses are read, printed and read again", (t) => {
  const text = `[virtual_server.10.0.0.1:80]
address = 10.0.0.1:80
protocol = tcp
[real_server.10.0.0.1:80.10.0.0.2:80]
address = 10.0.0.2:80
[virtual_server.[2001:db8::1]:80]
address = [2001:db8::1]:80
protocol = tcp
[real_server.[2001:db8::1]:80.[2001:db8::2]:80]
address = [2001:db8::2]:80
[real_server.10.0.0.1:80.10.0.0.2:80]
address = 10.0.0.3:80
`;
  const read = (one: string) =>
    readNative({ file: "f", text: one, hostname: "h", ownAddresses: new Set() });
  const wrong = read(text);
  t.deepEqual(wrong.ok ? [] : wrong.problems.map(problemLine), [
    "f:11: Cannot use section [real_server.10.0.0.1:80.10.0.0.2:80] twice: line 4 has it already",
  ]);
  const result = read(text.split("\n").slice(0, 10).join("\n"));
  if (!result.ok) throw new Error(result.problems.map(problemLine).join("\n"));
  t.deepEqual(
    result.config.virtualServers.map((one) => [one.name, one.realServers.map((each) => each.name)]),
    [
      ["10.0.0.1:80", ["10.0.0.2:80"]],
      ["[2001:db8::1]:80", ["[2001:db8::2]:80"]],
    ],
  );
  const again = read(printConfig(result.config));
  t.deepEqual(again.ok && again.config, result.config);
});
