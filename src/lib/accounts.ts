// Users and groups by name and by number: /etc/passwd and /etc/group, then what getent knows beside them.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** Who a script runs as: the names as the operator knows them, the numbers as the kernel does. */
export type Identity = {
  readonly user: string;
  readonly group: string;
  readonly uid: number;
  readonly gid: number;
};

export type FoundIdentity =
  | { readonly ok: true; readonly identity: Identity }
  | { readonly ok: false; readonly reason: string };

/** `group` null = the user's own. Names or numbers. */
export function findIdentity(user: string, group: string | null): FoundIdentity {
  const [userName, , uid, ownGid] = find("passwd", user) ?? [];
  if (userName === undefined || !isId(uid) || !isId(ownGid)) {
    return { ok: false, reason: `there is no user "${user}"` };
  }
  const [groupName, , gid] = find("group", group ?? ownGid) ?? [];
  if (groupName !== undefined && isId(gid)) {
    const identity = { user: userName, group: groupName, uid: Number(uid), gid: Number(gid) };
    return { ok: true, identity };
  }
  // A user's own group may lack a name: the number is enough.
  if (group !== null) return { ok: false, reason: `there is no group "${group}"` };
  const identity = { user: userName, group: ownGid, uid: Number(uid), gid: Number(ownGid) };
  return { ok: true, identity };
}

/** The name, or the number when it has none. */
export function nameOfUser(uid: number): string {
  return find("passwd", String(uid))?.[0] ?? String(uid);
}

/** From /etc/passwd alone, which keeps nobody waiting. */
export function nameOfLocalUser(uid: number): string {
  const found = entries(readText("/etc/passwd")).find((fields) => fields[2] === String(uid));
  return found?.[0] ?? String(uid);
}

export function nameOfGroup(gid: number): string {
  return find("group", String(gid))?.[0] ?? String(gid);
}

type Database = "passwd" | "group";

const GETENT_LIMIT_MS = 2000;
const GETENT_MAX_BYTES = 1024 * 1024;

/** The fields of the entry with this name or, when it is digits, with this number. */
function find(database: Database, key: string): readonly string[] | undefined {
  const matches = (fields: readonly string[]): boolean =>
    fields[0] === key || (isId(key) && fields[2] === key);
  return entries(readText(`/etc/${database}`)).find(matches) ?? entries(ask(database, key))[0];
}

function entries(text: string): readonly (readonly string[])[] {
  return text.split("\n").flatMap((line) => {
    const fields = line.split(":");
    return fields.length >= 4 ? [fields] : [];
  });
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** LDAP and the like. */
function ask(database: Database, key: string): string {
  try {
    return execFileSync("getent", [database, "--", key], {
      encoding: "utf8",
      timeout: GETENT_LIMIT_MS,
      maxBuffer: GETENT_MAX_BYTES,
      stdio: ["ignore", "pipe", "ignore"],
    });
  } catch {
    return "";
  }
}

function isId(text: string | undefined): text is string {
  return text !== undefined && /^\d{1,10}$/.test(text);
}
