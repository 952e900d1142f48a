// Checks by a BFD session, which is a section of its own.

import type { Draft, Section } from "../schema/section.ts";
import { needed } from "../schema/section.ts";
import type { CheckKind } from "./kinds.ts";
import { judgePlace } from "./local.ts";

export const bfd: CheckKind<"bfd"> = {
  ofServer: true,
  build(section, { server, draft }) {
    const { session, retry, rise, fast_interval } = section.values;
    return {
      session: needed(sessionsOf(section, server, draft)[0]),
      isNamed: session !== undefined,
      // The session has counted what was missed: what servers say of their checks in general is not for it.
      retry: retry ?? 0,
      rise: rise ?? 1,
      fastIntervalMs: fast_interval ?? null,
    };
  },
  rows: ({ session, isNamed }) => [["session", isNamed ? session : null]],
  judge: judgePlace,
};

/** The names of the sessions that a check of this real server may be about; not exactly one: a problem that the rules report. */
export function sessionsOf(
  { values }: Section<"check">,
  server: Section<"real_server">,
  draft: Draft,
): readonly string[] {
  const { session } = values;
  const address = server.values.address?.address;
  return draft.bfd_instance
    .filter(({ labels, values: { neighbor_ip } }) =>
      session === undefined ? neighbor_ip === address : labels[0] === session,
    )
    .map(({ labels }) => labels[0] ?? "");
}
