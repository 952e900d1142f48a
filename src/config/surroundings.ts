// What the rules and builders may ask the machine.

import type { FoundIdentity } from "../lib/accounts.ts";
import type { KeyFile } from "./vrrp/hmac-key.ts";

/** What the machine has to say; all of it arguments, so that the same text always gives the same answer. */
export type Surroundings = {
  /** The file of the configuration in which a line stands. */
  readonly fileOf: (line: number) => string;
  /** Who may read a file beside root and its owner ("everybody may read it (mode 0644)"); undefined = nobody. */
  readonly readersOf: (path: string) => string | undefined;
  /** Addresses of this machine: who may be an address owner; null = it is not known which machine that is. */
  readonly ownAddresses: ReadonlySet<string> | null;
  /** Of one interface; none when it is not here. */
  readonly addressesOn: (device: string) => readonly string[];
  /** Why the command of a hook cannot be run ("it does not exist"); undefined = it can. */
  readonly commandProblem: (command: string) => string | undefined;
  /** What of the command's path is not root's alone ("/etc/x is owned by bob"). */
  readonly commandInsecurity: (command: string) => string | undefined;
  readonly findIdentity: (user: string, group: string | null) => FoundIdentity;
  /** netdevice(7) IFF_*; null = no such interface is here. */
  readonly deviceFlags: (device: string) => number | null;
  /** Is it in a network of this interface? undefined = the interface has no address of this family. */
  readonly isOnLink: (device: string, address: string) => boolean | undefined;
  /** Why a directory is no good ("it does not exist"); undefined = it is one. */
  readonly directoryProblem: (path: string) => string | undefined;
  /** What stands in the file of a key. */
  readonly keyFile: (path: string) => KeyFile;
  /** What stands in a PEM file; undefined = nobody looks. */
  readonly pemFile: ((path: string) => KeyFile) | undefined;
};
