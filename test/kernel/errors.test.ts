import { constants } from "node:os";
import test from "ava";
import { errnoName, isKernelError, KernelError } from "../../src/kernel/errors.ts";

test("an errno with two names has the one that the kernel's headers say", (t) => {
  const { EAGAIN, EOPNOTSUPP, EDEADLK } = constants.errno;
  t.deepEqual([EAGAIN, EOPNOTSUPP, EDEADLK].map(errnoName), ["EAGAIN", "EOPNOTSUPP", "EDEADLK"]);
  t.true(isKernelError(new KernelError("nftables", EOPNOTSUPP), "EOPNOTSUPP"));
});
