import test from "ava";
import { authProblem, NO_AUTH, passwordBytes } from "../../src/vrrp/auth.ts";

const withPassword = { password: "duet", hmac: null };

function sent(authType: number, authData: Buffer): { authType: number; authData: Buffer } {
  return { authType, authData };
}

test("RFC 2338 §5.3.10: a password is filled up with zeros to eight bytes", (t) => {
  t.is(passwordBytes("duet").toString("hex"), "6475657400000000");
  t.is(passwordBytes("12345678").toString("hex"), "3132333435363738");
  // Cut at a byte, not at a letter: the peers cut it there too.
  t.is(passwordBytes("123456789").toString("hex"), "3132333435363738");
  t.is(passwordBytes("1234567ä").toString("hex"), "31323334353637c3");
  t.is(passwordBytes(null).toString("hex"), "0000000000000000");
});

test("RFC 2338 §7.1: the password that is configured passes", (t) => {
  t.is(authProblem(withPassword, sent(1, passwordBytes("duet"))), undefined);
});

test("RFC 2338 §7.1: another password, or a part of it, is an auth_failure", (t) => {
  for (const other of ["", "due", "duett", "Duet", "12345678"]) {
    t.is(authProblem(withPassword, sent(1, passwordBytes(other))), "auth_failure", other);
  }
  for (const length of [0, 4, 7, 9]) {
    t.is(authProblem(withPassword, sent(1, Buffer.alloc(length))), "auth_failure");
  }
});

test("RFC 2338 §7.1: another type than the one that is configured is an auth_type", (t) => {
  for (const type of [0, 2, 3, 255]) {
    t.is(authProblem(withPassword, sent(type, passwordBytes("duet"))), "auth_type", `${type}`);
  }
  for (const type of [1, 2, 255]) {
    t.is(authProblem(NO_AUTH, sent(type, passwordBytes(null))), "auth_type", `${type}`);
  }
});

test("RFC 2338 §7.1: without authentication its data is not looked at", (t) => {
  t.is(authProblem(NO_AUTH, sent(0, passwordBytes("anything"))), undefined);
});
