// The lines of use_vmac and use_ipvlan.

import { canonicalAddress, familyOf } from "../../lib/ip.ts";
import { interfaceNameRule, isInterfaceName } from "../schema/addresses.ts";
import { accept, type Judged, refuse } from "../schema/judged.ts";
import { yesNo } from "../schema/plain-types.ts";
import type { IpvlanWords, VmacWords } from "../schema/row.ts";
import { asItIs, type KeyType, option } from "../schema/type.ts";

export const vmac: KeyType<VmacWords> = {
  parse: parseVmac,
  print: ({ on, name, mac, group }) =>
    [...option("name", name), ...(mac === null ? [] : [mac]), ...option("group", group)].join(
      " ",
    ) || yesNo(on),
  help: "yes, no or [[name] IF] [MAC] [group N]",
};

export const ipvlan: KeyType<IpvlanWords> = {
  parse: parseIpvlan,
  print({ on, name, address, mode, group }) {
    if (!on) return yesNo(on);
    const own = address === null ? [] : [`${address.address}/${address.prefixLength}`];
    return [...option("name", name), ...own, mode, ...option("group", group)].join(" ");
  },
  help: "yes, no or [[name] IF] [ADDRESS[/LENGTH]] [bridge|private|vepa] [group N]",
};

export const vmacPrefix: KeyType<string> = {
  parse: parseVmacPrefix,
  print: asItIs,
  help: "the beginning of a name, up to 10 letters",
};

const VMAC_RULE =
  "yes, no or [[name] IF] [MAC of 5 or 6 octets] [group N], such as vrrp.51 00:00:5e:00:01:33";
const IPVLAN_RULE = "yes, no or [[name] IF] [ADDRESS[/LENGTH]] [bridge|private|vepa] [group N]";
const PREFIX_BYTES_MAX = 10; // with 6.255 behind it, 15
const GROUP_MAX = 2 ** 31 - 1;
const MODES = ["bridge", "private", "vepa"] as const;

function parseVmac(text: string): Judged<VmacWords> {
  const simple = simpleOf(text);
  if (simple !== undefined) return accept({ on: simple, name: null, mac: null, group: null });
  const common = takeCommon(text.split(/\s+/));
  if (common === undefined) return refuse(VMAC_RULE);
  const macs = common.rest.filter((word) => word.includes(":"));
  const names = common.rest.filter((word) => !word.includes(":"));
  const name = nameFrom(common.named, names);
  if (name === undefined || macs.length > 1) return refuse(VMAC_RULE);
  if (name !== null && !isInterfaceName(name)) return refuse(`"IF": ${interfaceNameRule}`);
  const [written = null] = macs;
  const mac = written === null ? null : macOf(written);
  if (mac === undefined) {
    return refuse("MAC as 5 or 6 octets of one host, such as 02:00:5e:00:01 or 02:00:5e:00:01:33");
  }
  return accept({ on: true, name, mac, group: common.group });
}

function parseIpvlan(text: string): Judged<IpvlanWords> {
  const simple = simpleOf(text);
  const plain = { name: null, group: null, address: null, mode: "bridge" } as const;
  if (simple !== undefined) return accept({ ...plain, on: simple });
  const common = takeCommon(text.split(/\s+/));
  if (common === undefined) return refuse(IPVLAN_RULE);
  const modes = MODES.filter((mode) => common.rest.includes(mode));
  const words = common.rest.filter((word) => !MODES.some((mode) => mode === word));
  const addresses = words.map(addressIn).filter((address) => address !== undefined);
  const names = words.filter((word) => addressIn(word) === undefined);
  const name = nameFrom(common.named, names);
  if (name === undefined || modes.length > 1 || addresses.length > 1) return refuse(IPVLAN_RULE);
  if (name !== null && !isInterfaceName(name)) return refuse(`"IF": ${interfaceNameRule}`);
  const { group } = common;
  return accept({
    on: true,
    name,
    group,
    address: addresses[0] ?? null,
    mode: modes[0] ?? plain.mode,
  });
}

function parseVmacPrefix(text: string): Judged<string> {
  if (isInterfaceName(text) && Buffer.byteLength(text) <= PREFIX_BYTES_MAX) return accept(text);
  return refuse(`1 to ${PREFIX_BYTES_MAX} letters without spaces, slashes and colons`);
}

function simpleOf(text: string): boolean | undefined {
  const word = text.toLowerCase();
  if (["yes", "true", "on"].includes(word)) return true;
  return ["no", "false", "off"].includes(word) ? false : undefined;
}

/** `name IF` and `group N`; undefined = one of them is incomplete, or there twice. */
function takeCommon(words: readonly string[]):
  | {
      readonly named: string | null;
      readonly group: number | null;
      readonly rest: readonly string[];
    }
  | undefined {
  const taken: { name: string | null; group: string | null } = { name: null, group: null };
  const rest: string[] = [];
  for (let i = 0; i < words.length; i += 1) {
    const word = words[i] ?? "";
    if (word !== "name" && word !== "group") {
      rest.push(word);
      continue;
    }
    i += 1;
    const value = words[i];
    if (value === undefined || taken[word] !== null) return undefined;
    taken[word] = value;
  }
  const { name, group } = taken;
  if (group === null) return { named: name, group: null, rest };
  if (!/^\d{1,10}$/.test(group) || Number(group) > GROUP_MAX) return undefined;
  return { named: name, group: Number(group), rest };
}

/** null = none; undefined = more than one. */
function nameFrom(named: string | null, others: readonly string[]): string | null | undefined {
  const all = named === null ? others : [named, ...others];
  return all.length > 1 ? undefined : (all[0] ?? null);
}

/** Two digits an octet; undefined = it is none, or no host's. */
function macOf(written: string): string | undefined {
  if (!/^[\da-f]{1,2}(?::[\da-f]{1,2}){4,5}$/i.test(written)) return undefined;
  const octets = written
    .toLowerCase()
    .split(":")
    .map((octet) => octet.padStart(2, "0"));
  const isGroup = (Number.parseInt(octets[0] ?? "", 16) & 1) === 1;
  return isGroup || octets.every((octet) => octet === "00") ? undefined : octets.join(":");
}

function addressIn(word: string): { address: string; prefixLength: number } | undefined {
  const [written = "", length, ...more] = word.split("/");
  const family = familyOf(written);
  const address = canonicalAddress(written);
  if (family === undefined || address === undefined || more.length > 0) return undefined;
  const max = family === 6 ? 128 : 32;
  const prefixLength = length === undefined ? max : Number(length);
  const isLength = length === undefined || /^\d{1,3}$/.test(length);
  return isLength && prefixLength > 0 && prefixLength <= max
    ? { address, prefixLength }
    : undefined;
}
