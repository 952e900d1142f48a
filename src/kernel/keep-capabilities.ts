// Gives up what this process may do and need not. capset(2).

import { CAPABILITIES, type Capability } from "./capabilities.ts";
import { check, declare } from "./ffi.ts";

const VERSION_3 = 0x2008_0522;
/** struct __user_cap_data_struct[2]: effective, permitted, inheritable of 32 capabilities each, low ones first. */
const DATA_BYTES = 24;
const HALF_BYTES = 12;
const WORDS_A_HALF = 3;

const capget = declare<(header: Uint8Array, data: Uint8Array) => number>(
  "int capget(void *, void *)",
);
const capset = declare<(header: Uint8Array, data: Uint8Array) => number>(
  "int capset(void *, const void *)",
);

/**
 * Gives up all others, for good. A program that root starts from here gets back what the bounding set allows (capabilities(7),
 * "Capabilities and execution of programs by root"), so scripts are not bound by it, unless no_new_privs is set.
 */
export function keepCapabilities(kept: readonly Capability[]): void {
  // Zero in it is this thread; those that it starts from now on inherit what is left.
  const header = Buffer.alloc(8);
  header.writeUInt32LE(VERSION_3, 0);
  const data = Buffer.alloc(DATA_BYTES);
  check("capget", capget(header, data));
  const bits = kept.reduce((all, name) => all | (1 << CAPABILITIES[name]), 0);
  for (let word = 0; word < WORDS_A_HALF; word += 1) {
    data.writeUInt32LE((data.readUInt32LE(word * 4) & bits) >>> 0, word * 4);
    // No capability above 31 is of use here.
    data.writeUInt32LE(0, HALF_BYTES + word * 4);
  }
  check("capset", capset(header, data));
}
