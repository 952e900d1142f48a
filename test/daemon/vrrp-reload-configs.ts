// Any configuration of a small node, for properties: few names, routers and things, so that two of them have much in
// common.

import fc from "fast-check";
import type { Config, VrrpInstanceConfig } from "../../src/config/model.ts";
import type { Held, Route, Rule, Vip } from "../../src/vip/model.ts";
import { VRRP_GROUP_IPV4 } from "../../src/wire/vrrp.ts";
import { configWith, instanceConfig, noHooks } from "../helpers/desk-fixtures.ts";

const NAMES = ["A", "B", "C", "D"] as const;
const VIPS = [1, 2, 3, 4, 5, 6] as const;

type Shape = {
  readonly vrid: number;
  readonly interface: string;
  readonly version: 2 | 3;
  readonly unicast: boolean;
  readonly source: string | null;
  readonly priority: number;
  readonly advertIntervalMs: number;
  readonly trackScript: boolean;
};

const anyShape: fc.Arbitrary<Shape> = fc.record({
  vrid: fc.integer({ min: 1, max: 4 }),
  interface: fc.constantFrom("eth0", "eth0", "eth1"),
  version: fc.constantFrom(3, 3, 2),
  unicast: fc.constantFrom(false, false, true),
  source: fc.constantFrom(null, null, "198.51.100.11"),
  priority: fc.constantFrom(50, 100, 200, 255),
  advertIntervalMs: fc.constantFrom(1000, 3000),
  trackScript: fc.boolean(),
});

/** Who has a thing: a static one (-1), nobody (null), or the instance of that number. */
const anyOwner = fc.constantFrom(null, -1, 0, 1, 2, 3);
const anyLabel = fc.constantFrom(null, "eth0:1");
const anyPlace = fc.record({
  owner: anyOwner,
  excluded: fc.boolean(),
  interface: fc.constantFrom("eth0", "eth0", "eth1"),
  label: anyLabel,
});

export const anyConfig: fc.Arbitrary<Config> = fc
  .record({
    names: fc.shuffledSubarray([...NAMES], { minLength: 0 }),
    shapes: fc.uniqueArray(anyShape, {
      minLength: 4,
      maxLength: 4,
      selector: ({ vrid, interface: device }) => `${vrid} ${device}`,
    }),
    vips: fc.tuple(anyPlace, anyPlace, anyPlace, anyPlace, anyPlace, anyPlace),
    routes: fc.tuple(anyOwner, anyOwner),
    rules: fc.tuple(anyOwner, anyOwner),
    grouped: fc.boolean(),
  })
  .map(({ names, shapes, vips, routes, rules, grouped }) => {
    const members = grouped && names.length >= 2 ? names.slice(0, 2) : [];
    const instances = names.map((name, i) => {
      const own = vips.flatMap((place, n) => (place.owner === i ? [{ place, n }] : []));
      const vipOf = ({ place, n }: (typeof own)[number]): Vip => vip(VIPS[n] ?? 0, place);
      return instance(name, {
        shape: shapes[i] as Shape,
        vips: own.filter(({ place }) => !place.excluded).map(vipOf),
        excluded: own.filter(({ place }) => place.excluded).map(vipOf),
        routes: routes.flatMap((owner, n) => (owner === i ? [route(n)] : [])),
        rules: rules.flatMap((owner, n) => (owner === i ? [rule(n)] : [])),
        syncGroup: members.includes(name) ? "G" : null,
      });
    });
    const statics: Held = {
      vips: vips.flatMap((place, n) => (place.owner === -1 ? [vip(VIPS[n] ?? 0, place)] : [])),
      routes: routes.flatMap((owner, n) => (owner === -1 ? [route(n)] : [])),
      rules: rules.flatMap((owner, n) => (owner === -1 ? [rule(n)] : [])),
    };
    const group = { name: "G", members, tracked: [], trackingWeight: false, hooks: noHooks };
    return configWith({
      vrrpInstances: instances,
      statics,
      vrrpSyncGroups: members.length === 0 ? [] : [group],
    });
  });

export function instance(
  name: string,
  parts: {
    readonly shape?: Partial<Shape>;
    readonly vips?: readonly Vip[];
    readonly excluded?: readonly Vip[];
    readonly routes?: readonly Route[];
    readonly rules?: readonly Rule[];
    readonly syncGroup?: string | null;
  },
): VrrpInstanceConfig {
  const { vips = [], excluded = [], routes = [], rules = [], syncGroup = null } = parts;
  const { unicast = false, source = null, trackScript = false, ...vrrp } = parts.shape ?? {};
  const base = instanceConfig(name);
  return {
    ...base,
    vrrp: {
      ...base.vrrp,
      version: 3,
      ...vrrp,
      addresses: vips.map(({ address }) => address),
      syncGroup,
    },
    way: {
      ...base.way,
      source,
      group: VRRP_GROUP_IPV4,
      peers: unicast ? [{ address: "198.51.100.30", ttlMin: 255, ttlMax: 255 }] : [],
    },
    vips,
    holds: { ...base.holds, excluded, routes, rules },
    trackScripts: trackScript ? [{ name: "sick", weight: -60, reverse: false }] : [],
  };
}

export function vip(
  n: number,
  { interface: device = "eth0", label = null }: Partial<Pick<Vip, "interface" | "label">> = {},
): Vip {
  return {
    address: `203.0.113.${n}`,
    prefixLength: 24,
    interface: device,
    scope: "global",
    label,
    broadcast: null,
  };
}

export function route(n: number): Route {
  return {
    type: "unicast",
    destination: `192.0.${n}.0`,
    prefixLength: 24,
    source: null,
    table: 254,
    scope: 0,
    metric: null,
    protocol: null,
    mtu: null,
    hops: [{ via: "198.51.100.1", interface: "eth0", weight: 1, onlink: false }],
    line: `192.0.${n}.0/24 via 198.51.100.1 dev eth0`,
  };
}

export function rule(n: number): Rule {
  return {
    family: 4,
    not: false,
    from: { address: `203.0.113.${n}`, prefixLength: 32 },
    to: null,
    fwmark: null,
    iif: null,
    oif: null,
    table: 77,
    priority: 700 + n,
    line: `from 203.0.113.${n} lookup 77 priority ${700 + n}`,
  };
}
