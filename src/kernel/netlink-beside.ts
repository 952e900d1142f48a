// Netlink requests that the kernel takes its time for, carried out beside the loop: one after the other, by another thread.
// Nobody is told how they end.

import { MessageWriter } from "./attributes.ts";
import { close, recv, sendBeside } from "./ffi.ts";
import { NLM_F_REQUEST, openSocket, type Request } from "./netlink.ts";
import { MSG_DONTWAIT } from "./numbers.ts";

export type NetlinkBeside = {
  readonly send: (request: Request) => void;
  readonly close: () => void;
};

export function openNetlinkBeside(protocol: number): NetlinkBeside {
  const fd = openSocket(protocol);
  const waiting: Buffer[] = [];
  const answers = Buffer.allocUnsafe(4096);
  let busy = false;
  let closed = false;

  function next(): void {
    const bytes = waiting.shift();
    busy = bytes !== undefined && !closed;
    if (bytes === undefined || closed) {
      if (closed) close(fd);
      return;
    }
    sendBeside(fd, bytes, () => {
      // Errors are answered: they would fill the buffer.
      while (recv(fd, answers, answers.length, MSG_DONTWAIT) >= 0);
      next();
    });
  }

  return {
    send({ type, flags, body }) {
      const writer = new MessageWriter();
      writer.message({ type, flags: flags | NLM_F_REQUEST, sequence: 0 }, body);
      waiting.push(Buffer.from(writer.bytes));
      if (!busy) next();
    },
    close() {
      closed = true;
      if (!busy) close(fd);
    },
  };
}
