// SCRAM-SHA-256 without channel binding. RFC 5802, RFC 7677.

import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from "node:crypto";

export type ScramClient = {
  readonly first: string;
  /** The answer to the server's challenge; undefined = it is none. */
  readonly final: (challenge: string) => string | undefined;
  /** Does the server know the password too? */
  readonly isServer: (verdict: string) => boolean;
};

const KEY_BYTES = 32;
/** PostgreSQL's is 4,096; each 100,000 cost some 20 ms of this process. */
const ITERATIONS_MAX = 100_000;

/** The server knows the name from elsewhere, as PostgreSQL does. */
export function scramClient(
  password: string,
  nonce = randomBytes(18).toString("base64"),
): ScramClient {
  const bare = `n=,r=${nonce}`;
  let serverSignature: Buffer | undefined;
  return {
    first: `n,,${bare}`,
    final(challenge) {
      const match = /^r=([^,]+),s=([^,]+),i=(\d{1,6})$/.exec(challenge);
      const [, both = "", salt = "", iterations = "0"] = match ?? [];
      if (
        !both.startsWith(nonce) ||
        Number(iterations) < 1 ||
        Number(iterations) > ITERATIONS_MAX
      ) {
        return undefined;
      }
      const secret = password.normalize("NFKC");
      const salted = pbkdf2Sync(
        secret,
        Buffer.from(salt, "base64"),
        Number(iterations),
        KEY_BYTES,
        "sha256",
      );
      const withoutProof = `c=biws,r=${both}`;
      const all = `${bare},${challenge},${withoutProof}`;
      const clientKey = hmac(salted, "Client Key");
      const signature = hmac(createHash("sha256").update(clientKey).digest(), all);
      const proof = clientKey.map((byte, at) => byte ^ (signature[at] ?? 0));
      serverSignature = hmac(hmac(salted, "Server Key"), all);
      return `${withoutProof},p=${Buffer.from(proof).toString("base64")}`;
    },
    isServer(verdict) {
      const said = Buffer.from(/^v=(.+)$/.exec(verdict)?.[1] ?? "", "base64");
      return said.length === serverSignature?.length && timingSafeEqual(said, serverSignature);
    },
  };
}

function hmac(key: Uint8Array, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
