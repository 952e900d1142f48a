import { userInfo } from "node:os";
import test from "ava";
import { findIdentity, nameOfGroup, nameOfUser } from "../../src/lib/accounts.ts";

test("findIdentity() takes names and numbers, and the user's own group when none is given", (t) => {
  const nobody = findIdentity("nobody", null);
  t.like(nobody, { ok: true, identity: { user: "nobody", uid: 65534, gid: 65534 } });
  t.deepEqual(findIdentity("65534", null), nobody);
  t.like(findIdentity("nobody", "root"), {
    ok: true,
    identity: { uid: 65534, group: "root", gid: 0 },
  });
});

test("findIdentity() says who there is not", (t) => {
  t.deepEqual(findIdentity("no-such", null), { ok: false, reason: 'there is no user "no-such"' });
  t.deepEqual(findIdentity("nobody", "no-such"), {
    ok: false,
    reason: 'there is no group "no-such"',
  });
  t.false(findIdentity("--help", null).ok);
  t.false(findIdentity("", null).ok);
});

test("nameOfUser() and nameOfGroup() fall back to the number", (t) => {
  t.is(nameOfUser(userInfo().uid), userInfo().username);
  t.is(nameOfGroup(0), "root");
  t.is(nameOfUser(4_000_000_000), "4000000000");
});
