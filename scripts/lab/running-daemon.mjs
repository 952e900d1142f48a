// What `duet plan` asks, without a daemon: a control socket that says a configuration runs with all of its real servers UP, each
// in the kernel's table as it is wanted. It is made by the functions that a director decides with.

import { mkdirSync } from "node:fs";
import { createServer } from "node:http";
import { initialState } from "../../build/src/check/engine.js";
import { planDirector } from "../../build/src/daemon/director/plan.js";
import { NO_FACTS } from "../../build/src/daemon/plan/services.js";
import { checkerOf } from "../../build/src/director/checkers.js";
import { serverKey, standingIn } from "../../build/src/director/standing.js";
import { serviceName } from "../../build/src/ipvs/model.js";
import { listenOnPath } from "../../build/src/lib/unix-socket.js";

/** Answers in `runDir` until it is closed. */
export async function answerAs(runDir, file, config) {
  const director = factsOf(config.virtualServers);
  const running = { file, how: {}, half: null, config, vrrp: null, director };
  const body = JSON.stringify(running);
  mkdirSync(runDir, { recursive: true });
  const server = createServer((_, response) => {
    response.setHeader("content-type", "application/json");
    response.end(body);
  });
  await listenOnPath(server, `${runDir}/duet.sock`);
  return { close: () => server.close() };
}

function factsOf(virtualServers) {
  const servers = [];
  const states = new Map();
  for (const { name, realServers } of virtualServers) {
    for (const server of realServers) {
      const { address, port } = server.destination;
      const target = { address, port };
      const standing = standingIn(undefined, server, {
        isServing: () => true,
        rests: false,
        at: "",
      });
      servers.push([serverKey(name, server.name), { target, standing }]);
      for (const check of server.checks) {
        const { key } = checkerOf(target, check, true, () => undefined);
        states.set(key, { ...initialState, up: true });
      }
    }
  }
  const facts = { ...NO_FACTS, remembered: { servers, states: [...states] } };
  const { verdict } = planDirector(facts, {
    virtualServers,
    flush: false,
    isOut: () => false,
    isSuspended: () => false,
    refused: new Map(),
  });
  const { services } = verdict;
  return {
    ...facts,
    quorums: virtualServers.map(({ name }) => [name, true]),
    table: services.map((service) => ({
      ...service,
      destinations: service.destinations.map((each) => ({ ...each, ...COUNTS })),
    })),
    known: {
      believed: services,
      owned: services.map(({ key }) => serviceName(key)),
      refused: [],
    },
  };
}

const COUNTS = { activeConnections: 7, inactiveConnections: 0, persistentConnections: 0 };
