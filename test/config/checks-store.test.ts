// Checks of stores in memory.

import test from "ava";
import { printConfig } from "../../src/config/print.ts";
import { checkOf, checkText, configOf, linesOf } from "./helpers.ts";

test("redis, memcached and mqtt checks keep all that they say through print", (t) => {
  for (const [lines, like] of [
    [["type = redis"], { login: null, role: null, tls: null }],
    [
      ["type = redis", "passwd = secret", "role = master", "tls = yes"],
      { login: { name: null, password: "secret" }, role: "master", tls: { verify: true } },
    ],
    [
      ["type = redis", "login = probe", "passwd = secret"],
      { login: { name: "probe", password: "secret" } },
    ],
    [["type = memcached"], { tls: null }],
    [["type = mqtt"], { version: "3.1.1", clientId: null, login: null, tls: null }],
    [
      ["type = mqtt", "mqtt_version = 5", "client_id = duet1", "login = probe", "passwd = secret"],
      { version: "5", clientId: "duet1", login: { name: "probe", password: "secret" } },
    ],
    [["type = mqtt", "login = probe", "tls = yes"], { login: { name: "probe", password: "" } }],
  ] as const) {
    const written = checkText(...lines);
    const config = configOf(written);
    t.like(checkOf(written), like);
    t.deepEqual(configOf(printConfig(config)), config);
  }
});

test("an mqtt check with a password and no login is refused", (t) => {
  t.deepEqual(linesOf(checkText("type = mqtt", "passwd = secret")), [
    "3: Cannot use passwd without login: say who logs in",
  ]);
});

test("a redis check with a login and no password is refused", (t) => {
  t.deepEqual(linesOf(checkText("type = redis", "login = probe")), [
    "3: Cannot use login without passwd: Redis has no such login",
  ]);
});
