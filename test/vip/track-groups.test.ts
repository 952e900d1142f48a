import test from "ava";
import type { Link } from "../../src/kernel/links.ts";
import { thingsOf } from "../../src/vip/holding/things.ts";
import { trackGroupsNow } from "../../src/vip/holding/track-groups.ts";
import { configOf, INSTANCE } from "../config/helpers.ts";

const { statics } = configOf(`${INSTANCE}track_group[] = up
track_group[] = rest
[global]
static_ipaddress[] = 10.3.0.1/24 dev eth1 track_group up
static_ipaddress[] = 10.5.0.1/24 dev eth2
static_routes[] = 10.4.0.0/16 via 10.3.0.2 dev eth1 track_group up
static_rules[] = from 10.4.0.0/16 lookup 9 track_group rest
`);
const things = thingsOf(statics);
const link: Link = { index: 3, name: "eth1", up: true, running: true, mac: new Uint8Array(6) };
const up = (name: string): Link | undefined => (name === "eth1" ? link : undefined);

test("trackGroupsNow() is of the things in groups: what is in none may be anywhere", (t) => {
  t.deepEqual(trackGroupsNow(things, [], up), [
    { name: "up", up: true, detail: "all there" },
    { name: "rest", up: true, detail: "all there" },
  ]);
});

test("trackGroupsNow() says which thing could not be put back, and why", (t) => {
  const failed = things
    .filter(({ kind }) => kind === "route")
    .map((thing) => ({ thing, cause: "Network is unreachable" }));
  t.deepEqual(trackGroupsNow(things, failed, up)[0], {
    name: "up",
    up: false,
    detail: "10.4.0.0/16 via 10.3.0.2 dev eth1: Network is unreachable",
  });
});

test("trackGroupsNow() takes a thing whose interface is down or missing for one that is not there", (t) => {
  const down = (): Link => ({ ...link, running: false });
  const gone = (): undefined => undefined;
  const detailOf = (linkOf: (name: string) => Link | undefined): string | undefined =>
    trackGroupsNow(things, [], linkOf)[0]?.detail;
  t.is(detailOf(down), "10.3.0.1: eth1 is down");
  t.is(detailOf(gone), "10.3.0.1: eth1 is missing");
  t.true(trackGroupsNow(things, [], gone)[1]?.up);
});
