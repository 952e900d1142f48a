// A program of its own, for a process in the neighbour's namespace: sends frames that no honest router would.
//   node peer-frames.js DEVICE TIMES PAUSE_MS HEX...

import { openPacketSocket } from "../../src/kernel/packet-socket.ts";
import { ifIndexOf } from "../../src/kernel/vrrp-raw.ts";
import { delayMs } from "../../src/lib/clock.ts";

const [device = "", times = "1", pauseMs = "0", ...frames] = process.argv.slice(2);
const socket = openPacketSocket();
const index = ifIndexOf(device);
const bytes = frames.map((frame) => Buffer.from(frame, "hex"));
/** What a receiver has room for, whatever else it does. */
const BURST = 100;
for (let round = 0; round < Number(times); round += 1) {
  for (const [i, frame] of bytes.entries()) {
    socket.send(index, frame);
    if ((i + 1) % BURST === 0 || i + 1 === bytes.length) await delayMs(Number(pauseMs));
  }
}
socket.close();
