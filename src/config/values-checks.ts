// One value of a check: text -> what the keys of checks say it is.

import { accept, type Judged, refuse } from "./judged.ts";
import { asItIs, type KeyType } from "./type.ts";

const NAME_BYTES_MAX = 253;

export const domain: KeyType<string> = {
  parse: parseDomain,
  print: asItIs,
  help: "domain name, or . for the root",
};

export const replyPattern: KeyType<string> = {
  parse: parseReplyPattern,
  print: (digits) => (digits === "" ? "yes" : digits),
  help: "yes, or pairs of hex digits with X for any digit",
};

export const sipUri: KeyType<string> = {
  parse: parseSipUri,
  print: asItIs,
  help: "sip:[USER@]HOST[:PORT]",
};

/** RFC 1035 §2.3.4. Letters, digits, - and _ only: an international name is written as xn--… */
function parseDomain(text: string): Judged<string> {
  if (text === ".") return accept(text);
  const name = text.replace(/\.$/, "");
  const isRight =
    name.length <= NAME_BYTES_MAX &&
    name.split(".").every((label) => /^[a-z\d_*/-]{1,63}$/i.test(label));
  return isRight
    ? accept(name)
    : refuse("a domain name such as www.example.com, or . for the root of all names");
}

/** "" = any reply. */
function parseReplyPattern(text: string): Judged<string> {
  if (/^yes$/i.test(text)) return accept("");
  const digits = text.replace(/^hex:/i, "").replaceAll(/\s/g, "");
  return /^(?:[\dA-FX]{2}){1,1024}$/i.test(digits)
    ? accept(digits.replaceAll("x", "X").replaceAll(/[A-F]/g, (digit) => digit.toLowerCase()))
    : refuse("yes, or pairs of hex digits, with X for any digit, such as 0d0aXX");
}

/** RFC 3261 §19.1, without headers; "sip:" may be left out, as ldirectord's login has it. */
function parseSipUri(text: string): Judged<string> {
  const uri = /^sips?:/i.test(text)
    ? text.replace(/^.*?:/, (scheme) => scheme.toLowerCase())
    : `sip:${text}`;
  const isRight =
    uri.length <= NAME_BYTES_MAX &&
    /^sips?:(?:[\w.!~*'()&=+$,;?/%:-]+@)?(?:[a-z\d-]+(?:\.[a-z\d-]+)*\.?|\[[\da-f:.]+\])(?::\d{1,5})?(?:;[\w.!~*'()&+$/:%[\]=;-]+)?$/i.test(
      uri,
    );
  return isRight ? accept(uri) : refuse("an address of SIP such as sip:ping@example.com");
}
