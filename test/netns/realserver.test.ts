// duet realserver on this kernel: real addresses, real settings, a neighbour that asks for them.

import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import test, { type ExecutionContext } from "ava";
import { here } from "../helpers/daemon-place.ts";
import { enterNewNetwork, ip, openNeighbour, sysctl } from "../helpers/netns.ts";
import { networkChanges, networkDump } from "../helpers/network-dump.ts";
import { temporaryDirectory } from "../helpers/sockets.ts";
import { eventually } from "../helpers/wait.ts";

const MAIN = "build/duet/main.js";
const VIP = "10.9.0.100";
const OTHER = "10.9.0.101";
const VIP6 = "2001:db8:9::100";

enterNewNetwork({ ipv6: true });
const there = await openNeighbour("here0", "there0", { ipv6: true });
test.after.always(() => there.close());
const server = createServer((socket) => socket.destroy());
let port = 0;
test.before(async () => {
  await once(server.listen(0, "::"), "listening");
  ({ port } = server.address() as AddressInfo);
});
test.after.always(() => server.close());
ip("address add 10.9.0.1/24 dev here0");
ip("address add 2001:db8:9::1/64 dev here0");
ip("route add default via 10.9.0.254 metric 900");
ip("-6 route add default via 2001:db8:9::254 metric 900");
there.run("ip address add 10.9.0.2/24 dev there0");
there.run("ip address add 2001:db8:9::2/64 dev there0");
// Who does not answer is given up after 0.15 s.
there.run(
  "sysctl -qw net.ipv4.neigh.there0.retrans_time_ms=50 net.ipv6.neigh.there0.retrans_time_ms=50",
);

const settings = [
  "all.arp_ignore=0",
  "lo.arp_ignore=0",
  "all.arp_announce=0",
  "here0.arp_ignore=0",
  "all.rp_filter=0",
  "here0.rp_filter=0",
];

test.beforeEach(() => {
  for (const setting of settings) sysctl(`net.ipv4.conf.${setting}`);
});

const clean = networkDump(here);

test.afterEach.always((t) => {
  t.deepEqual(networkChanges(clean, networkDump(here)), [], "a test leaves the network as it was");
});

test.serial(
  "DR: served, silent for ARP and neighbour discovery, and all as before after stop",
  async (t) => {
    const duet = commandIn(t);
    for (const address of [`${VIP}/32`, `${VIP6}/128`]) ip(`address add ${address} dev lo`);
    t.true(await answers(VIP), "so it is without duet");
    t.false(await answers(VIP6), "IPv6 is silent by itself");
    for (const address of [`${VIP}/32`, `${VIP6}/128`]) ip(`address del ${address} dev lo`);

    t.like(duet("dr", "start", VIP, VIP6), { status: 0, stderr: "" });
    t.regex(
      ip(`-o -4 address show dev lo to ${VIP}`),
      /inet 10\.9\.0\.100\/32 scope global lo:duet\\/,
    );
    t.regex(
      ip(`-o -6 address show dev lo to ${VIP6}`),
      /inet6 2001:db8:9::100\/128 scope global (nodad )?deprecated/,
    );
    t.false(await answers(VIP));
    t.false(await answers(VIP6));
    t.true(takes(VIP), "what a director sends here is taken");
    t.true(takes(VIP6));
    t.like(duet("dr", "status"), { status: 0, stderr: "" });
    const { stdout } = duet("dr", "status", "--json");
    t.like(JSON.parse(stdout), {
      mode: "dr",
      vips: [VIP, VIP6],
      via: null,
      started: true,
      ok: true,
    });

    t.like(duet("dr", "stop"), { status: 0, stderr: "" });
    t.deepEqual(networkChanges(clean, networkDump(here)), []);
    t.false(existsSync(`${duet.runDir}/realserver.json`));
  },
);

test.serial(
  "start twice is once, another list is the difference, and what was before is kept",
  (t) => {
    const duet = commandIn(t);
    sysctl("net.ipv4.conf.all.arp_announce=1");
    t.is(duet("dr", "start", VIP).status, 0);
    const after = networkDump(here);
    t.like(duet("dr", "start", VIP), { status: 0, stdout: "" });
    t.deepEqual(networkChanges(after, networkDump(here)), []);
    ip(`address del ${VIP}/32 dev lo`);
    sysctl("net.ipv4.conf.all.arp_ignore=0");
    t.like(duet("dr", "start", VIP), {
      status: 0,
      stdout: `set net/ipv4/conf/all/arp_ignore to 1\nput ${VIP} on lo\n`,
    });
    t.deepEqual(networkChanges(after, networkDump(here)), [], "what somebody took off is back");
    t.like(duet("dr", "start", OTHER), { stdout: `put ${OTHER} on lo\ntake ${VIP} off lo\n` });
    t.like(duet("dr", "start", OTHER, VIP), { stdout: `put ${VIP} on lo\n` });
    t.like(duet("dr", "stop", OTHER), { stdout: `take ${OTHER} off lo\n` });
    t.deepEqual(networkChanges(after, networkDump(here)), []);
    t.is(duet("dr", "stop").status, 0);
    t.regex(here.run("sysctl net.ipv4.conf.all.arp_announce"), /= 1$/m);
    sysctl("net.ipv4.conf.all.arp_announce=0");
  },
);

test.serial("stricter settings stay, what is another's stays, and it is said", (t) => {
  const duet = commandIn(t);
  sysctl("net.ipv4.conf.all.arp_ignore=2");
  ip(`address add ${OTHER}/32 dev lo`);
  t.is(duet("dr", "start", VIP, OTHER).status, 0);
  t.regex(here.run("sysctl net.ipv4.conf.all.arp_ignore"), /= 2$/m);
  sysctl("net.ipv4.conf.lo.arp_ignore=8");
  const { status, stderr } = duet("dr", "stop");
  t.is(status, 0);
  t.is(
    stderr,
    "duet realserver: net/ipv4/conf/lo/arp_ignore is 8, which somebody else made it: it stays\n",
  );
  t.is(ip(`-o address show to ${VIP}`), "");
  t.not(ip(`-o address show to ${OTHER}`), "", "it was there before");
  ip(`address del ${OTHER}/32 dev lo`);
  for (const setting of ["all.arp_ignore=0", "lo.arp_ignore=0"]) sysctl(`net.ipv4.conf.${setting}`);
});

const ROUTES = [
  "default via 10.9.0.3 dev here0",
  "default via 10.9.0.4 dev here0 metric 100",
  "-6 default via 2001:db8:9::3 dev here0 metric 1",
];

test.serial(
  "NAT: the director's route is the one that is used; those before are back after stop, in their order",
  (t) => {
    const duet = commandIn(t);
    addRoutes(t);
    const before = networkDump(here);
    t.like(duet("nat", "start", "--via", "10.9.0.2"), {
      status: 0,
      stdout: "make the default route via 10.9.0.2\nremove the default route via 10.9.0.3\n",
    });
    t.regex(ip("route get 192.0.2.1"), / via 10\.9\.0\.2 dev here0 /);
    t.like(duet("nat", "start", "--via", "10.9.0.2"), { status: 0, stdout: "" });
    t.like(duet("nat", "status"), { status: 0, stdout: "nat via 10.9.0.2: all right\n" });
    t.is(duet("nat", "start", "--via", "10.9.0.5").status, 0);
    t.regex(ip("route get 192.0.2.1"), / via 10\.9\.0\.5 dev here0 /);
    t.is(duet("nat", "stop").status, 0);
    t.deepEqual(networkChanges(before, networkDump(here)), []);
    t.is(duet("nat", "start", "--via", "2001:db8:9::2").status, 0);
    t.regex(ip("-6 route get 2001:db8::1"), / via 2001:db8:9::2 dev here0 /);
    t.is(duet("nat", "stop").status, 0);
    t.deepEqual(networkChanges(before, networkDump(here)), []);
  },
);

test.serial("a start that cannot be carried out changes nothing", (t) => {
  const duet = commandIn(t);
  addRoutes(t);
  const before = networkDump(here);
  const { status, stderr, stdout } = duet("nat", "start", "--via", "192.0.2.77");
  t.like({ status, stdout }, { status: 1, stdout: "" });
  t.regex(
    stderr,
    /^duet realserver: Cannot make the default route via 192\.0\.2\.77: .*ENETUNREACH/,
  );
  t.deepEqual(networkChanges(before, networkDump(here)), []);
  t.false(existsSync(`${duet.runDir}/realserver.json`));
  t.is(duet("dr", "start", VIP).status, 0);
  const tunnel = duet("tun", "start", VIP);
  t.is(tunnel.status, 1);
  t.regex(tunnel.stderr, /started in another mode/);
  t.is(duet("dr", "stop").status, 0);
});

test.serial("without CAP_NET_ADMIN it says so", (t) => {
  const runDir = temporaryDirectory(t);
  const words = [
    "--bounding-set",
    "-net_admin",
    "--inh-caps",
    "-net_admin",
    process.execPath,
    MAIN,
  ];
  const run = (...args: readonly string[]) =>
    spawnSync("setpriv", [...words, "realserver", ...args, "--run-dir", runDir], {
      encoding: "utf8",
    });
  t.like(run("dr", "start", VIP), {
    status: 1,
    stderr: "duet realserver: Cannot start dr: CAP_NET_ADMIN is needed, run it as root\n",
  });
  t.is(run("dr", "status", VIP).status, 1, "looking is for everybody");
});

test.serial(
  "without its memory stop takes off what carries the mark, and says what it cannot know",
  (t) => {
    const duet = commandIn(t);
    const file = `${duet.runDir}/realserver.json`;
    t.is(duet("dr", "start", VIP).status, 0);
    // A file of before the boot is none.
    writeFileSync(file, readFileSync(file, "utf8").replace(/"bootId": "./, '"bootId": "_'));
    ip(`address add ${OTHER}/32 dev lo`);
    const { status, stdout, stderr } = duet("dr", "stop");
    t.like({ status, stdout }, { status: 0, stdout: `take ${VIP} off lo\n` });
    t.regex(
      stderr,
      /there is no memory of a start in .*realserver\.json: what carries duet's mark is known/,
    );
    t.not(ip(`-o address show to ${OTHER}`), "", "it carries none");
    ip(`address del ${OTHER}/32 dev lo`);
    sysctl("net.ipv4.conf.lo.arp_announce=0");
    for (const setting of settings) sysctl(`net.ipv4.conf.${setting}`);
    writeFileSync(file, "{");
    t.regex(duet("dr", "stop").stderr, /Cannot use .*: it is not what duet writes\./);
  },
);

test.serial("status names what is wrong with a machine that somebody set up by hand", (t) => {
  const duet = commandIn(t);
  const codes = (...words: readonly string[]) => {
    const { stdout } = duet(...words, "--json");
    const { ok, problems } = JSON.parse(stdout) as {
      ok: boolean;
      problems: { code: string; repair: string }[];
    };
    return {
      ok,
      codes: problems.map(({ code }) => code),
      repairs: problems.map(({ repair }) => repair),
    };
  };
  t.deepEqual(codes("dr", "status").codes, ["not_started"]);
  addRoutes(t);
  t.deepEqual(codes("dr", "status", VIP).codes, ["vip_missing", "answers_arp", "announces_vip"]);
  // Each repair is a command that works.
  for (const repair of codes("dr", "status", VIP).repairs.slice(1)) here.run(repair);
  ip(`address add ${VIP}/24 dev here0`);
  ip(`address add ${OTHER}/32 dev lo`);
  const found = codes("dr", "status", VIP, OTHER);
  t.deepEqual(found.codes, ["vip_missing", "vip_visible"]);
  here.run(found.repairs[1] ?? "");
  ip(`address add ${VIP}/24 dev lo`);
  t.deepEqual(codes("dr", "status", VIP).codes, ["vip_too_wide"]);
  ip(`address del ${VIP}/24 dev lo`);
  ip(`address add ${VIP}/32 dev lo`);
  t.deepEqual(codes("dr", "status", VIP, OTHER), { ok: true, codes: [], repairs: [] });
  t.deepEqual(codes("nat", "status", "--via", "10.9.0.2").codes, ["wrong_gateway"]);
  t.deepEqual(codes("nat", "status", "--via", "10.9.0.3", VIP).codes, ["vip_is_here"]);
  for (const address of [VIP, OTHER]) ip(`address del ${address}/32 dev lo`);
  t.deepEqual(codes("nat", "status", "--via", "10.9.0.3", VIP), {
    ...codes("nat", "status", "--via", "10.9.0.3", VIP),
    ok: true,
    codes: ["shared_network"],
  });
  const tun = codes("tun", "status", VIP).codes;
  t.true(tun[0] === "tunnel_missing" || tun[0] === "tunnel_down", tun.join());
  for (const setting of settings) sysctl(`net.ipv4.conf.${setting}`);
});

type Ran = { readonly status: number | null; readonly stdout: string; readonly stderr: string };

function commandIn(t: ExecutionContext) {
  const runDir = temporaryDirectory(t);
  const run = (...words: readonly string[]): Ran => {
    const args = [MAIN, "realserver", ...words, "--run-dir", runDir];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, {
      encoding: "utf8",
      timeout: 60_000,
    });
    return { status, stdout, stderr };
  };
  return Object.assign(run, { runDir });
}

function addRoutes(t: ExecutionContext): void {
  for (const route of ROUTES) ip(withFamily("route add", route));
  t.teardown(() => {
    for (const route of ROUTES) ip(withFamily("route del", route));
  });
}

function withFamily(verb: string, route: string): string {
  return route.startsWith("-6 ") ? `-6 ${verb} ${route.slice(3)}` : `${verb} ${route}`;
}

/** Does the machine tell a neighbour that asks where the address is? A silence counts when the link is alive after it. */
async function answers(address: string): Promise<boolean> {
  const first = await isTold(address);
  if (first) return true;
  await eventually("the machine's own address", () => isTold("10.9.0.1"));
  return isTold(address);
}

async function isTold(address: string): Promise<boolean> {
  there.run("ip neighbour flush dev there0");
  inside(`echo >/dev/udp/${address}/9`);
  const told = await eventually("an end of the question", () => {
    const state = there.run(`ip neighbour show ${address} dev there0`);
    return /lladdr|FAILED/.exec(state)?.[0];
  });
  return told === "lladdr";
}

/** Does it take a connection to the address from somebody who knows where it is, as a director does? */
function takes(address: string): boolean {
  const mac = /link\/ether (\S+)/.exec(ip("-o link show dev here0"))?.[1];
  there.run(`ip neighbour replace ${address} lladdr ${mac} dev there0 nud permanent`);
  const { status } = inside(`exec 3<>/dev/tcp/${address}/${port}`);
  there.run(`ip neighbour del ${address} dev there0`);
  return status === 0;
}

function inside(script: string) {
  const words = [
    "--target",
    String(there.pid),
    "--net",
    "timeout",
    "10",
    "bash",
    "--norc",
    "-c",
    script,
  ];
  return spawnSync("nsenter", words, { encoding: "utf8" });
}
