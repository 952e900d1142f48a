// A raw socket of protocol 112 that is bound to one interface. raw(7), socket(7).

import { IPPROTO_VRRP } from "../wire/vrrp.ts";
import { KernelError } from "./errors.ts";
import { check, close, errno, ifNameToIndex, setOption, socket } from "./ffi.ts";
import { SO_BINDTODEVICE, SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_RAW } from "./numbers.ts";

export type Device = { readonly name: string; readonly index: number };

/** The index of an interface by its name. Throws KernelError ENODEV. */
export function ifIndexOf(name: string): number {
  const index = ifNameToIndex(name);
  if (index === 0) throw new KernelError(`index of ${name}`, errno());
  return index;
}

/** `domain`: AF_INET or AF_INET6. Throws KernelError (EPERM, ENODEV). */
export function openRawVrrp(domain: number, device: Device): number {
  const type = SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC;
  const fd = check("socket vrrp", socket(domain, type, IPPROTO_VRRP));
  try {
    setOption(fd, SO_BINDTODEVICE, Buffer.from(`${device.name}\0`));
  } catch (error) {
    close(fd);
    throw error;
  }
  return fd;
}
