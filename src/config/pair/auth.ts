// Do the two nodes of a pair take each other's adverts? Nothing here tells a password or a key.

import type { HmacConfig } from "../../vrrp/auth.ts";
import { type Couple, type Instance, placeIn, placeText, type Tell } from "./node.ts";

export function judgeProofs(couple: Couple<Instance>, tell: Tell): void {
  judgePasswords(couple, tell);
  judgeSigning(couple, tell);
  judgeSigning({ a: couple.b, b: couple.a }, tell);
}

/** RFC 2338 §5.3.10: all that an advert has room for. */
const PASSWORD_BYTES = 8;

/** Version 3 has none. */
function judgePasswords({ a, b }: Couple<Instance>, tell: Tell): void {
  const [ours, theirs] = [passwordOf(a), passwordOf(b)];
  if (ours === theirs || a.made.vrrp.version === 3) return;
  const other = placeIn(b, "auth_pass");
  const how =
    ours === null
      ? "is not there, and is"
      : theirs === null
        ? "is there, and not"
        : "is another one";
  tell({
    at: placeIn(a, "auth_pass"),
    other,
    severity: "error",
    message: `auth_pass of [${a.section.title}] ${how} at ${placeText(other)}: an advert without the right password is rejected, so both are MASTER`,
  });
}

function passwordOf({ made }: Instance): string | null {
  const { password } = made.vrrp.auth;
  return password === null
    ? null
    : Buffer.from(password).subarray(0, PASSWORD_BYTES).toString("latin1");
}

/** What `a` says, and whether `b` takes it. */
function judgeSigning({ a, b }: Couple<Instance>, tell: Tell): void {
  const why = whyDeaf(a.made.vrrp.auth.hmac, b.made.vrrp.auth.hmac);
  if (why === undefined) return;
  const other = placeIn(b, "auth_hmac_key");
  tell({
    at: placeIn(a, "auth_hmac_active_key"),
    other,
    severity: "error",
    message: `The other node does not take the adverts of [${a.section.title}] (${placeText(other)}): ${why}, so both are MASTER`,
  });
}

function whyDeaf(ours: HmacConfig | null, theirs: HmacConfig | null): string | undefined {
  if (ours === null || ours.mode === "receive-only") {
    return theirs?.mode === "enforce"
      ? "its auth_hmac_mode is enforce, and they are not signed"
      : undefined;
  }
  if (theirs === null) return "they are signed (auth_hmac), and it reads none that is";
  const id = ours.activeKey;
  const [own, known] = [ours, theirs].map(({ keys }) => keys.find((key) => key.id === id));
  if (known === undefined) return `they are signed with auth_hmac_key ${id}, which it has not`;
  // What stands in a file of another machine is not known here.
  const isFile = [own, known].some((key) => key?.written.startsWith("file:"));
  return own?.keyHex === known.keyHex || isFile
    ? undefined
    : `they are signed with auth_hmac_key ${id}, which is another key there`;
}
