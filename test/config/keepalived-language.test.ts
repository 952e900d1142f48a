// The language of keepalived.conf: what keepalived 2.2.7 makes of the same text was seen in what it says by --dump-conf.

import test from "ava";
import { parse } from "../../src/config/keepalived/language.ts";
import type { Outside } from "../../src/config/keepalived/outside.ts";
import type { Statement } from "../../src/config/keepalived/tree.ts";

const nobody: Outside = {
  read: () => null,
  find: () => [],
  environment: (name) => (name === "HOME" ? "/root" : undefined),
  configId: "lb1",
};

/** "a b { c }" */
function shown(statements: readonly Statement[]): string {
  return statements
    .map(({ words, block }) => words.join(" ") + (block === null ? "" : ` { ${shown(block)} }`))
    .join(", ");
}

function read(text: string, more: Partial<Outside> = {}): string {
  return shown(parse("/etc/k.conf", text, { ...nobody, ...more }).statements);
}

for (const [what, text, tree] of [
  ["a block", "a b {\n c d\n}\n", "a b { c d }"],
  ["a brace on the next line", "a b\n{\nc\n}", "a b { c }"],
  ["a brace that is glued", "a b{\nc\n}", "a b { c }"],
  ["a block on one line", "a { b c } d", "a { b c }, d"],
  ["text behind a brace", "a { b\nc\n}", "a { b, c }"],
  ["a brace behind a value", "a {\nb c }\nd", "a { b c }, d"],
  ["a block that is never closed", "a {\nb", "a { b }"],
  ["a brace too many", "a {\nb\n}\n}\nc", "a { b }, c"],
  ["comments of both kinds", "a # x\nb ! y\n# c\n!d", "a, b"],
  ["a comment glued to a word", "a b#c", "a b"],
  ["a sign behind a backslash", "a b\\#c", "a b#c"],
  ["a sign in double quotes", 'a "b # c"', "a b # c"],
  ["a comment in single quotes", "a 'b # c'", "a b"],
  ["quotes inside of quotes", 'a "b \'c d\' \\"e\\""', "a b 'c d' \"e\""],
  ["words of which a part is quoted", 'a b"c d"e', "a bc de"],
  ["escapes as in C", "a b\\x41\\101\\ c", "a bAA c"],
  ["Windows' line ends", "a {\r\nb\r\n}\r\n", "a { b }"],
  ["a definition", "$X=b c\na $X ${X}d", "a b c b cd"],
  ["a definition of several lines", "$X=b \\\n c \\\n d\na {\n$X\n}", "a { b, c, d }"],
  ["a definition in a definition", "$X=$Y\n$Y=z\na $X", "a z"],
  ["a name that is followed by more", "$X=b\na $X.c", "a $X.c"],
  ["what is not defined", "a $X", "a $X"],
  ["no definition: spaces before the =", "$X = b\na", "$X = b, a"],
  ["the folder of the file", "a ${_PWD}", "a /etc"],
  ["the identity", "a ${_INSTANCE}", "a lb1"],
  ["the environment", "a ${_ENV HOME}", "a /root"],
  ["a sign that is a comment once it is put in", "a b${_HASH}c", "a b"],
  ["a condition that holds", "@lb1 a\n@lb2 b\n@^lb2 c\n@^lb1 d", "a, c"],
  ["a second condition, which is no condition", "@lb1 @lb2 a", "@lb2 a"],
  ["a sequence", "~SEQ(i,1,3) a $i", "a 1, a 2, a 3"],
  ["a sequence with a step", "~SEQ(i,6,-2,2) a $i", "a 6, a 4, a 2"],
  ["a sequence of hexadecimal numbers", "~SEQx(i,9,11) a ${i}", "a 9, a a, a b"],
  ["sequences that nest", "~SEQ(i,1,2) ~SEQ(k,1,2) a ${i}.${k}", "a 1.1, a 1.2, a 2.1, a 2.2"],
  ["a list", "~LST(i,x,y) a $i", "a x, a y"],
  ["a list of pairs", "~LST({i,k},{1,2},{3,4}) a ${i}.${k}", "a 1.2, a 3.4"],
] as const) {
  test(`${what}: ${JSON.stringify(text)}`, (t) => {
    t.is(read(text), tree);
  });
}

test("a file that is included stands where the line stood, and its lines bear its name", (t) => {
  const files: Readonly<Record<string, string>> = { "/etc/one": "b\ninclude two", "/etc/two": "c" };
  const { statements, places } = parse("/etc/k.conf", "a\ninclude one\nd", {
    ...nobody,
    read: (path) => files[path] ?? null,
    find: (pattern, folder) => [`${folder}/${pattern}`],
  });
  t.is(shown(statements), "a, b, c, d");
  t.deepEqual(
    statements.map(({ line }) => places.at(line)),
    [
      { file: "/etc/k.conf", line: 1 },
      { file: "/etc/one", line: 1 },
      { file: "/etc/two", line: 1 },
      { file: "/etc/k.conf", line: 3 },
    ],
  );
});

test("a file that includes itself has an end", (t) => {
  const { statements, remarks } = parse("/etc/k.conf", "a\ninclude k.conf", {
    ...nobody,
    read: () => "a\ninclude k.conf",
    find: () => ["/etc/k.conf"],
  });
  t.is(statements.length, 1);
  t.regex(remarks[0]?.message ?? "", /includes itself/);
});

test("lines and files that multiply have an end, and are told", (t) => {
  const definitions = Array.from({ length: 14 }, (_, i) => `$A${i}=${`\${A${i + 1}}`.repeat(4)}`);
  const multiplied = parse("f", `${definitions.join("\n")}\na \${A0}`, nobody);
  t.regex(multiplied.remarks[0]?.message ?? "", /left out: its definitions and repetitions/);
  const repeated = parse("f", "~SEQ(a,1,100000) ~SEQ(b,1,100000) x $a $b", nobody);
  t.deepEqual(repeated.statements, []);
  t.regex(repeated.remarks[0]?.message ?? "", /left out: its definitions and repetitions/);
  // Two files of each level, sixteen levels.
  const included = parse("/0", "include 1", {
    ...nobody,
    read: (path) => `include ${Number(path.slice(1)) + 1}\n`.repeat(2),
    find: (pattern) => (Number(pattern) > 16 ? [] : [`/${pattern}`]),
  });
  t.true(included.remarks.some(({ message }) => message.includes("10000 files are included")));
});

test("a line that keepalived does not read as a whole is left out, a comment of that length in silence", (t) => {
  const long = "x".repeat(1100);
  const { statements, remarks } = parse("f", `a\n# ${long}\nb ${long}\nc`, nobody);
  t.is(shown(statements), "a, c");
  t.deepEqual(
    remarks.map(({ line }) => line),
    [3],
  );
});

for (const [what, text, remark] of [
  [
    "a brace that is never closed says where it began",
    "a\nb x {\nc",
    '2: "b x" is never closed: a "}" is missing',
  ],
  ["a brace too many says where it is", "a {\n}\n}", '3: Extra "}": nothing is open'],
  ["a brace without a keyword", "{\na\n}", '1: Unexpected "{": no keyword stands before it'],
  ["a quote that is left open", 'a "b', '1: Unterminated quote in "a "b"'],
  ["a file that is not there", "include x", "1: include x: there is no such file"],
] as const) {
  test(what, (t) => {
    const { line, message } = parse("/etc/k.conf", text, nobody).remarks[0] ?? {
      line: 0,
      message: "",
    };
    t.is(`${line}: ${message}`, remark);
  });
}

test("real servers that are written alike come to what each would come to by itself", (t) => {
  const servers = [
    "weight 1",
    "weight 2",
    "weight 1\n  odd 1",
    "weight 1",
    "weight\n  {\n  }",
  ].flatMap((weight, kind) =>
    [1, 2, 3].map(
      (host) =>
        `real_server 10.0.${kind}.${host} 80 {\n  ${weight}\n\n  TCP_CHECK {\n    retry 2\n  }\n}MARK\n`,
    ),
  );
  const file = `virtual_server 10.0.0.1 80 {\n${servers.join("")}${servers.join("")}}\nlast one\n`;
  const each = (text: string) => {
    const { statements, remarks, places } = parse("/etc/k.conf", text, nobody);
    const told = (all: readonly Statement[]): unknown =>
      all.map(({ text: own, line, block, blockText }) => {
        return { own, at: places.at(line), blockText, block: block && told(block) };
      });
    return { statements: told(statements), remarks };
  };
  // A comment is read line by line.
  t.deepEqual(each(file.replaceAll("MARK", "")), each(file.replaceAll("MARK", " # by itself")));
  t.is(each(file.replaceAll("MARK", "")).remarks.length, 4);
});

test("a real server whose block is cut off, or goes on behind what another one says, is not like that one", (t) => {
  const one = "real_server 10.0.0.1 80 {\nweight 1\n}\n";
  t.is(
    read(`virtual_server 10.0.0.9 80 {\n${one}real_server 10.0.0.2 80 {\nweight 1\n}`),
    "virtual_server 10.0.0.9 80 { real_server 10.0.0.1 80 { weight 1 }, real_server 10.0.0.2 80 { weight 1 } }",
  );
  t.is(
    read(`virtual_server 10.0.0.9 80 {\n${one}real_server 10.0.0.2 80 {\nweight 10\n}\n}`),
    "virtual_server 10.0.0.9 80 { real_server 10.0.0.1 80 { weight 1 }, real_server 10.0.0.2 80 { weight 10 } }",
  );
  t.is(
    read(`${one}virtual_server 10.0.0.9 80 {\n${one}${one}}\n${one}`),
    "real_server 10.0.0.1 80 { weight 1 }, virtual_server 10.0.0.9 80 { real_server 10.0.0.1 80 { weight 1 }, real_server 10.0.0.1 80 { weight 1 } }, real_server 10.0.0.1 80 { weight 1 }",
  );
});
