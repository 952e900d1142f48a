// Options that look like ipvsadm's and are another program's: what they are, for who has a file of that one.

/** ipvsadm of DPVS, by letter and long name. */
const DPVS: Readonly<Record<string, string>> = {
  "-b": "full NAT",
  "--fullnat": "full NAT",
  "-z": "the address that full NAT sends from",
  "--laddr": "the address that full NAT sends from",
  "-F": "the interface of an address",
  "--ifname": "the interface of an address",
  "-P": "adding an address that full NAT sends from",
  "--add-laddr": "adding an address that full NAT sends from",
  "-Q": "deleting an address that full NAT sends from",
  "--del-laddr": "deleting an address that full NAT sends from",
  "-G": "listing the addresses that full NAT sends from",
  "--get-laddr": "listing the addresses that full NAT sends from",
  "-U": "adding an address to be refused",
  "--add-blklst": "adding an address to be refused",
  "-j": "SNAT of the connections from inside",
  "-J": "the hash of a scheduler",
  "--hash-target": "the hash of a scheduler",
  "--synproxy": "answering SYN in place of the real server",
};

/** What is wrong with a line that ipvsadm refuses, when it is another program's; undefined = it is not, as far as one can tell. */
export function foreignOption(words: readonly string[], message: string): string | undefined {
  // -b is the flags of a scheduler here, so only a complaint about it says that it is not.
  const isOfFlags = /^-\w*b\w*: |sched-flags|scheduler flag/.test(message);
  const found = words.find((one) => DPVS[one] !== undefined && (one !== "-b" || isOfFlags));
  if (found !== undefined) {
    return `${found} is an option of DPVS (${DPVS[found]}), which the kernel's IPVS does not have`;
  }
  const unknown = /^(\S+): unknown option$/.exec(message)?.[1];
  return unknown && `${unknown} is no option of ipvsadm (duet ipvs -h)`;
}
