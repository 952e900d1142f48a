// Is an address, route or rule that was read the one that is wanted? What the kernel adds by itself is no difference.

import {
  addAddress,
  addressText,
  encodeBody,
  type NewAddress,
  type ReadAddress,
} from "./addresses.ts";
import { MessageWriter, readAttributes, u32Of } from "./attributes.ts";
import { FIB_RULE_INVERT, RTNH_F_ONLINK } from "./numbers.ts";
import { addRoute, type NewRoute, type Route, readHops, routeAttributes } from "./routes.ts";
import { addRule, type NewRule, type Rule, ruleAttributes } from "./rules.ts";

const HEADER_BYTES = 12;
const FLAGS_AT = 8;
const ALL_BITS = 0xffffffff;
/** Of rtmsg: family, lengths, tos, protocol, scope, type. The table may be an attribute. */
const ROUTE_HEADER = [0, 1, 2, 3, 5, 6, 7];
/** Of fib_rule_hdr: family, lengths, tos, action. */
const RULE_HEADER = [0, 1, 2, 3, 7];

/** `device`: the name of the interface. */
export function isSameAddress(
  read: Pick<ReadAddress, "body">,
  wanted: NewAddress,
  device: string,
): boolean {
  const body = encodeBody(addAddress(wanted), new MessageWriter(256));
  return addressText(read.body, device) === addressText(body, device);
}

export function isSameRoute(read: Pick<Route, "body">, wanted: NewRoute): boolean {
  const body = encodeBody(addRoute(wanted), new MessageWriter(256));
  const { destination, source, metric, gateway, table } = routeAttributes;
  const [a, b] = [attributesOf(read.body), attributesOf(body)];
  const device = b.get(routeAttributes.interface);
  return (
    ROUTE_HEADER.every((at) => read.body[at] === body[at]) &&
    flag(read.body, RTNH_F_ONLINK) === flag(body, RTNH_F_ONLINK) &&
    [destination, source, metric, gateway, table].every((type) =>
      isSame(a.get(type), b.get(type)),
    ) &&
    (device === undefined || isSame(a.get(routeAttributes.interface), device)) &&
    mtuOf(a) === mtuOf(b) &&
    isSameHops(a, b)
  );
}

export function isSameRule(read: Pick<Rule, "body">, wanted: NewRule): boolean {
  const body = encodeBody(addRule(wanted), new MessageWriter(256));
  const [a, b] = [attributesOf(read.body), attributesOf(body)];
  return (
    RULE_HEADER.every((at) => read.body[at] === body[at]) &&
    flag(read.body, FIB_RULE_INVERT) === flag(body, FIB_RULE_INVERT) &&
    ruleAttributes.same.every((type) => isSame(a.get(type), b.get(type))) &&
    maskOf(a) === maskOf(b)
  );
}

function attributesOf(body: Buffer): ReadonlyMap<number, Buffer> {
  return readAttributes(body, HEADER_BYTES);
}

function flag(body: Buffer, bit: number): boolean {
  return (body.readUInt32LE(FLAGS_AT) & bit) !== 0;
}

function isSame(a: Buffer | undefined, b: Buffer | undefined): boolean {
  return a === undefined || b === undefined ? a === b : a.equals(b);
}

function mtuOf(attributes: ReadonlyMap<number, Buffer>): number | undefined {
  const metrics = attributes.get(routeAttributes.metrics);
  return metrics && u32Of(readAttributes(metrics).get(routeAttributes.mtu));
}

function isSameHops(a: ReadonlyMap<number, Buffer>, b: ReadonlyMap<number, Buffer>): boolean {
  const [read, wanted] = [a, b].map((each) => readHops(each.get(routeAttributes.multipath)));
  return (
    read?.length === wanted?.length &&
    read?.every((hop, i) => {
      const like = wanted?.[i];
      if (like === undefined || !isSame(hop.gateway, like.gateway)) return false;
      const isThere = like.interfaceIndex === 0 || hop.interfaceIndex === like.interfaceIndex;
      return isThere && hop.weight === like.weight && hop.onlink === like.onlink;
    }) === true
  );
}

function maskOf(attributes: ReadonlyMap<number, Buffer>): number | undefined {
  if (!attributes.has(ruleAttributes.mark)) return undefined;
  return u32Of(attributes.get(ruleAttributes.mask)) ?? ALL_BITS;
}
