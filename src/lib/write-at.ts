// Where a write failed: Node's own text of it (ENOSPC, EDQUOT, EIO) does not name the file.

export function writeAt<Result>(path: string, write: () => Result): Result {
  try {
    return write();
  } catch (cause) {
    throw new Error(`Cannot write ${path}`, { cause });
  }
}
