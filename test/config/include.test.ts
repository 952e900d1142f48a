// INI of several files, and one file for both nodes.

import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import test, { type ExecutionContext } from "ava";
import type { Config } from "../../src/config/model.ts";
import { problemLine } from "../../src/config/problem-line.ts";
import { convertConfigFile, readConfigFile } from "../../src/config/read.ts";
import { temporaryDirectory } from "../helpers/sockets.ts";

type Files = Readonly<Record<string, string>>;

function folderOf(t: ExecutionContext, files: Files): string {
  const folder = temporaryDirectory(t);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text, { mode: 0o600 });
  }
  return folder;
}

async function read(
  t: ExecutionContext,
  files: Files,
  configId = "lb1",
): Promise<{ readonly config: Config | null; readonly told: readonly string[] }> {
  const folder = folderOf(t, files);
  const result = await readConfigFile(join(folder, "duet.ini"), { configId });
  const told = (result.ok ? result.warnings : result.problems).map((one) =>
    problemLine(one).replaceAll(`${folder}/`, ""),
  );
  return { config: result.ok ? result.config : null, told };
}

const SERVICE = `[virtual_server.web]
address = 10.0.0.1:80
protocol = tcp
[real_server.web.a]
address = 10.0.0.2:80
`;

test("a file that is included stands where its line stood: keys for the section around, sections of its own", async (t) => {
  const { config, told } = await read(t, {
    "duet.ini": `include = global.ini\ninclude[] = conf.d/*.ini\n${SERVICE}include = more/weight\n# end\ncheck[] = tcp\n`,
    "global.ini": "[global]\nrouter_id = both\n",
    "conf.d/10.ini": "[check.tcp]\ntype = tcp\ninclude = ../more/*.part\n",
    "conf.d/.hidden.ini": "[nonsense]",
    "conf.d/readme": "not an INI file",
    "more/every.part": "interval = 7",
    "more/weight": "weight = 5\n[real_server.web.b]\naddress = 10.0.0.3:80\n",
  });
  t.deepEqual(told, []);
  t.is(config?.global.routerId, "both");
  const servers = config?.virtualServers[0]?.realServers ?? [];
  t.deepEqual(
    servers.map((one) => [
      one.name,
      one.destination.weight,
      one.checks.map((each) => each.intervalMs),
    ]),
    [
      ["a", 5, [7000]],
      ["b", 1, []],
    ],
  );
});

test("problems are told with the file and the line in which they stand, and all at once", async (t) => {
  const { told } = await read(t, {
    "duet.ini": `${SERVICE}include = conf.d/*.ini\ninclude = none.ini\ninclude = none*.ini\ninclude = [\ninclude =\nwieght = 1\n`,
    "conf.d/a.ini": "lb_kindd = DR\n[virtual_server.web]\naddress = 10.0.0.9:80\nprotocol = tcp\n",
    "conf.d/b.ini": "include = ../duet.ini\ninclude = b.ini\n",
  });
  t.deepEqual(told, [
    "duet.ini:7: Cannot include none.ini: there is no such file",
    "duet.ini:8: warning: include none*.ini: no file is like it",
    "duet.ini:9: warning: include [: no file is like it",
    'duet.ini:10: Cannot include nothing: write "include = FILE"',
    'duet.ini:11: Cannot use key "wieght" in [real_server.web.a]: there is no such key (did you mean "weight"?)',
    'conf.d/a.ini:1: Cannot use key "lb_kindd" in [real_server.web.a]: there is no such key (did you mean "lb_kind"?)',
    "conf.d/a.ini:2: Cannot use section [virtual_server.web] twice: duet.ini:1 has it already",
    "conf.d/b.ini:1: Cannot include duet.ini: it includes itself",
    "conf.d/b.ini:2: Cannot include conf.d/b.ini: it includes itself",
  ]);
});

test("files that include each other many times have an end", async (t) => {
  const ten = "include = x*.ini\n";
  const files = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`x${i}.ini`, ten]));
  const { told } = await read(t, { "duet.ini": `${ten}${SERVICE}`, ...files });
  t.true(told.some((line) => line.endsWith("1000 files are included before")));
});

test("a password in a file that everybody may read is told with that file", async (t) => {
  const instance =
    "[vrrp_instance.A]\ninterface = lo\nvirtual_router_id = 1\nvirtual_ipaddress[] = 10.0.0.1\nauth_type = PASS\n";
  const folder = folderOf(t, {
    "duet.ini": `${instance}include = secret\n`,
    secret: "auth_pass = a\n",
  });
  writeFileSync(join(folder, "open"), "auth_pass = a\n", { mode: 0o644 });
  chmodSync(folder, 0o755);
  const warnings = async (name: string): Promise<readonly string[]> => {
    writeFileSync(join(folder, "duet.ini"), `${instance}include = ${name}\n`);
    const result = await readConfigFile(join(folder, "duet.ini"));
    return (result.ok ? result.warnings : result.problems)
      .map(problemLine)
      .filter((one) => one.includes("secret in"));
  };
  t.deepEqual(await warnings("secret"), []);
  const [told = ""] = await warnings("open");
  t.true(
    told.startsWith(`${folder}/open:1: warning: Cannot keep auth_pass secret in this file`),
    told,
  );
  t.true(told.includes(`chmod 600 ${folder}/open `), told);
});

const PAIR = `${SERVICE}[global]
router_id = any
[real_server.web.a@lb1]
weight = 7
[real_server.web.b@^lb1]
address = 10.0.0.3:80
[virtual_server.web@lb2]
address = 10.0.0.8:80
[global@lb2]
router_id = second
`;

for (const [node, expected] of [
  ["lb1", ["any", "10.0.0.1", ["a 7"]]],
  ["lb2", ["second", "10.0.0.8", ["a 1", "b 1"]]],
  ["lb3", ["any", "10.0.0.1", ["a 1", "b 1"]]],
] as const) {
  test(`a file for several nodes, read by ${node}`, async (t) => {
    const { config, told } = await read(t, { "duet.ini": PAIR }, node);
    const [service] = config?.virtualServers ?? [];
    const [key] = service?.keys ?? [];
    t.deepEqual(
      [
        config?.global.routerId,
        key?.kind === "address" ? key.address : null,
        service?.realServers.map((one) => `${one.name} ${one.destination.weight}`),
      ],
      [...expected],
    );
    t.deepEqual(told, []);
  });
}

test("a list of an overlay stands in the place of the whole list, whatever it is called", async (t) => {
  const text = `[check.a]\ntype = tcp\n[check.b]\ntype = ping\n${SERVICE}check[] = a\n[real_server.web.a@lb1]\ncheck[] = b\n[virtual_server.web@lb1]\nlb_kind = TUN\n[virtual_server.web@^lb2]\nlvs_method = DR\n`;
  const { config } = await read(t, { "duet.ini": text });
  const [service] = config?.virtualServers ?? [];
  t.is(service?.forward, "DR");
  t.deepEqual(
    service?.realServers[0]?.checks.map(({ name }) => name),
    ["b"],
  );
});

test("what holds on other nodes alone is judged too, and a node that nobody names is told", async (t) => {
  const { told } = await read(t, {
    "duet.ini": `${SERVICE}[real_server.web.a@lb8]\nwieght = 1\nweight = -1\n[real_server.web.a@lb8]\n[real_server.web.b@lb9]\n[nothing@lb8]\n[global@]\n`,
  });
  t.deepEqual(told, [
    'duet.ini:6: warning: No section is for this node, "lb1", alone: they are for lb8, lb9 (-i NODE says who it is)',
    'duet.ini:7: Cannot use key "wieght" in [real_server.web.a]: there is no such key (did you mean "weight"?)',
    "duet.ini:8: Cannot use weight -1: it must be 0 to 2147483647",
    "duet.ini:9: Cannot use section [real_server.web.a@lb8] twice: line 6 has it already",
    'duet.ini:11: Cannot use section [nothing]: there is no kind "nothing"',
    "duet.ini:12: Cannot use section [global@]: behind @ it must be the name of a node, [global@NODE] or [global@^NODE]",
  ]);
});

test("an INI file that begins with an include is INI, and needs no converting", async (t) => {
  const folder = folderOf(t, { "duet.ini": "include = a.ini\n", "a.ini": SERVICE });
  t.true((await readConfigFile(join(folder, "duet.ini"))).ok);
  t.false((await convertConfigFile(join(folder, "duet.ini"))).ok);
});

test("what keepalived.conf has in two files is told with both", async (t) => {
  const folder = folderOf(t, {
    "k.conf": "vrrp_script a {\nscript /bin/true\nuser nobody\n}\ninclude b.conf\n",
    "b.conf":
      "\n\nvirtual_server 10.0.0.1 80 {\nlb_kind DR\nreal_server 10.0.0.2 80 {\n}\n}\nvirtual_server 10.0.0.1 80 {\nlb_kind DR\nreal_server 10.0.0.2 80 {\n}\n}\n",
  });
  const result = await readConfigFile(join(folder, "k.conf"), { configId: "" });
  const told = (result.ok ? result.warnings : result.problems)
    .map(problemLine)
    .join("\n")
    .replaceAll(`${folder}/`, "");
  t.regex(told, /b\.conf:8: .*\(line 3\)/);
});
