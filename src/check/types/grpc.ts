// The health service of gRPC.

import { type KeyType, textType } from "../../config/schema/type.ts";
import { connects } from "./connects.ts";
import { host } from "./http.ts";
import { tlsOption } from "./tls.ts";
import type { CheckKind, Rows, Written } from "./type.ts";

/** Its length is one byte in the request (probes/grpc.ts). */
const service: KeyType<string> = textType(
  "name of a service",
  /^[\x21-\x7e]{1,127}$/,
  "one word of up to 127 letters",
);

// biome-ignore format: a table, a row a key
const keys = {
  service: { field: "service", type: service, otherwise: "the server as a whole", example: "shop.Cart", level: "basic",
    doc: "Service that the health service (grpc.health.v1) is asked for" },
} as const satisfies Rows;

/** "" = the server as a whole. */
type Asked = { readonly service: string };

const asked = {
  keys,
  build: ({ values }: Written<typeof keys>): Asked => ({ service: values.service ?? "" }),
  rows: (check: Asked) => [["service", check.service || null]] as const,
} as const;

export const grpc = {
  doc: "a health service that says SERVING",
  parts: [host, asked, tlsOption, connects],
} as const satisfies CheckKind;
