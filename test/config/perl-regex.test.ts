// Regular expressions of ldirectord.cf match here what they match in Perl; each line was tried with Perl itself.

import test from "ava";
import { fromPerl } from "../../src/config/ldirectord/perl-regex.ts";

for (const [pattern, matches, others] of [
  ["OK", ["OK", "xOKx\n"], ["ok"]],
  ["^OK$", ["OK", "OK\n"], ["OK\n\n", "OKx", "x\nOK"]],
  ["\\AOK\\z", ["OK"], ["OK\n", "x\nOK"]],
  ["\\AOK\\Z", ["OK", "OK\n"], ["OK\n\n"]],
  ["(?i)ok", ["OK", "ok", "oK"], ["o"]],
  ["a(?i)b", ["ab", "aB"], ["Ab"]],
  ["(?i:a)b", ["Ab"], ["aB"]],
  ["(a(?i)b)c", ["aBc"], ["aBC"]],
  ["(?s)a.b", ["a\nb"], ["a\n\nb"]],
  ["(?m)^b$", ["a\nb\nc"], ["a\nbc"]],
  ["(?i)[a-c]x[^q]", ["BXr"], ["BXQ"]],
  ["[[:alpha:]_]+=[[:digit:]]+$", ["a_b=12\n"], ["a_b=x"]],
  ["[[:space:][:upper:]]z", ["\tz", "Az"], ["az"]],
  ["a\\h+b", ["a \tb"], ["a\nb"]],
  ["a\\Rb", ["a\r\nb", "a\nb"], ["ab"]],
  ["a++b", ["aab"], ["b"]],
  ["(?>a|b)c", ["ac"], ["c"]],
  ["[]a]x", ["]x", "ax"], ["x"]],
  ["\\x{41}\\x42", ["AB"], ["ab"]],
  ["(?P<q>a)\\k{q}", ["aa"], ["ab"]],
  ["a(?#no)b", ["ab"], ["a"]],
  ["a{2,3}", ["aa"], ["a"]],
  ["cost: 5\\$", ["cost: 5$"], ["cost: 5"]],
] as const) {
  test(`${JSON.stringify(pattern)} matches as in Perl`, (t) => {
    const found = fromPerl(pattern);
    t.true(found.ok, found.ok ? "" : found.why);
    const expression = new RegExp(found.ok ? found.source : "");
    for (const text of matches) t.true(expression.test(text), JSON.stringify(text));
    for (const text of others) t.false(expression.test(text), JSON.stringify(text));
  });
}

for (const [pattern, why] of [
  ["(?x) a b", '"(?x)" is of Perl alone'],
  ["\\p{L}", '"\\p" is of Perl alone'],
  ["(?R)", '"(?R)" is of Perl alone'],
  ["[[:^alpha:]]", '"[:^alpha:]" is of Perl alone'],
  ["(", "it is no regular expression"],
] as const) {
  test(`${pattern} is told as what is not understood`, (t) => {
    t.deepEqual(fromPerl(pattern), { ok: false, why });
  });
}
