// What databases are asked, whichever they are.

import { line } from "../../config/schema/plain-types.ts";
import type { Login } from "./login.ts";
import type { TlsUse } from "./tls.ts";
import { plain } from "./type.ts";

// biome-ignore format: a table, a row a key
export const question = plain({
  database: { field: "database", type: line, otherwise: "that of the login", example: "shop", level: "basic", doc: "Database that is used" },
  query: { field: "query", type: line, aliases: ["request"], default: "SELECT 1", example: "SELECT 1 FROM orders", level: "basic",
    doc: "Must return a row" },
});

export type DatabaseFields = ReturnType<typeof question.build> & {
  readonly tls: TlsUse | null;
  readonly login: Login;
};
