// Hands one mail to an SMTP server. The library is only loaded where mail is configured. TLS when the server offers it, without
// a judgement of its certificate; no authentication. Whatever the server does, it has an end.

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { abortAfter } from "../lib/clock.ts";
import type { Mail } from "./digest.ts";

export type MailServer = {
  readonly from: string;
  readonly host: string;
  readonly port: number;
  /** null = this host's name. */
  readonly heloName: string | null;
  readonly connectTimeoutMs: number;
};

/** Loads the library, before somebody replaces its files below a process that runs. What is wrong is told with the first mail. */
export async function prepareToPost(): Promise<void> {
  await import("nodemailer").catch(() => {});
}

/** Rejects when the server does not take it. */
export type Post = (server: MailServer, to: readonly string[], mail: Mail) => Promise<void>;

/** For every answer of the server after the connection is there. */
const ANSWER_LIMIT_MS = 30_000;
/** For all of them together. */
const WHOLE_LIMIT_MS = 60_000;

/** `wholeLimitMs`: from the connection to the end. */
export async function postBySmtp(
  server: MailServer,
  to: readonly string[],
  { subject, text }: Mail,
  wholeLimitMs: number = WHOLE_LIMIT_MS,
): Promise<void> {
  const { createTransport } = await import("nodemailer");
  const { from, host, port, heloName, connectTimeoutMs } = server;
  const connection = await connected(host, port, connectTimeoutMs);
  const limit = abortAfter(wholeLimitMs);
  limit.addEventListener("abort", () => connection.destroy(new Error("too slow")));
  const transport = createTransport({
    host,
    port,
    connection,
    secure: false,
    ...(heloName === null ? {} : { name: heloName }),
    // A relay's certificate is seldom one that anybody vouches for; without TLS nobody vouches for it either.
    tls: { rejectUnauthorized: false },
    greetingTimeout: ANSWER_LIMIT_MS,
    socketTimeout: ANSWER_LIMIT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    await transport.sendMail({ from: mailbox(from), to: to.map(mailbox), subject, text });
  } catch (error) {
    if (!limit.aborted) throw error;
    throw new Error(`${host} port ${port} did not take it in ${wholeLimitMs} ms`);
  } finally {
    transport.close();
    connection.destroy();
  }
}

/** "ops@example.com", "Ops <ops@example.com>" or "root". Given as text, the library takes what has no @ for a name. */
function mailbox(text: string): { readonly name: string; readonly address: string } {
  const [, name = "", address = text] = /^([^<>]*)<([^<>]+)>$/.exec(text) ?? [];
  return { name: name.trim(), address };
}

async function connected(host: string, port: number, limitMs: number): Promise<Socket> {
  const socket = connect({ host, port });
  try {
    await once(socket, "connect", { signal: abortAfter(limitMs) });
    return socket;
  } catch (error) {
    socket.on("error", () => {}).destroy();
    const isLate = error instanceof Error && error.name === "AbortError";
    throw isLate ? new Error(`${host} port ${port}: no connection in ${limitMs} ms`) : error;
  }
}
