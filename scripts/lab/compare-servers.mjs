// compare-servers.mjs PEM : the real servers that files name, at node b of a place. Which ones serve is said by a message,
// { places: [{ address, port }], text }; each answers in the way of its port, with the text where it has room for one.

import { createSocket } from "node:dgram";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { fileURLToPath } from "node:url";
import { run } from "./topology.mjs";

const REAL = /^[ \t]*real_server[ \t]+(\S+)(?:[ \t]+(\d+))?|^[ \t]*real6?[ \t]*=[ \t]*(\S+)/gm;
const RECEIVE = /receive\s*=\s*"?([^"\n]*)|"[^"]*"\s*,\s*"([^"]*)"/g;
const NAMED_PORTS = { domain: 53, http: 80, https: 443 };
/** What such a server says at first, and to each line. */
const DIALOGUES = {
  25: ["220 here\r\n", () => "250 ok\r\n"],
  110: ["+OK here\r\n", (line) => (/^(AUTH|CAPA)/i.test(line) ? "-ERR\r\n" : "+OK 0 0\r\n")],
  143: ["* OK here\r\n", (line) => `${line.split(" ")[0]} OK done\r\n`],
  6379: ["", () => "+PONG\r\n"],
};

/**
 * Gives node b the addresses of all the texts, and starts what serves there. The answer is how to have it serve those of one
 * text, and leave the last of several down.
 */
export async function openServers(place, texts, log) {
  const all = texts.flatMap(realServersIn);
  const addresses = [...new Set(all.map(({ address }) => address))].sort();
  const isInet6 = (address) => address.includes(":");
  // A director by address translation forwards; without it duet is right to complain.
  for (const one of ["net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1"])
    place.runAt("a", "sysctl", "-qw", one);
  place.batch("b", [
    "address add 2001:db8:9::249/64 dev eth0",
    ...addresses.map((address) => `address add ${address} dev eth0`),
  ]);
  place.batch("a", [
    "address add 2001:db8:9::250/64 dev eth0",
    ...addresses.map(
      (address) => `route replace ${address}/${isInet6(address) ? 128 : 32} dev eth0`,
    ),
  ]);
  const pem = `${place.folder}/server.pem`;
  const request =
    "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=server";
  run("openssl", ...request.split(" "), "-keyout", pem, "-out", `${pem}.cert`);
  const script = fileURLToPath(import.meta.url);
  const child = place.spawn("b", ["node", script, pem], log, { ipc: true });
  return async function serve(text) {
    const own = realServersIn(text);
    const ownAddresses = [...new Set(own.map(({ address }) => address))].sort();
    const down = ownAddresses.length > 1 ? ownAddresses.at(-1) : undefined;
    const said = Array.from(text.matchAll(RECEIVE), ([, a, b]) => a ?? b).join(" ");
    child.send({ places: own.filter(({ address }) => address !== down), text: `${said} ` });
    await once(child, "message");
  };
}

function realServersIn(text) {
  const found = Array.from(text.matchAll(REAL), ([, address, port, endpoint]) =>
    endpoint === undefined ? [[address], port] : endpointsOf(endpoint),
  );
  return found.flatMap(([addresses, port]) =>
    addresses
      .filter((address) => !address.startsWith("127.") && address !== "::1")
      .map((address) => ({ address, port: NAMED_PORTS[port] ?? Number(port ?? 80) })),
  );
}

/** 10.0.0.1:80, 10.0.0.1->10.0.0.9:80, [2001:db8::1]:80, 10.0.0.1 */
function endpointsOf(endpoint) {
  const [, inet6, from, to, port] =
    /^(?:\[(.*)\]|([\d.]+)(?:->([\d.]+))?)(?::(\w+))?$/.exec(endpoint) ?? [];
  if (inet6 !== undefined) return [[inet6], port];
  if (from === undefined) return [[], port];
  const network = from.replace(/\d+$/, "");
  const first = Number(from.split(".")[3]);
  const last = Number((to ?? from).split(".")[3]);
  return [Array.from({ length: last - first + 1 }, (_, i) => `${network}${first + i}`), port];
}

// ===== in node b =====

const sockets = new Set();

/** Serves what it is told to, instead of what it served before. */
function serveAsTold(pem) {
  const tls = { key: readFileSync(pem), cert: readFileSync(`${pem}.cert`) };
  let open = [];
  process.on("message", async ({ places, text }) => {
    for (const socket of sockets) socket.destroy();
    await Promise.all(open.map((server) => new Promise((resolve) => server.close(resolve))));
    const keys = [...new Set(places.map((place) => JSON.stringify(place)))];
    open = keys.map((key) => serve({ ...JSON.parse(key), text, tls }));
    for (const socket of sockets) socket.destroy();
    await Promise.all(open.map((server) => once(server, "listening")));
    process.send("serves");
  });
  process.on("disconnect", () => process.exit(0));
}

function serve({ address, port, text, tls }) {
  if (port === 53) return serveNames(address);
  const page = `HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\nConnection: close\r\n\r\n${text}`;
  const [greeting, answer] = DIALOGUES[port] ?? ["", undefined];
  const talk = (socket) => {
    socket.on("error", () => {});
    if (greeting !== "") socket.write(greeting);
    socket.on("data", (bytes) => {
      if (answer === undefined) socket.end(page);
      else if (/^\S* ?(QUIT|LOGOUT)/i.test(String(bytes))) socket.end(answer(String(bytes)));
      else socket.write(answer(String(bytes)));
    });
  };
  const server = String(port).endsWith("443") ? createTlsServer(tls, talk) : createServer(talk);
  server.on("tlsClientError", () => {});
  server.on("connection", (socket) => {
    sockets.add(socket.once("close", () => sockets.delete(socket)));
  });
  server.listen(port, address);
  return server;
}

/** Any name is at 192.0.2.1: the question, and one answer to it (RFC 1035 section 4.1). */
function serveNames(address) {
  const server = createSocket(address.includes(":") ? "udp6" : "udp4");
  server.on("message", (query, { address: to, port }) => {
    const question = query.subarray(12, query.indexOf(0, 12) + 5);
    const header = Buffer.from([...query.subarray(0, 2), 0x85, 0x80, 0, 1, 0, 1, 0, 0, 0, 0]);
    const answer = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1]);
    server.send(Buffer.concat([header, question, answer]), port, to);
  });
  return server.bind(53, address);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) serveAsTold(process.argv[2]);
