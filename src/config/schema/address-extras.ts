// The rarer words of an address line: peer, flags and preferred_lft. What is not said is left out.

import { canonicalAddress, type Family, familyOf } from "../../lib/ip.ts";
import type { Vip } from "../../vip/model.ts";
import { accept, type Judged, refuse } from "./judged.ts";

export type AddressExtras = Pick<
  Vip,
  "peer" | "noPrefixRoute" | "home" | "dad" | "preferredLftS" | "noTrack"
>;

export const extraWords = [
  "peer",
  "noprefixroute",
  "home",
  "-nodad",
  "preferred_lft",
  "no_track",
] as const;

/** The other words, in their order, and what these words say. A peer's prefix length is the address's. */
export function takeExtras(
  words: readonly string[],
  family: Family,
): Judged<{
  readonly rest: readonly string[];
  readonly extras: AddressExtras;
  readonly peerLength: number | null;
}> {
  const rest: string[] = [];
  let extras: AddressExtras = {};
  let peerLength: number | null = null;
  for (let i = 0; i < words.length; i += 1) {
    const word = words[i] ?? "";
    switch (word) {
      case "peer": {
        const peer = parsePrefix(words[++i] ?? "");
        if (peer === undefined || familyOf(peer.address) !== family) {
          return refuse(`"peer ADDRESS[/LENGTH]" with an address of the same family`);
        }
        extras = { ...extras, peer: peer.address };
        peerLength = peer.prefixLength;
        break;
      }
      case "preferred_lft": {
        const text = words[++i] ?? "";
        if (text !== "forever" && !/^\d{1,9}$/.test(text)) {
          return refuse('"preferred_lft" with seconds or forever');
        }
        extras = { ...extras, preferredLftS: text === "forever" ? null : Number(text) };
        break;
      }
      case "noprefixroute":
        extras = { ...extras, noPrefixRoute: true };
        break;
      case "no_track":
        extras = { ...extras, noTrack: true };
        break;
      case "home":
      case "-nodad":
        if (family !== 6) return refuse(`without ${word}: it is for IPv6 addresses`);
        extras = { ...extras, ...(word === "home" ? { home: true } : { dad: true }) };
        break;
      default:
        // The words of two that are known elsewhere: "label home" is a label.
        rest.push(...words.slice(i, i + 2));
        i += 1;
    }
  }
  return accept({ rest, extras, peerLength });
}

/** " peer 10.0.0.2 no_track": takeExtras() makes the same of it. */
export function formatExtras(
  vip: AddressExtras & { readonly prefixLength: number },
): readonly string[] {
  const words: string[] = [];
  if (vip.peer !== undefined) words.push("peer", `${vip.peer}/${vip.prefixLength}`);
  if (vip.noPrefixRoute) words.push("noprefixroute");
  if (vip.home) words.push("home");
  if (vip.dad) words.push("-nodad");
  if (vip.preferredLftS !== undefined) {
    words.push("preferred_lft", String(vip.preferredLftS ?? "forever"));
  }
  if (vip.noTrack) words.push("no_track");
  return words;
}

/** ADDRESS[/LENGTH]; host bits may be set. */
export function parsePrefix(
  text: string,
): { readonly address: string; readonly prefixLength: number } | undefined {
  const [written = "", length, ...more] = text.split("/");
  const address = canonicalAddress(written);
  const family = address === undefined ? undefined : familyOf(address);
  if (address === undefined || family === undefined || more.length > 0) return undefined;
  const max = family === 6 ? 128 : 32;
  if (length !== undefined && !/^\d{1,3}$/.test(length)) return undefined;
  const prefixLength = length === undefined ? max : Number(length);
  return prefixLength > max ? undefined : { address, prefixLength };
}
