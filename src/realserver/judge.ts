// What is wrong with a machine as a real server, whoever set it up. Pure.

import { familyOf } from "../lib/ip.ts";
import { judgeGateway } from "./judge-gateway.ts";
import {
  type Actual,
  deviceOf,
  effective,
  type HeldAddress,
  type Mode,
  type Problem,
  prefixLengthOf,
  type Role,
  type Setting,
  settingPath,
  TUNNELS,
  type Tunnel,
  tunnelOf,
} from "./model.ts";

export function judge(mode: Mode, role: Role, actual: Actual): readonly Problem[] {
  if (mode === "nat") return judgeGateway(role, actual);
  const again = `duet realserver ${mode} start ${role.vips.join(" ")}`;
  const isIpv4 = role.vips.some((vip) => familyOf(vip) === 4);
  const tunnels = mode === "tun" ? [...new Set(role.vips.map(tunnelOf))] : [];
  return [
    ...tunnels.flatMap((tunnel) => judgeTunnel(tunnel, again, actual)),
    ...role.vips.flatMap((vip) => judgeAddress(vip, mode, again, actual)),
    ...(isIpv4 ? judgeSilence(role, actual) : []),
    ...(isIpv4 && mode === "dr" ? judgeFilters(actual) : []),
    ...judgeWayBack(role, actual),
  ];
}

function judgeTunnel(tunnel: Tunnel, again: string, actual: Actual): readonly Problem[] {
  const found = actual.interfaces.find(({ name }) => name === tunnel);
  if (found === undefined) {
    return [
      error({
        code: "tunnel_missing",
        is: `there is no ${tunnel}: the director's packets cannot be unpacked`,
        should: `module ${TUNNELS[tunnel]} is loaded`,
        repair: `modprobe ${TUNNELS[tunnel]} && ${again}`,
      }),
    ];
  }
  const filter = tunnel === "tunl0" ? (effective(actual, tunnel, "rp_filter") ?? 0) : 0;
  const own = actual.settings.get(settingPath(tunnel, "rp_filter")) ?? "0";
  const all = actual.settings.get(settingPath("all", "rp_filter")) ?? "0";
  return [
    ...(found.up
      ? []
      : [
          error({
            code: "tunnel_down",
            is: `${tunnel} is down`,
            should: "it is up",
            repair: `ip link set ${tunnel} up`,
          }),
        ]),
    ...(filter === 0
      ? []
      : [
          error({
            code: "tunnel_filtered",
            is: `rp_filter of ${tunnel} is ${filter} (its own ${own}, that of all ${all}; the greater one counts): clients' packets are dropped`,
            should: "both are 0",
            repair: again,
          }),
        ]),
  ];
}

function judgeAddress(
  vip: string,
  mode: "dr" | "tun",
  again: string,
  { interfaces, addresses }: Actual,
): readonly Problem[] {
  const device = deviceOf(mode, vip);
  const answering = new Set(interfaces.filter(({ arp }) => arp).map(({ name }) => name));
  const held = addresses.filter(({ address }) => address === vip);
  const visible = held.filter((each) => answering.has(each.device));
  // An interface without ARP (dummy0, say) does for DR what lo does; a tunnel's packets come out of the tunnel only.
  const inPlace = held.filter((each) =>
    mode === "dr" ? !answering.has(each.device) : each.device === device,
  );
  const wide = inPlace.filter((each) => each.prefixLength !== prefixLengthOf(vip));
  const asks = familyOf(vip) === 6 ? "neighbour solicitations" : "ARP requests";
  return [
    ...(inPlace.length > 0
      ? []
      : [
          error({
            code: "vip_missing",
            is: `${vip} is not on ${device}${held.length === 0 ? ": what the director sends here is not taken" : ""}`,
            should: `${vip}/${prefixLengthOf(vip)} is on ${device}`,
            repair: again,
          }),
        ]),
    ...visible.map((each) =>
      error({
        code: "vip_visible",
        is: `${text(each)} is on ${each.device}, which answers ${asks} for it: clients get here past the director`,
        should: `it is on ${device} and nowhere else`,
        repair: `ip address del ${text(each)} dev ${each.device}`,
      }),
    ),
    ...wide.map((each) =>
      error({
        code: "vip_too_wide",
        is: `${text(each)} is on ${each.device}: every address of that network counts as this machine or its neighbour there`,
        should: `${vip}/${prefixLengthOf(vip)}`,
        repair: `ip address del ${text(each)} dev ${each.device} && ${again}`,
      }),
    ),
  ];
}

/** ip-sysctl.rst: 1, 2 and 8 do not answer for an address of another interface; 3 does unless it has scope host. */
function judgeSilence({ vips }: Role, actual: Actual): readonly Problem[] {
  const subject = vips.filter((vip) => familyOf(vip) === 4).join(", ");
  const ignoring = worst(actual, "arp_ignore", (value) => [1, 2, 8].includes(value));
  const announcing = worst(actual, "arp_announce", (value) => value === 2);
  return [
    ...ignoring.map(({ devices, value }) =>
      error({
        code: "answers_arp",
        is: `${devices.join(", ")}: answers ARP requests for ${subject} (arp_ignore is ${value})`,
        should: "arp_ignore is 1",
        repair: setting(actual, "arp_ignore", { devices, value: 1 }),
      }),
    ),
    ...announcing.map(({ devices, value }) =>
      error({
        code: "announces_vip",
        is: `${devices.join(", ")}: asks its neighbours as ${subject} and so announces itself for it (arp_announce is ${value})`,
        should: "arp_announce is 2",
        repair: setting(actual, "arp_announce", { devices, value: 2 }),
      }),
    ),
  ];
}

type Group = { readonly value: number; readonly devices: readonly string[] };

/** Interfaces that answer ARP and are up, by what they go by, where that is not good. */
function worst(
  actual: Actual,
  name: Setting,
  isGood: (value: number) => boolean,
): readonly Group[] {
  const groups = new Map<number, string[]>();
  for (const { name: device, arp, up } of actual.interfaces) {
    const value = arp && up ? effective(actual, device, name) : undefined;
    if (value === undefined || isGood(value)) continue;
    groups.set(value, [...(groups.get(value) ?? []), device]);
  }
  return Array.from(groups, ([value, devices]) => ({ value, devices }));
}

/** For all interfaces, where the greater value makes it so; else for each one whose own value is too great. */
function setting(actual: Actual, name: Setting, { devices, value }: Group): string {
  const tooGreat = devices.filter(
    (device) => Number(actual.settings.get(settingPath(device, name))) > value,
  );
  const all = Number(actual.settings.get(settingPath("all", name))) === value ? [] : ["all"];
  return `sysctl -w ${[...all, ...tooGreat].map((device) => `${settingPath(device, name)}=${value}`).join(" ")}`;
}

/** A strict filter drops what comes in by another interface than that by which the answer would leave. */
function judgeFilters(actual: Actual): readonly Problem[] {
  const ports = actual.interfaces.filter(({ arp, up }) => arp && up);
  const wayOut = actual.defaults.find(({ family }) => family === 4)?.interfaceIndex;
  const strict = ports.filter(
    ({ name, index }) => index !== wayOut && effective(actual, name, "rp_filter") === 1,
  );
  if (ports.length < 2 || strict.length === 0) return [];
  const names = strict.map(({ name }) => name);
  return [
    {
      severity: "warning",
      code: "reverse_path_filter",
      is: `${names.join(", ")}: rp_filter is 1, which drops clients' packets that the director sends in there when the way back to them is another interface`,
      should: "rp_filter is 0 or 2 where the director's packets come in",
      repair: `sysctl -w ${names.map((name) => `${settingPath(name, "rp_filter")}=2`).join(" ")}`,
    },
  ];
}

function judgeWayBack({ vips }: Role, { defaults }: Actual): readonly Problem[] {
  const families = [...new Set(vips.map((vip) => familyOf(vip) ?? 4))];
  return families
    .filter((family) => !defaults.some((route) => route.family === family))
    .map((family) => ({
      severity: "warning",
      code: "no_way_back",
      is: `there is no IPv${family} default route: clients that are not in a network of this machine get no answer`,
      should: "a default route by the network's router, not by the director",
      repair: `ip -${family} route add default via ROUTER`,
    }));
}

function text({ address, prefixLength }: HeldAddress): string {
  return `${address}/${prefixLength}`;
}

function error(problem: Omit<Problem, "severity">): Problem {
  return { severity: "error", ...problem };
}
