// How a file is to be read, as a command line says it: the same options for every command that reads one.

const FORMATS = ["ini", "keepalived", "ldirectord", "ipvsadm"] as const;
export type Format = (typeof FORMATS)[number];

export type ReadOptions = {
  /** Which node reads it; left out = the host's name without its domain. */
  readonly configId?: string | undefined;
  /** Left out = what the file looks like. */
  readonly format?: Format | undefined;
};

/** For parseArgs(). keepalived has the first one too. */
export const READ_OPTIONS = {
  "config-id": { type: "string", short: "i" },
  format: { type: "string" },
} as const;

export const READ_USAGE = `[-i NODE] [--format ${FORMATS.join("|")}]`;

type Values = { readonly "config-id"?: string | undefined; readonly format?: string | undefined };

/** A text = why they cannot be used. */
export function readOptionsOf({ "config-id": configId, format }: Values): ReadOptions | string {
  if (configId !== undefined && !/^[^\s@^]+$/.test(configId)) {
    return `Cannot use --config-id "${configId}": it must be the name of a node, without spaces, "@" and "^"`;
  }
  const known = FORMATS.find((each) => each === format);
  if (format !== undefined && known === undefined) {
    return `Cannot use --format "${format}": it is one of ${FORMATS.join(" ")}`;
  }
  return { configId, format: known };
}
