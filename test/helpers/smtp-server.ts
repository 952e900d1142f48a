// A small SMTP server on the loopback, as plain as an old relay: it keeps what it is given.

import { createServer, type Server, type Socket } from "node:net";

export type Received = {
  readonly helo: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly data: string;
};

export type SmtpServer = {
  readonly port: number;
  readonly received: readonly Received[];
  /** How many messages are answered with 451 from now on. */
  readonly refuse: (messages: number) => void;
  readonly close: () => void;
};

export async function openSmtpServer(): Promise<SmtpServer> {
  const received: Received[] = [];
  const sockets = new Set<Socket>();
  let refusing = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    converse(socket, (mail) => {
      if (refusing > 0) {
        refusing -= 1;
        return "451 later";
      }
      received.push(mail);
      return "250 taken";
    });
  });
  const port = await listen(server);
  return {
    port,
    received,
    refuse(messages) {
      refusing = messages;
    },
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

function converse(socket: Socket, take: (mail: Received) => string): void {
  let rest = "";
  let mail: Received = { helo: "", from: "", to: [], data: "" };
  let inData = false;
  socket.write("220 ready\r\n");
  socket.on("data", (bytes: Buffer) => {
    rest += bytes.toString("utf8");
    for (;;) {
      const end = rest.indexOf("\r\n");
      if (end < 0) return;
      const line = rest.slice(0, end);
      rest = rest.slice(end + 2);
      const answer = inData ? data(line) : command(line);
      if (answer !== "") socket.write(`${answer}\r\n`);
    }
  });

  function data(line: string): string {
    if (line !== ".") {
      mail = { ...mail, data: `${mail.data}${line}\n` };
      return "";
    }
    inData = false;
    return take(mail);
  }

  function command(line: string): string {
    const verb = line.slice(0, 4).toUpperCase();
    if (verb === "EHLO") mail = { ...mail, helo: line.slice(5) };
    if (verb === "MAIL") mail = { ...mail, from: line, to: [], data: "" };
    if (verb === "RCPT") mail = { ...mail, to: [...mail.to, line] };
    inData = verb === "DATA";
    if (verb === "QUIT") socket.end();
    return inData ? "354 go on" : "250 ok";
  }
}
