// Blocks of a vrrp_instance that say how its adverts are authenticated: authentication and auth_hmac.

import type { Around } from "../foreign/around.ts";
import type { Target } from "../foreign/target.ts";
import type { Statement } from "./tree.ts";

export function addAuthentication(
  { block, line }: Statement,
  target: Target,
  around: Around,
): void {
  let type = "";
  for (const one of block ?? []) {
    const [keyword = "", value] = one.words;
    if (keyword === "auth_type") type = value ?? "";
    else if (keyword === "auth_pass" && value !== undefined) {
      target.set("auth_pass", value, one.line);
      if (one.words.length > 2) {
        const why = "it is one word, and its first one is the password (quote it: it has spaces)";
        around.remarks.neverInForce(
          one.line,
          "What stands behind the first word of auth_pass",
          why,
        );
      }
    } else
      around.remarks.neverInForce(one.line, `"${one.text}"`, "it is no part of authentication");
  }
  if (type === "AH") {
    target.remove("auth_pass");
    around.remarks.differs(
      line,
      "auth_type AH is not spoken here: adverts go without authentication, and a peer that still uses it hears none of them (use PASS on both, or unicast_peer with auth_hmac)",
    );
  } else if (type !== "PASS") {
    target.remove("auth_pass");
    around.remarks.neverInForce(line, "authentication", "its auth_type must be PASS");
  } else if (!target.has("auth_pass")) {
    around.remarks.neverInForce(line, "authentication", "it has no auth_pass on a line of its own");
  }
}

export function addHmac({ block }: Statement, target: Target, around: Around): void {
  for (const { words, line, text } of block ?? []) {
    const [keyword = "", ...values] = words;
    if (keyword === "key") target.add("auth_hmac_key", values.join(" "), line, "key");
    else if (/^(active_key|anti_replay|time_window|mode)$/.test(keyword)) {
      target.set(`auth_hmac_${keyword}`, values.join(" "), line, text);
    } else around.remarks.neverInForce(line, `"${keyword}"`, "it is no part of auth_hmac");
  }
}
