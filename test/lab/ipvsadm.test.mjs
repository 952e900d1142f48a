// duet ipvs beside the installed ipvsadm, on the real ip_vs: the same table must read the same, to the byte.
// Most lines are run in this process: a hundred starts of Node would take a minute here.

import { execFileSync, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, symlinkSync } from "node:fs";
import { connect, createServer } from "node:net";
import fc from "fast-check";
import { runIpvs } from "../../build/src/cli/ipvs.js";
import { unshare } from "../../build/src/kernel/ffi.js";
import { ROOT, until } from "../../scripts/lab/topology.mjs";
import { test } from "./lab.mjs";

const CLONE_NEWNET = 0x40000000;
const MAIN = `${ROOT}build/duet/main.js`;
const SEED = Number(process.env["IPVSADM_SEED"] ?? Math.trunc(Math.random() * 2 ** 31));
const TABLES = 4;
const LISTINGS = [
  "-L -n",
  "-L",
  "-l --nosort",
  "-Ln --stats",
  "-Ln --stats --exact",
  "-Ln --rate",
  "-Ln --thresholds",
  "-Ln --persistent-conn",
  "-Ln --tun-info",
  "-S",
  "-S -n",
];

test.before(() => {
  unshare(CLONE_NEWNET);
  run("ip", "link", "set", "lo", "up");
  run("ip", "link", "add", "d0", "type", "dummy");
  run("ip", "link", "set", "d0", "up");
  for (const address of ["10.9.0.1", "10.9.1.1"]) run("ip", "address", "add", address, "dev", "lo");
  run("modprobe", "-q", "ip_vs_pe_sip");
});

test(`random tables read the same in every listing (seed ${SEED})`, async (t) => {
  for (const lines of fc.sample(tables(), { seed: SEED, numRuns: TABLES })) {
    load("ipvsadm", lines);
    const selectors = [...lines.matchAll(/^-A (-\S+ \S+(?: -6)?)/gm)].map(
      ([, selector]) => selector,
    );
    const asked = [...LISTINGS, ...selectors.map((selector) => `-Ln ${selector}`)];
    const theirs = everyIpvsadm(asked);
    for (const [i, line] of asked.entries()) {
      const ours = await duet(line);
      // What ipvsadm drops.
      const text = line.startsWith("-S") ? withoutThresholds(ours.stdout) : ours.stdout;
      t.deepEqual({ ...ours, stdout: text }, theirs[i], `${line} of:\n${lines}`);
    }
  }
});

test("what one saves the other restores, and thresholds survive", async (t) => {
  for (const lines of fc.sample(tables(), { seed: SEED + 1, numRuns: 3 })) {
    load("ipvsadm", lines);
    // What ipvsadm sorts addresses of two families to depends on the order they came in.
    const table = () => ({
      thresholds: serversByService(ipvsadm("-Ln --thresholds").stdout),
      lines: ipvsadm("-Sn").stdout.split("\n").sort(),
    });
    const before = table();
    const theirs = ipvsadm("-Sn").stdout;
    const ours = (await duet("-Sn")).stdout;

    load("duet", ours);
    t.deepEqual(table(), before, `duet ipvs -S | duet ipvs -R, seed ${SEED}`);
    load("ipvsadm", ours);
    t.deepEqual(table(), before, `duet ipvs -S | ipvsadm -R, seed ${SEED}`);
    load("duet", theirs);
    t.deepEqual(table().lines, before.lines, `ipvsadm -S | duet ipvs -R, seed ${SEED}`);
  }
});

test("connections and counters read the same", async (t) => {
  load("ipvsadm", "-A -t 10.9.0.1:80 -s rr -p 60\n-a -t 10.9.0.1:80 -r 10.9.1.1:8080 -m\n");
  const server = createServer((socket) => socket.pipe(socket));
  server.listen(8080, "10.9.1.1");
  await once(server, "listening");
  const clients = [1, 2, 3].map(() => connect(80, "10.9.0.1"));
  for (const client of clients) {
    client.write("x".repeat(2000));
    await once(client, "data");
  }
  const counted = () => / 80 +3 /.test(ipvsadm("-Ln --stats").stdout.replace(":80 ", " 80 "));
  await until("the kernel has counted", counted);
  // The kernel's clock goes on between the two.
  const same = async (line) => ipvsadm(line).stdout === (await duet(line)).stdout;
  for (const line of ["-Ln --stats", "-Ln --rate", "-Ln --persistent-conn", "-Ln", "-Lnc", "-Lc"]) {
    await until(`${line} is the same`, () => same(line));
  }
  t.regex((await duet("-Lnc")).stdout, /^TCP \d\d:\d\d {2}ESTABLISHED 10\.9\.0\.1:\d+/m);
  const { connections } = JSON.parse((await duet("-Lc --json")).stdout);
  t.is(connections.filter(({ state }) => state === "ESTABLISHED").length, 3);
  const { services } = JSON.parse((await duet("-L --json")).stdout);
  t.is(services[0].counters.connections, 3);
  t.like(services[0].real_servers[0], {
    active_connections: 3,
    address: "10.9.1.1",
    forward: "NAT",
  });
  t.is((await duet("-Z")).status, 0);
  t.regex(ipvsadm("-Ln --stats").stdout, /10\.9\.0\.1:80 +0 +0/);
  for (const client of clients) client.destroy();
  server.close();
});

const BY_HAND = [
  "-A -t 10.9.0.1:80", "-E -t 10.9.0.1:80 -s wrr -p 60 -M 255.255.255.0", "-A -u 10.9.0.1:53 -s rr", "-A -f 99 -s sh -b sh-port",
  "-a -t 10.9.0.1:80 -r 10.9.1.1:8080 -m -w 3", "-a -t 10.9.0.1:80 -r 10.9.1.2 -g", "-a -u 10.9.0.1:53 -r 10.9.1.1 -i -w 0 -x 9 -y 3",
  "-a -f 99 -r 10.9.1.1 -i --tun-type gue --tun-port 6080", "-e -t 10.9.0.1:80 -r 10.9.1.1:8080 -m -w 7", "-e -u 10.9.0.1:53 -r 10.9.1.1 -g",
  "-A -t 10.9.0.1:81 -p", "-Z -t 10.9.0.1:80", "-d -t 10.9.0.1:80 -r 10.9.1.2", "-D -u 10.9.0.1:53", "-E -f 99", "-Z", "-C",
]; // biome-ignore format: one after the other

test("by hand: every command does to the table what ipvsadm's does", async (t) => {
  const tableAfterEach = async (command) => {
    load("ipvsadm", "");
    const tables = [];
    for (const line of BY_HAND) {
      t.deepEqual(await command(line), { status: 0, stdout: "", stderr: "" }, line);
      tables.push(`${line}\n${ipvsadm("-Sn").stdout}${ipvsadm("-Ln --thresholds").stdout}`);
    }
    return tables;
  };
  t.deepEqual(await tableAfterEach(duet), await tableAfterEach(ipvsadm));
});

test("timeouts and sync daemons: what one sets the other tells", async (t) => {
  t.deepEqual(await duet("--set 600 0 200"), ipvsadm("--set 600 0 200"));
  t.deepEqual(await duet("-L --timeout"), ipvsadm("-L --timeout"));
  t.is((await duet("-L --timeout")).stdout, "Timeout (tcp tcpfin udp): 600 120 200\n");
  const master =
    "--start-daemon master --mcast-interface d0 --syncid 5 --sync-maxlen 1400 --mcast-group 239.1.2.3 --mcast-port 9000 --mcast-ttl 3";
  t.is((await duet(master)).status, 0);
  t.deepEqual(await duet(master), ipvsadm(master));
  ipvsadm("--start-daemon backup --mcast-interface d0 --mcast-group ff02::5");
  t.deepEqual(await duet("-L --daemon"), ipvsadm("-L --daemon"));
  t.is(JSON.parse((await duet("-L --daemon --json")).stdout).daemons.length, 2);
  t.is((await duet("--stop-daemon backup")).status, 0);
  t.is((await duet("--stop-daemon master")).status, 0);
  t.deepEqual(await duet("--stop-daemon master"), ipvsadm("--stop-daemon master"));
});

const ERRORS = [
  "-A", "-A -q", "-A -t", "-A -L", "-L foo", "foo -L", "-Q", "--li", "-L=n", "-t 10.0.0.1:80", "-L --stats=1",
  "-A -t 10.0.0.1:80 -s nosuch", "-A -t 10.0.0.1", "-A -t 10.0.0.1:80 -o", "-A -t nowhere.invalid:80", "-A -t 80",
  "-A -t [::1 -s rr", "-A -t 10.0.0.1:99999", "-A -t 10.0.0.1:nosuch", "-A -t 10.0.0.1:80 -p 0", "-A -t 10.0.0.1:80 -p -5",
  "-A -t 10.0.0.1:80 -p 9999999", "-A -t 10.0.0.1:80 -M 300.1.1.1", "-A -t [::1]:80 -p 5 -M 129", "-A -f 0", "-A -f x", "-A -f 4294967296",
  "-A -6 -f 1", "-A -t 10.0.0.1:80 -b sh-port", "-A -t 10.0.0.1:80 -s sh -b mh-port", "-A -t 10.0.0.1:80 -b x",
  "-A -t 10.0.0.1:80 -t 10.0.0.1:81", "-A -t 10.0.0.1:80 -f 1", "-A -t 10.0.0.1:80 -r 10.0.0.2", "-A -t 10.0.0.1:80 --pe nosuch -p",
  "-A -t 10.9.0.1:80", "-E -t 10.0.0.1:80", "-E -t 10.9.0.1:80 -s nosuch", "-D -t 10.0.0.1:80", "-D -t 10.9.0.1:80 -s rr", "-C -n",
  "-a -t 10.9.0.1:80", "-a -t 10.0.0.1:80 -r 10.0.0.2", "-a -t 10.9.0.1:80 -r 10.9.1.1:8080 -m", "-a -t 10.9.0.1:80 -r 10.0.0.2 -w -1",
  "-a -t 10.9.0.1:80 -r 10.0.0.2 -w x", "-a -t 10.9.0.1:80 -r 10.0.0.2 -x 5 -y 9", "-a -t 10.9.0.1:80 -r 10.0.0.2 -x 4294967296",
  "-a -t 10.9.0.1:80 -r 224.0.0.1", "-a -t 10.9.0.1:80 -r ::2", "-a -t 10.9.0.1:80 -r 10.0.0.2 -g -m", "-a -t 10.9.0.1:80 -r 10.0.0.2 --tun-type gre",
  "-a -t 10.9.0.1:80 -r 10.0.0.2 -i --tun-type gue", "-a -t 10.9.0.1:80 -r 10.0.0.2 -i --tun-type x", "-a -t 10.9.0.1:80 -r 10.0.0.2 -i --tun-port 5",
  "-a -t 10.9.0.1:80 -r 10.0.0.2 -i --tun-type gre --tun-csum --tun-nocsum", "-a -t 10.9.0.1:80 -r 10.0.0.2 -i --tun-type gre --tun-remcsum",
  "-e -t 10.9.0.1:80 -r 10.0.0.2 -m", "-e -t 10.0.0.1:80 -r 10.0.0.2", "-d -t 10.9.0.1:80 -r 10.0.0.2", "-d -t 10.0.0.1:80 -r 10.0.0.2",
  "-L -t 10.0.0.1:80", "-Lc --stats", "-Lc --timeout", "-L --daemon --persistent-conn", "-Lc -t 10.9.0.1:80", "-L -s rr", "-S --stats", "-Z -n",
  "-Z -t 10.0.0.1:80", "--set 1 2", "--set 1 2 x", "--set 1 2 3 4", "--set", "--start-daemon both", "--start-daemon", "--stop-daemon both",
  "--start-daemon master --mcast-interface nosuch0", "--start-daemon master --syncid 256", "--start-daemon master --mcast-group 10.0.0.1",
  "--start-daemon master --mcast-group ::1", "--start-daemon master --mcast-ttl 0", "--start-daemon master --mcast-port 0", "--stop-daemon backup",
  "--stop-daemon backup --mcast-ttl 3", "-R -n",
]; // biome-ignore format: one after the other

test("what cannot be done is refused with the same words and status", async (t) => {
  load("ipvsadm", "-A -t 10.9.0.1:80 -s rr\n-a -t 10.9.0.1:80 -r 10.9.1.1:8080 -m\n");
  const theirs = everyIpvsadm(ERRORS);
  for (const [i, line] of ERRORS.entries()) t.deepEqual(await duet(line), theirs[i], line);
  t.is(
    ipvsadm("-Sn").stdout,
    "-A -t 10.9.0.1:80 -s rr\n-a -t 10.9.0.1:80 -r 10.9.1.1:8080 -m -w 1\n",
  );
});

test("-R is all or nothing: bad lines are all told, a refusal of the kernel in the middle is rolled back", async (t) => {
  const old = "-A -t 10.9.0.1:80 -s rr\n-a -t 10.9.0.1:80 -r 10.9.1.1:8080 -m -w 1\n";
  load("ipvsadm", old);
  const bad = restore("-A -f 1\n-a -f 1 -r 10.0.0.2:80 -w x\n\n-A -t 10.9.0.1:80\n");
  t.is(bad.status, 2);
  t.is(
    bad.stderr,
    "line 2: illegal weight specified: -a -f 1 -r 10.0.0.2:80 -w x\n" +
      "line 4: Service already exists: -A -t 10.9.0.1:80\n" +
      "duet ipvs: nothing was changed: 2 of 3 lines cannot be used\n",
  );
  const refused = restore(
    "-A -f 1 -s rr\n-a -f 1 -r 10.0.0.2:80\n-E -t 10.9.0.1:80 -s wlc\n-A -f 2 -s nosuch\n-a -f 2 -r 10.0.0.2:80\n" +
      "-a -f 1 -r 224.0.0.1:80\n-d -t 10.9.0.1:80 -r 10.9.1.1:8080\n--set 1 1 1\n",
  );
  t.is(refused.status, 255);
  t.is(
    refused.stderr,
    "line 4: Scheduler or persistence engine not found: -A -f 2 -s nosuch\n" +
      "line 6: Invalid operation.  Possibly wrong module version, address not unicast, ...: -a -f 1 -r 224.0.0.1:80\n" +
      "duet ipvs: nothing was changed\n",
  );
  t.is(ipvsadm("-Sn").stdout, old);
  t.notRegex(ipvsadm("-L --timeout").stdout, / 1 1 1/);
});

test("--replace makes the table what the lines say, diff tells what that would change", async (t) => {
  load(
    "ipvsadm",
    "-A -t 10.9.0.1:80 -s rr\n-a -t 10.9.0.1:80 -r 10.9.1.1:8080 -m -w 1\n-A -f 3 -s rr\n",
  );
  const lines =
    "-A -t 10.9.0.1:80 -s rr\n-a -t 10.9.0.1:80 -r 10.9.1.1:8080 -m -w 5\n-A -f 4 -s wrr\n";
  const diff = () => spawn(["ipvs", "diff", "-"], lines);
  t.deepEqual(diff(), {
    status: 1,
    stdout: "add fwmark 4\nset 10.9.1.1:8080 of tcp 10.9.0.1:80: weight 1 -> 5\nremove fwmark 3\n",
    stderr: "",
  });
  t.deepEqual(spawn(["ipvs", "-R", "--replace"], lines), { status: 0, stdout: "", stderr: "" });
  t.is(ipvsadm("-Sn").stdout, lines);
  t.deepEqual(diff(), { status: 0, stdout: "", stderr: "" });
  t.is(spawn(["ipvs", "-R", "--replace"], "\n# nothing\n").status, 2);
  t.is(ipvsadm("-Sn").stdout, lines);
});

test("under the name ipvsadm it is ipvsadm; without privilege it says what is missing", (t) => {
  const link = `${mkdtempSync("/run/ipvsadm-")}/ipvsadm`;
  symlinkSync(MAIN, link);
  t.deepEqual(told(spawnSync(link, ["-Ln"])), ipvsadm("-Ln"));
  t.deepEqual(told(spawnSync(link, ["-nonsense"])), ipvsadm("-nonsense"));
  t.regex(told(spawnSync(link, ["-h"])).stdout, /^Usage:\n {2}ipvsadm -A\|E /m);
  const nobody = (words) =>
    told(spawnSync("setpriv", ["--reuid=65534", "--clear-groups", ...words]));
  const theirs = nobody(["ipvsadm", "-Ln"]);
  const ours = nobody(["node", MAIN, "ipvs", "-Ln"]);
  t.is(ours.status, theirs.status);
  t.is(ours.stderr, `${theirs.stderr}duet ipvs: CAP_NET_ADMIN is needed, run it as root\n`);
});

function ipvsadm(line, input = "") {
  return told(spawnSync("ipvsadm", line.split(" "), { input }));
}

/** Many lines by one shell: to start a process from here costs the lab kernel a tenth of a second. */
function everyIpvsadm(lines) {
  const folder = mkdtempSync("/run/ipvsadm-");
  const script = `i=0; while read -ra words; do
    ipvsadm "\${words[@]}" >${folder}/$i.out 2>${folder}/$i.err </dev/null; echo $? >${folder}/$i.status
    i=$((i + 1)); done`;
  execFileSync("bash", ["-c", script], { input: lines.map((line) => `${line}\n`).join("") });
  const file = (i, kind) => readFileSync(`${folder}/${i}.${kind}`, "utf8");
  return lines.map((_, i) => ({
    status: Number(file(i, "status")),
    stdout: file(i, "out"),
    stderr: file(i, "err"),
  }));
}

function told({ status, stdout, stderr }) {
  return { status, stdout: stdout.toString(), stderr: stderr.toString() };
}

/** What a start of duet with these words says. */
function spawn(words, input) {
  return told(spawnSync(process.execPath, [MAIN, ...words], { input }));
}

function restore(lines) {
  return spawn(["ipvs", "-R"], lines);
}

/** As ipvsadm calls itself in what it says. */
async function duet(line) {
  const said = { status: 0, stdout: "", stderr: "" };
  const { log, error } = globalThis.console;
  globalThis.console.log = (text) => {
    said.stdout += `${text}\n`;
  };
  globalThis.console.error = (text) => {
    said.stderr += `${text}\n`;
  };
  try {
    said.status = await runIpvs(line.split(" "), "ipvsadm", (parts) => {
      said.stdout += [...parts].join("");
    });
  } finally {
    Object.assign(globalThis.console, { log, error });
  }
  return said;
}

/** The table becomes these lines; each must be taken. */
/** A listing as its services, each with its real servers in an order of ours. */
function serversByService(listing) {
  const services = new Map();
  let servers = [];
  for (const line of listing.split("\n")) {
    if (line.startsWith("  ->")) servers.push(line);
    else services.set(line, (servers = []));
  }
  return Object.fromEntries([...services].map(([line, all]) => [line, all.sort()]));
}

function load(program, lines) {
  execFileSync("ipvsadm", ["-C"]);
  const result = program === "duet" ? restore(lines) : ipvsadm("-R", lines);
  if (result.status !== 0 || result.stderr !== "") throw new Error(`${result.stderr} of\n${lines}`);
}

function run(command, ...args) {
  execFileSync(command, args);
}

function withoutThresholds(text) {
  return text.replaceAll(/( -[xy] \d+)+$/gm, "");
}

/** Tables as lines that ipvsadm restores. Marks stay below the 2147483648 from which on 1.31 prints them as negative. */
function tables() {
  const inet = fc.ipV4().filter((address) => /^(?!0|10\.9|127|2[2-5]\d)/.test(address));
  const inet6 = fc.integer({ min: 1, max: 0xffff }).map((n) => `2001:db8:${n % 7}::${n.toString(16)}`);
  const port = fc.oneof(fc.constantFrom(53, 80, 443, 5060), fc.integer({ min: 1, max: 65535 }));
  const bits = fc.integer({ min: 1, max: 0xffffffff });
  const flags = { sh: "-b sh-port", mh: "-b mh-fallback,mh-port", wlc: "-b flag-1,flag-3" };
  const service = fc
    .record({
      kind: fc.constantFrom("-t", "-u", "--sctp-service", "-f"),
      inet6: fc.boolean(),
      address4: inet,
      address6: inet6,
      port,
      mark: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
      scheduler: fc.constantFrom("rr", "wrr", "lc", "wlc", "lblc", "lblcr", "dh", "sh", "sed", "nq", "fo", "ovf", "mh"),
      hasFlags: fc.boolean(),
      persistence: fc.option(fc.integer({ min: 1, max: 2_678_400 })),
      mask: fc.option(bits),
      servers: fc.uniqueArray(
        fc.record({
          inet6: fc.boolean(),
          address4: inet,
          address6: inet6,
          port,
          weight: fc.oneof(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 2 ** 31 - 1 })),
          upper: fc.option(fc.integer({ min: 1, max: 100_000 })),
          forward: fc.constantFrom("-g", "-m", "-i", "-i --tun-type gue --tun-port 6080 --tun-csum", "-i --tun-type gue --tun-port 9 --tun-remcsum", "-i --tun-type gre --tun-nocsum"),
        }),
        { maxLength: 8, selector: (server) => (server.inet6 ? server.address6 : server.address4) },
      ),
    })
    .map((made) => {
      const isMark = made.kind === "-f";
      const place = made.inet6 ? `[${made.address6}]:${made.port}` : `${made.address4}:${made.port}`;
      const selector = isMark ? `-f ${made.mark}${made.inet6 ? " -6" : ""}` : `${made.kind} ${place}`;
      const mask = made.inet6 ? (made.mask ?? 0) % 128 + 1 : [24, 16, 8, 0].map((shift) => ((made.mask ?? 0) >>> shift) & 255).join(".");
      const words = [
        `-A ${selector} -s ${made.scheduler}`,
        ...(made.persistence === null ? [] : [`-p ${made.persistence}${made.mask === null ? "" : ` -M ${mask}`}`]),
        ...(made.persistence !== null && made.kind === "-u" ? ["--pe sip"] : []),
        ...(made.kind === "-u" && made.persistence === null ? ["-o"] : []),
        ...(made.hasFlags && flags[made.scheduler] !== undefined ? [flags[made.scheduler]] : []),
      ];
      const servers = made.servers.map((server) => {
        const isForeign = server.inet6 !== made.inet6;
        const forward = isForeign && !server.forward.startsWith("-i") ? "-i" : server.forward;
        const at = server.inet6 ? `[${server.address6}]:${server.port}` : `${server.address4}:${server.port}`;
        const limits = server.upper === null ? "" : ` -x ${server.upper} -y ${server.upper >> 1}`;
        return `-a ${selector} -r ${at} ${forward} -w ${server.weight}${limits}`;
      });
      return { selector, lines: [words.join(" "), ...servers] };
    });
  return fc
    .uniqueArray(service, { minLength: 3, maxLength: 10, selector: ({ selector }) => selector })
    .map((services) => services.flatMap(({ lines }) => lines).map((line) => `${line}\n`).join(""));
} // biome-ignore format: dense on purpose
