// What is wrong with a real server behind NAT: answers that do not pass the director. Pure.

import { addressBytes, familyOf } from "../lib/ip.ts";
import type { Actual, HeldAddress, Problem, Role } from "./model.ts";

export function judgeGateway({ vips, via }: Role, actual: Actual): readonly Problem[] {
  const here = (address: string) => actual.addresses.filter((each) => each.address === address);
  return [
    ...(via === null ? [] : judgeRoute(via, here(via), actual)),
    ...vips.flatMap((vip) => here(vip).map((each) => heldVip(vip, each))),
    ...vips
      .filter((vip) => here(vip).length === 0)
      .flatMap((vip) => sharedNetwork(vip, actual.addresses)),
  ];
}

function judgeRoute(via: string, own: readonly HeldAddress[], actual: Actual): readonly Problem[] {
  const family = familyOf(via) ?? 4;
  const [first] = actual.defaults.filter((route) => route.family === family);
  const repair = `duet realserver nat start --via ${via}`;
  const should = `the default route goes by the director, ${via}`;
  const ownProblem: readonly Problem[] = own.map(({ device }) => ({
    severity: "error",
    code: "gateway_is_here",
    is: `${via} is an address of this machine, on ${device}`,
    should: "--via names the director's address in the real servers' network",
    repair: "duet realserver nat start --via DIP",
  }));
  if (first === undefined) {
    const is = "there is no default route: answers do not go back by the director";
    return [...ownProblem, { severity: "error", code: "no_gateway", is, should, repair }];
  }
  if (first.severalHops || first.via !== via) {
    const hop = first.severalHops ? "several next hops" : (first.via ?? "a device alone");
    const is = `the default route goes by ${hop}: answers go past the director, and clients do not know who sends them`;
    return [...ownProblem, { severity: "error", code: "wrong_gateway", is, should, repair }];
  }
  return ownProblem;
}

function heldVip(vip: string, { device, prefixLength }: HeldAddress): Problem {
  return {
    severity: "error",
    code: "vip_is_here",
    is: `${vip} is on ${device} of this machine`,
    should: "behind NAT only the director has it",
    repair: `ip address del ${vip}/${prefixLength} dev ${device}`,
  };
}

/** Clients of a network that this machine is in get their answers without the director. */
function sharedNetwork(vip: string, addresses: readonly HeldAddress[]): readonly Problem[] {
  const family = familyOf(vip);
  const shared = addresses.find(
    (each) => familyOf(each.address) === family && isInNetwork(vip, each),
  );
  if (shared === undefined) return [];
  return [
    {
      severity: "warning",
      code: "shared_network",
      is: `${vip} is in a network of this machine (${shared.address}/${shared.prefixLength} on ${shared.device}): clients of that network get answers past the director`,
      should: "real servers behind NAT are in a network that clients are not in",
      repair: "none by a command: a network of their own for the real servers, or lb_kind = DR",
    },
  ];
}

function isInNetwork(address: string, { address: other, prefixLength }: HeldAddress): boolean {
  const [a, b] = [addressBytes(address), addressBytes(other)];
  for (let bit = 0; bit < prefixLength; bit += 1) {
    const mask = 0x80 >> (bit % 8);
    if (((a[bit >> 3] ?? 0) & mask) !== ((b[bit >> 3] ?? 0) & mask)) return false;
  }
  return true;
}
