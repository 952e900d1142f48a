// Checks that ask no server: a script, a file, and those that always say the same.

import type { Identity } from "../lib/accounts.ts";
import type { CheckCommon } from "./model-common.ts";

export type LocalCheckConfig =
  | MiscCheckConfig
  | FileCheckConfig
  | BfdCheckConfig
  | FixedCheckConfig;

export type MiscCheckConfig = CheckCommon & {
  readonly type: "misc";
  /** As the operator wrote it. */
  readonly command: string;
  /** What ldirectord appends: address and port of the virtual and of the real server. */
  readonly arguments: readonly string[] | null;
  readonly user: Identity | null;
  /** Root runs only what nobody else may write to. */
  readonly security: boolean;
  /** Exit status 2 to 255 is a success that sets the weight to 0 to 253. */
  readonly dynamic: boolean;
};

export type FileCheckConfig = CheckCommon & {
  readonly type: "file";
  readonly path: string;
  /** The number in the file, so many times, is added to the weight of the real server. */
  readonly factor: number;
};

export type BfdCheckConfig = CheckCommon & {
  readonly type: "bfd";
  /** Its name. */
  readonly session: string;
  /** It was not found by the address of the real server. */
  readonly isNamed: boolean;
};

export type FixedCheckConfig =
  | (CheckCommon & { readonly type: "on" })
  | (CheckCommon & { readonly type: "off" });
