// What stands in scripts beside ipvsadm, and who does it here. A script says nothing about what it is for; the lines that everybody
// copies do.

type Meaning = { readonly message: string; readonly severity: "warning" | "note" };

/** Without a word: what only prints, asks, or is of the script itself. */
const SILENT =
  /^(echo|printf|exit|return|true|false|:|\.|source|test|\[|\[\[|set|shift|sleep|touch|rm|cat|logger|which|trap|umask|cd|wait|read|unset|log_\w+|success|failure)$/;

type Row = readonly [RegExp, Meaning["severity"], string];

/** By the whole line. */
const MEANINGS: readonly Row[] = [
  [/ip_forward/, "note", "duet sets it while a virtual server with lb_kind = NAT is there (lvs_ip_forward)"],
  [/arp_ignore|arp_announce|\btunl0\b|\blo:\S+|\bdev\s+lo\b|rp_filter/, "note", "it is for a real server: duet realserver does it there"],
  [/send_redirects|accept_redirects/, "note", "duet leaves it as it is: write it into /etc/sysctl.d"],
  [/\bnet[./]ipv4[./]vs[./]/, "warning", 'write "lvs_sysctl[] = NAME VALUE" into [global]'],
  [/^(\S*\/)?(modprobe|insmod|depmod)\b/, "note", "the kernel loads the modules of IPVS when duet asks for it"],
  [/\bMARK\b|\bmark set\b/, "warning", 'write "mark[] = ADDRESS:PORT tcp" beside fwmark: duet makes the mark'],
  [/^(\S*\/)?(iptables|ip6tables|nft|firewall-cmd|ufw)\b/, "warning", "duet changes no firewall but its own tables"],
  [/^(\S*\/)?(ifconfig\b|ip(\s+-\S+)*\s+(a|addr|address)\b)/, "warning", "an address moves between directors as virtual_ipaddress[] of a [vrrp_instance]; one that stays is static_ipaddress[] of [global]"],
  [/^(\S*\/)?(route\b|ip(\s+-\S+)*\s+(r|route|rule|link|l)\b)/, "warning", "routes and rules of a director are static_routes[] and static_rules[] of [global]"],
  [/\b(keepalived|ldirectord|heartbeat)\b/, "note", "duet takes the place of it (duet check reads its file)"],
  [/ipvsadm-save\b|ipvsadm\.rules\b|\/etc\/sysconfig\/ipvsadm\b/, "note", "duet makes the table of its configuration at each start"],
  [/^(\S*\/)?(service|systemctl|chkconfig|update-rc\.d|rc-service|sysctl\s+-p)\b/, "note", "it is for the system"],
]; // biome-ignore format: a table, a row a line

export function meaningOf(words: readonly string[], text: string): Meaning | undefined {
  const [name = ""] = words;
  const line = text.replace(/\s+/g, " ");
  const row = MEANINGS.find(([pattern]) => pattern.test(line));
  const isSetting = />\s*\/proc\//.test(line);
  if (row === undefined && SILENT.test(name.replace(/^.*\//, "")) && !isSetting) return undefined;
  const [, severity, who] = row ?? [/./, "note", "duet runs no lines of a script"];
  const shown = line.length > 80 ? `${line.slice(0, 80)}…` : line;
  return { severity, message: `"${shown}" is not carried over: ${who}` };
}

/** Is this text ipvsadm's? It begins with a line of `ipvsadm -S`, or is a script that calls ipvsadm. */
export function isIpvsadm(text: string): boolean {
  const first = /^[^\S\n]*([^\s#].*)$/m.exec(text)?.[1] ?? "";
  if (/^(-[ACEDaedR]\w*|--(add|edit|delete|clear|set|start|stop)\b\S*)(\s|$)/.test(first))
    return true;
  if (/^(\[[a-z_]+[^\]\s]*\]\s*$|include\b)/.test(first)) return false;
  return /^(?!\s*[#;]).*\bipvsadm\b/m.test(text);
}
