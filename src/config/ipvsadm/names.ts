// Names of hosts in lines of ipvsadm stay as they are written: they are looked up later, as all are. Meanwhile each stands for an
// address that nobody can have (240.0.0.0/4, RFC 1112 section 4), so that the table on paper tells them apart.

import type { Names } from "../../ipvs/ipvsadm/values.ts";
import type { Protocol } from "../../ipvs/model.ts";
import type { Outside } from "../keepalived/outside.ts";
import { parseServices } from "../names/look-up.ts";

const FIRST = 240 * 2 ** 24;

export class NamesAsWritten implements Names {
  readonly #places = new Map<string, string>();
  readonly #hosts = new Map<string, string>();
  readonly #outside: Pick<Outside, "read">;
  #ports: ReadonlyMap<string, number> | undefined;

  constructor(outside: Pick<Outside, "read">) {
    this.#outside = outside;
  }

  readonly addressOf = (host: string): string | undefined => {
    if (!/^[A-Za-z0-9_]([\w.-]*\w)?$/.test(host)) return undefined;
    const number = FIRST + this.#places.size + 1;
    const address =
      this.#places.get(host) ??
      [24, 16, 8, 0].map((bits) => Math.floor(number / 2 ** bits) % 256).join(".");
    this.#places.set(host, address);
    this.#hosts.set(address, host);
    return address;
  };

  readonly hostOf = (address: string): string | undefined => this.#hosts.get(address);

  readonly portOf = (service: string, protocol: Protocol): number | undefined => {
    this.#ports ??= parseServices(this.#outside.read("/etc/services") ?? "");
    return this.#ports.get(`${service}/${protocol}`);
  };

  readonly serviceOf = (): undefined => undefined;
}
