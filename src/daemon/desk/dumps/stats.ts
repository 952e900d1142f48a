// keepalived.stats: the counters of each instance as text. Pure.

import type { Config } from "../../../config/model.ts";
import type { Status } from "../../../control/status.ts";
import { type Counts, type Dumped, dumpedOf } from "./words.ts";

export function statsText(
  config: Config,
  status: Status,
  countsNow: (dumped: Dumped) => Counts,
): string {
  return dumpedOf(config, status)
    .map((dumped) => instanceText(dumped.status.name, countsNow(dumped)))
    .join("");
}

function instanceText(name: string, counts: Counts): string {
  return `VRRP Instance: ${name}
  Advertisements:
    Received: ${counts.advert_rcvd}
    Sent: ${counts.advert_sent}
  Became master: ${counts.become_master}
  Released master: ${counts.release_master}
  Packet Errors:
    Length: ${counts.packet_len_err}
    TTL: ${counts.ip_ttl_err}
    Invalid Type: ${counts.invalid_type_rcvd}
    Advertisement Interval: ${counts.advert_interval_err}
    Address List: ${counts.addr_list_err}
  Authentication Errors:
    Invalid Type: ${counts.invalid_authtype}
    Type Mismatch: ${counts.authtype_mismatch}
    Failure: ${counts.auth_failure}
  Priority Zero:
    Received: ${counts.pri_zero_rcvd}
    Sent: ${counts.pri_zero_sent}
`;
}
