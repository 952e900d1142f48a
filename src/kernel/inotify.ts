// Tells what happens to the names in a directory. inotify(7). A file is watched by its directory, so that a rename that
// replaces it is seen too. Only local file systems tell.

import { statfsSync } from "node:fs";
import { KernelError } from "./errors.ts";
import { check, close, errno, inotifyAddWatch, inotifyInit1, inotifyRmWatch, read } from "./ffi.ts";
import { watch } from "./poll.ts";

const IN_NONBLOCK = 0o4000;
const IN_CLOEXEC = 0o2000000;
const IN_CLOSE_WRITE = 0x8;
const IN_MOVED_FROM = 0x40;
const IN_MOVED_TO = 0x80;
const IN_CREATE = 0x100;
const IN_DELETE = 0x200;
const IN_DELETE_SELF = 0x400;
const IN_MOVE_SELF = 0x800;
const IN_ONLYDIR = 0x1000000;
const IN_UNMOUNT = 0x2000;
const IN_Q_OVERFLOW = 0x4000;
const IN_IGNORED = 0x8000;
const MASK =
  IN_CLOSE_WRITE |
  IN_MOVED_FROM |
  IN_MOVED_TO |
  IN_CREATE |
  IN_DELETE |
  IN_DELETE_SELF |
  IN_MOVE_SELF |
  IN_ONLYDIR;
const EVENT_BYTES = 16; // struct inotify_event without its name
const READS_A_TURN_MAX = 16;

export type Inotify = {
  /** Throws KernelError (ENOENT, ENOTDIR, ENOSPC). Watching a directory again is the same watch. */
  readonly add: (directory: string) => number;
  readonly remove: (watch: number) => void;
  readonly close: () => void;
};

export function openInotify(listener: {
  /** Something happened to this name. */
  readonly onName: (watch: number, name: string) => void;
  /** The directory is gone, and its watch with it. */
  readonly onGone: (watch: number) => void;
  /** Events were lost. */
  readonly onOverflow: () => void;
}): Inotify {
  const fd = check("inotify_init1", inotifyInit1(IN_NONBLOCK | IN_CLOEXEC));
  const buffer = Buffer.allocUnsafe(8192);

  function onReadable(): void {
    for (let turn = 0; turn < READS_A_TURN_MAX; turn += 1) {
      const length = read(fd, buffer, buffer.length);
      if (length <= 0) return;
      readEvents(buffer.subarray(0, length));
    }
  }

  function readEvents(bytes: Buffer): void {
    let at = 0;
    while (at + EVENT_BYTES <= bytes.length) {
      const watched = bytes.readInt32LE(at);
      const mask = bytes.readUInt32LE(at + 4);
      const end = at + EVENT_BYTES + bytes.readUInt32LE(at + 12);
      const name = bytes.toString("utf8", at + EVENT_BYTES, end).replace(/\0+$/, "");
      at = end;
      if ((mask & IN_Q_OVERFLOW) !== 0) listener.onOverflow();
      else if ((mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED | IN_UNMOUNT)) !== 0) {
        listener.onGone(watched);
      } else listener.onName(watched, name);
    }
  }

  const watching = watch(fd, onReadable);
  return {
    add(directory) {
      const watched = inotifyAddWatch(fd, directory, MASK);
      if (watched < 0) throw new KernelError(`watch ${directory}`, errno());
      return watched;
    },
    remove: (watched) => void inotifyRmWatch(fd, watched),
    close() {
      watching.close();
      close(fd);
    },
  };
}

/** By linux/magic.h: what other hosts or the kernel itself change is not told, and a dead server blocks the reader. */
const SILENT_FILE_SYSTEMS: ReadonlyMap<number, string> = new Map([
  [0x6969, "nfs"],
  [0xff534d42, "cifs"],
  [0xfe534d42, "smb2"],
  [0x65735546, "fuse"],
  [0x01021997, "9p"],
  [0x5346414f, "afs"],
  [0x00c36400, "ceph"],
  [0x9fa0, "proc"],
  [0x62656572, "sysfs"],
  [0x27e0eb, "cgroup"],
  [0x63677270, "cgroup2"],
]);

/** The name of the file system of a directory when inotify cannot be relied on there. Throws ENOENT and the like. */
export function silentFileSystem(directory: string): string | undefined {
  return SILENT_FILE_SYSTEMS.get(Number(statfsSync(directory).type));
}
