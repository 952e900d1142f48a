// A network segment with a switch that learns MAC addresses: this process's namespace, another director and a client.

import { HERE, THERE } from "./daemon-pair.ts";
import { here, type Place } from "./daemon-place.ts";
import {
  enterNewNetwork,
  ip,
  type Neighbour,
  type NetworkOptions,
  openNeighbour,
} from "./netns.ts";

export type Segment = {
  readonly here: Place;
  readonly there: Neighbour;
  readonly client: Neighbour;
  /** The switch, with a port for this namespace, the other director and the client. */
  readonly hub: Neighbour;
  /** The switch takes the cable of this namespace out and in again; its interface keeps its carrier. */
  readonly plug: (isIn: boolean) => void;
  /** What the client has as MAC of an address; undefined = nothing that holds. */
  readonly macSeen: (address: string) => string | undefined;
  readonly close: () => void;
  /** Does this address answer the client? "connection refused" is an answer. */
  readonly reaches: (address: string) => boolean;
};

export const PORTS = ["sw0", "sw1", "sw2"] as const;

/** Once a test file: the process moves into a namespace of its own. */
export async function openSegment(options: NetworkOptions = {}): Promise<Segment> {
  enterNewNetwork(options);
  const hub = await openNeighbour(HERE.device, PORTS[0], options);
  const there = await openNeighbour(PORTS[1], THERE.device, options);
  const client = await openNeighbour(PORTS[2], "eth0", options);
  hub.run("ip link add br0 type bridge forward_delay 0");
  for (const port of PORTS) {
    if (port !== PORTS[0]) ip(`link set ${port} netns ${hub.pid}`);
    hub.run(`ip link set ${port} master br0 up`);
  }
  hub.run("ip link set br0 up");
  ip(`address add ${HERE.address}/24 dev ${HERE.device}`);
  there.run(`ip address add ${THERE.address}/24 dev ${THERE.device}`);
  client.run("ip address add 10.9.0.9/24 dev eth0");
  return {
    here,
    there,
    client,
    hub,
    plug(isIn) {
      hub.run(`ip link set ${PORTS[0]} ${isIn ? "master br0" : "nomaster"}`);
    },
    close() {
      for (const each of [hub, there, client]) each.close();
    },
    macSeen(address) {
      const printed = client.run(`ip neighbour show to ${address} dev eth0`);
      return /lladdr (\S+)/.exec(printed)?.[1];
    },
    reaches(address) {
      try {
        // bash takes a socket as its input for a remote shell, and reads whatever is in the user's .bashrc.
        client.run(`timeout 10 bash --norc -c :</dev/tcp/${address}/9`);
        return true;
      } catch (error) {
        return String(error).includes("refused");
      }
    },
  };
}
