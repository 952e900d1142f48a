// compare-servers.mjs WHAT : the real servers that a file names, at node b of a place. WHAT: JSON { places: [{ address, port }],
// text, pem }; each answers in the way of its port, with the text where it has room for one.

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
  110: ["+OK here\r\n", () => "+OK\r\n"],
  143: ["* OK here\r\n", (line) => `${line.split(" ")[0]} OK done\r\n`],
  6379: ["", () => "+PONG\r\n"],
};

/** Gives node b the addresses, starts the servers there, and leaves the last one of several down. */
export function openServers(place, text, log) {
  const all = realServersIn(text);
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
  const down = addresses.length > 1 ? addresses.at(-1) : undefined;
  const places = all.filter(({ address }) => address !== down);
  const said = Array.from(text.matchAll(RECEIVE), ([, a, b]) => a ?? b).join(" ");
  const pem = `${place.folder}/server.pem`;
  const request =
    "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=server";
  run("openssl", ...request.split(" "), "-keyout", pem, "-out", `${pem}.cert`);
  const script = fileURLToPath(import.meta.url);
  place.spawn("b", ["node", script, JSON.stringify({ places, text: `${said} `, pem })], log);
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

function serve({ places, text, pem }) {
  const page = `HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\nConnection: close\r\n\r\n${text}`;
  const tls = { key: readFileSync(pem), cert: readFileSync(`${pem}.cert`) };
  for (const key of new Set(places.map((place) => JSON.stringify(place)))) {
    const { address, port } = JSON.parse(key);
    const [greeting, answer] = DIALOGUES[port] ?? ["", undefined];
    const talk = (socket) => {
      socket.on("error", () => {});
      if (greeting !== "") socket.write(greeting);
      socket.on("data", (bytes) => {
        if (answer === undefined) socket.end(page);
        else socket.write(answer(String(bytes)));
      });
    };
    const server = String(port).endsWith("443") ? createTlsServer(tls, talk) : createServer(talk);
    server.on("tlsClientError", () => {});
    server.listen(port, address);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) serve(JSON.parse(process.argv[2]));
