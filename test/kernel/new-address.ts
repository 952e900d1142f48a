import type { NewAddress } from "../../src/kernel/addresses.ts";

/** An address to put on, to be varied. */
export function newAddress(
  change: Partial<NewAddress> & Pick<NewAddress, "interfaceIndex">,
): NewAddress {
  return {
    address: "203.0.113.1",
    prefixLength: 32,
    scope: 0,
    label: null,
    broadcast: null,
    leaseS: null,
    ...change,
  };
}
