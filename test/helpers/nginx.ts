// nginx for one test: HTTP/1.1, HTTP/2 without TLS and HTTPS with both, each on a port of its own.

import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ExecutionContext } from "ava";
import type { Certificate } from "./certificates.ts";
import { accepting, startProgram } from "./programs.ts";
import { refusedPort } from "./servers.ts";
import { temporaryDirectory } from "./sockets.ts";
import { logPackage } from "./versions.ts";

export type Nginx = Ports & { readonly stop: () => Promise<void> };
type Ports = { readonly http: number; readonly h2c: number; readonly https: number };

export async function startNginx(t: ExecutionContext, { cert, key }: Certificate): Promise<Nginx> {
  logPackage(t, "nginx-light");
  const directory = temporaryDirectory(t);
  const http = await refusedPort();
  const h2c = await refusedPort();
  const https = await refusedPort();
  const file = join(directory, "nginx.conf");
  writeFileSync(file, configText(directory, { http, h2c, https }, cert, key));
  const program = startProgram(t, "nginx", ["-p", directory, "-e", "stderr", "-c", file]);
  for (const port of [http, h2c, https]) await accepting(port, program);
  return {
    http,
    h2c,
    https,
    async stop() {
      const exited = once(program.child, "exit");
      program.child.kill("SIGTERM");
      await exited;
    },
  };
}

function configText(directory: string, ports: Ports, cert: string, key: string): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${directory}/${name};`,
  );
  return `daemon off;
master_process off;
pid ${directory}/pid;
error_log stderr;
events {}
http {
  access_log off;
  ${temporary.join("\n  ")}
  server {
    listen 127.0.0.1:${ports.http};
    listen 127.0.0.1:${ports.h2c} http2;
    listen 127.0.0.1:${ports.https} ssl http2;
    ssl_certificate ${cert};
    ssl_certificate_key ${key};
    location / { return 200 "ok $server_protocol $host $http_x_check $request_method\\n"; }
    location /busy { return 503; }
    location /loop { return 302 /loop; }
    location /hop { return 301 /ok.html; }
    location /other { return 307 http://other.test/ok.html; }
    location /away { return 302 ftp://other.test/; }
  }
}
`;
}
