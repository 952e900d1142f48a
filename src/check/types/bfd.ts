// A BFD session, which is a section of its own.

import { name } from "../../config/schema/plain-types.ts";
import { local } from "./local.ts";
import type { Around, CheckKind, Rows, Written } from "./type.ts";

// biome-ignore format: a table, a row a key
const keys = {
  session: { type: name, refers: "bfd_instance", otherwise: "the one whose neighbor_ip is the address of the real server", example: "peer", level: "basic",
    doc: "The bfd_instance that must be Up; a real server is DOWN as soon as it is not" },
} as const satisfies Rows;

type Pace = { readonly retry?: number; readonly rise?: number; readonly fast_interval?: number };

const session = {
  keys,
  build: ({ values }: Written<typeof keys, Pace>, around: Around) => ({
    session: around.session(),
    /** It was not found by the address of the real server. */
    isNamed: values.session !== undefined,
    // The session has counted what was missed: what servers say of their checks in general is not for it.
    retry: values.retry ?? 0,
    rise: values.rise ?? 1,
    fastIntervalMs: values.fast_interval ?? null,
  }),
  rows: (check: { readonly session: string; readonly isNamed: boolean }) =>
    [["session", check.isNamed ? check.session : null]] as const,
} as const;

export const bfd = {
  doc: "a BFD session that is Up",
  parts: [session, local],
  ofServer: true,
  portless: true,
} as const satisfies CheckKind;
