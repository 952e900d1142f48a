// What reading a keepalived.conf asks of its surroundings.

/** Bytes of one file, and letters of all that are read as one. */
export const TEXT_MAX: number = 64 * 1024 * 1024;

export type Outside = {
  /** The text of a file; null = it cannot be read. */
  readonly read: (path: string) => string | null;
  /** The files that a pattern of include means, in order (glob(3) with braces), seen from a folder. */
  readonly find: (pattern: string, folder: string) => readonly string[];
  /** The value of an environment variable; undefined = it is not set. */
  readonly environment: (name: string) => string | undefined;
  /** keepalived's --config-id; its default is the host's name without its domain. */
  readonly configId: string;
};
