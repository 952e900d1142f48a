// Checks of databases against those of Debian, on high ports of 127.0.0.1, as nobody.

import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import test from "ava";
import { probe } from "../../build/src/check/probes/index.js";
import { timeoutClock } from "../../build/src/lib/clock.js";
import { certificates } from "../../build/test/helpers/certificates.js";
import { commonCheck } from "../../build/test/helpers/checks.js";
import { accepting, startProgram } from "../../build/test/helpers/programs.js";
import { temporaryDirectory } from "../../build/test/helpers/sockets.js";
import { eventually } from "../../build/test/helpers/wait.js";

const NOBODY = 65534;
const login = { name: "probe", password: "secret" };

test("postgresql: a primary and its standby", async (t) => {
  t.timeout(120_000);
  const bin = execFileSync("sh", ["-c", "ls -d /usr/lib/postgresql/*/bin | tail -1"])
    .toString()
    .trim();
  t.log(execFileSync(`${bin}/postgres`, ["--version"]).toString().trim());
  const { directory, ca } = place(t);
  writeFileSync(`${directory}/password`, "secret\n", { mode: 0o644 });
  const first = { data: `${directory}/first`, port: await freePort() };
  const second = { data: `${directory}/second`, port: await freePort() };
  as(
    `${bin}/initdb`,
    "-N",
    "-D",
    first.data,
    "-U",
    "probe",
    `--pwfile=${directory}/password`,
    "-A",
    "scram-sha-256",
  );
  await start(first);
  const copied = `host=127.0.0.1 port=${first.port} user=probe password=secret`;
  as(`${bin}/pg_basebackup`, "-d", copied, "-D", second.data, "-R", "-c", "fast");
  const standby = await start(second);

  const use = tls(ca);
  t.like(await ask(first.port), { ok: true, detail: 'row "1"' });
  t.like(await ask(first.port, { tls: use }), { ok: true });
  t.like(await ask(first.port, { tls: { ...use, caFile: null } }), {
    cause: "certificate_rejected",
  });
  t.like(await ask(first.port, { role: "primary" }), { ok: true, detail: "primary" });
  t.like(await ask(second.port, { role: "standby" }), { ok: true, detail: "standby" });
  t.like(await ask(second.port, { role: "primary" }), { ok: false, cause: "unexpected_answer" });
  t.like(await ask(first.port, { login: { ...login, password: "wrong" } }), {
    cause: "login_failed",
  });
  t.like(await ask(first.port, { database: "nowhere" }), { cause: "login_failed" });
  t.like(await ask(first.port, { query: "SELEKT" }), { cause: "bad_response" });
  t.like(await ask(first.port, { query: "SELECT 1 WHERE false" }), { cause: "unexpected_answer" });
  await stop(standby, "SIGINT");
  t.like(await ask(second.port), { cause: "connect_refused" });

  async function start({ data, port }) {
    const options = {
      port,
      listen_addresses: "127.0.0.1",
      unix_socket_directories: directory,
      ssl: "on",
      ssl_cert_file: `${directory}/cert.pem`,
      ssl_key_file: `${directory}/key.pem`,
      fsync: "off",
    };
    const args = Object.entries(options).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
    const server = run(t, `${bin}/postgres`, "-D", data, ...args);
    await accepting(port, server);
    await eventually("a server that is up", async () => (await ask(port)).ok);
    return server;
  }

  async function ask(port, more = {}) {
    return look(port, { type: "postgresql", database: "postgres", role: null, ...more });
  }
});

test("mysql: MariaDB", async (t) => {
  t.timeout(120_000);
  t.log(execFileSync("/usr/sbin/mariadbd", ["--version"]).toString().trim());
  const { directory, ca } = place(t);
  const port = await freePort();
  const data = `${directory}/data`;
  mkdirSync(`${data}/mysql`, { recursive: true });
  for (const path of [data, `${data}/mysql`]) chownSync(path, NOBODY, NOBODY);
  const tables = [
    "mysql_system_tables",
    "mysql_performance_tables",
    "mysql_system_tables_data",
    "maria_add_gis_sp_bootstrap",
  ];
  const sql = tables.map((name) => readFileSync(`/usr/share/mysql/${name}.sql`, "utf8")).join("");
  const common = ["--no-defaults", `--datadir=${data}`];
  execFileSync("setpriv", [...DROP, "/usr/sbin/mariadbd", ...common, "--bootstrap"], {
    input: `use mysql;\n${sql}`,
    stdio: ["pipe", "pipe", "pipe"],
  });
  writeFileSync(`${directory}/init.sql`, "CREATE USER probe@'%' IDENTIFIED BY 'secret';\n", {
    mode: 0o644,
  });
  const server = run(
    t,
    "/usr/sbin/mariadbd",
    ...common,
    `--port=${port}`,
    "--bind-address=127.0.0.1",
    `--socket=${directory}/socket`,
    `--init-file=${directory}/init.sql`,
    `--ssl-cert=${directory}/cert.pem`,
    `--ssl-key=${directory}/key.pem`,
  );
  await accepting(port, server);

  const ask = async (more = {}) => look(port, { type: "mysql", database: null, ...more });
  const use = tls(ca);
  t.like(await ask(), { ok: true });
  t.like(await ask({ tls: use }), { ok: true });
  t.like(await ask({ tls: { ...use, caFile: null } }), { cause: "certificate_rejected" });
  t.like(await ask({ login: { ...login, password: "wrong" } }), { cause: "login_failed" });
  t.like(await ask({ database: "nowhere" }), { cause: "login_failed" });
  t.like(await ask({ query: "SELEKT" }), { cause: "bad_response" });
  t.like(await ask({ query: "SELECT 1 WHERE 1=0" }), { cause: "unexpected_answer" });
  t.like(await ask({ query: "DO 1" }), { cause: "unexpected_answer" });
  await stop(server, "SIGTERM");
  t.like(await ask(), { cause: "connect_refused" });
});

/** A directory of nobody's, with a certificate. */
function place(t) {
  const directory = temporaryDirectory(t);
  const { ca, make } = certificates(t);
  const { cert, key } = make(5);
  chmodSync(directory, 0o755);
  chownSync(directory, NOBODY, NOBODY);
  writeFileSync(`${directory}/cert.pem`, readFileSync(cert));
  writeFileSync(`${directory}/key.pem`, readFileSync(key), { mode: 0o600 });
  chownSync(`${directory}/key.pem`, NOBODY, NOBODY);
  return { directory, ca };
}

function as(command, ...args) {
  execFileSync("setpriv", [...DROP, command, ...args], { stdio: "pipe", cwd: "/" });
}

function run(t, command, ...args) {
  return startProgram(t, "setpriv", [...DROP, command, ...args]);
}

async function stop({ child }, signal) {
  const exited = once(child, "exit");
  child.kill(signal);
  await exited;
}

/** It becomes the program, so that the end of the test ends that. */
const DROP = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups", "--"];

function tls(caFile) {
  return {
    serverName: null,
    verify: true,
    caFile,
    own: null,
    minVersion: "1.2",
    expiryWarningDays: null,
  };
}

async function look(port, more) {
  const config = { ...commonCheck, timeoutMs: 5000, tls: null, login, query: "SELECT 1", ...more };
  const context = { signal: new AbortController().signal, clock: timeoutClock };
  return probe({ address: "127.0.0.1", port }, config, context);
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
