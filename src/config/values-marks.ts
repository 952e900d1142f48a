// Lines of mark: the packets that duet gives a firewall mark.

import type { Mark } from "../ipvs/marks.ts";
import { hostPort } from "../lib/ip.ts";
import { parseEndpoint } from "./addresses.ts";
import { accept, type Judged, numberIn, refuse } from "./judged.ts";
import { didYouMean } from "./suggest.ts";
import type { KeyType } from "./type.ts";

const protocols = ["tcp", "udp", "sctp"] as const;

export const mark: KeyType<Mark> = {
  parse: parseMark,
  print: formatMark,
  help: "ADDRESS:PORT[-PORT] [tcp|udp|sctp], [ADDRESS]:PORT for IPv6",
};

/** ADDRESS:PORT[-PORT] [tcp|udp|sctp] */
export function parseMark(text: string): Judged<Mark> {
  const right =
    "ADDRESS:PORT [tcp|udp|sctp], such as 10.0.0.1:443, 10.0.0.1:8000-8010 udp or [2001:db8::1]:80 tcp";
  const [where = "", word = "tcp", ...rest] = text.split(/\s+/);
  const protocol = protocols.find((each) => each === word.toLowerCase());
  if (rest.length > 0) return refuse(right);
  if (protocol === undefined) return refuse(`${right}${didYouMean(word, protocols)}`);
  const range = /^(.*:\d+)-(\d+)$/.exec(where);
  const endpoint = parseEndpoint(range?.[1] ?? where, "required");
  if (!endpoint.ok) return refuse(right);
  const { address, port } = endpoint.value;
  const firstPort = port ?? 0;
  const lastPort = range === null ? firstPort : numberIn(range[2], 1, 65535);
  if (lastPort === undefined) return refuse(`${right}, with ports from 1 to 65535`);
  if (lastPort < firstPort) return refuse(`${right}, and a range that goes upwards`);
  return accept({ address, firstPort, lastPort, protocol });
}

/** parseMark() makes the same of it. */
export function formatMark({ address, firstPort, lastPort, protocol }: Mark): string {
  const range = firstPort === lastPort ? "" : `-${lastPort}`;
  return `${hostPort(address, firstPort)}${range} ${protocol}`;
}
