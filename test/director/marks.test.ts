import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import type { VirtualServerConfig } from "../../src/config/model.ts";
import { openKept } from "../../src/director/kept.ts";
import { type Marks, openMarks } from "../../src/director/marks.ts";
import { type LvsConfig, NO_LVS } from "../../src/ipvs/lvs.ts";
import { KernelError } from "../../src/kernel/errors.ts";
import type { Log } from "../../src/lib/log.ts";
import { type ModelNftables, modelNftables } from "../helpers/model-nftables.ts";
import { virtualClock } from "../helpers/virtual-clock.ts";
import { virtualServerConfig } from "../helpers/virtual-server.ts";

const EPROTONOSUPPORT = 93;
const HTTP = { address: "10.0.0.1", firstPort: 80, lastPort: 80, protocol: "tcp" } as const;
const WEB = virtualServerConfig({
  keys: [{ kind: "fwmark", fwmark: 99, family: 4 }],
  marks: [HTTP],
});

test("the table is made once; the run after a crash and a reload write nothing", (t) => {
  const lab = rig(t);
  lab.configure([WEB]);
  lab.configure([WEB]);
  lab.advance(10_000);
  t.deepEqual(lab.kernel.log, ["make duet_ipvs"]);
  lab.marks.close();
  const next = rig(t, lab);
  next.configure([WEB]);
  t.deepEqual(lab.kernel.log, ["make duet_ipvs"]);
  next.configure([{ ...WEB, marks: [HTTP, { ...HTTP, firstPort: 443, lastPort: 443 }] }]);
  t.deepEqual(lab.kernel.log, ["make duet_ipvs", "make duet_ipvs"]);
});

test("a kernel without nf_tables: only services with marks are in error, and it is asked again", (t) => {
  const lab = rig(t);
  lab.kernel.broken.error = new KernelError("nftables", EPROTONOSUPPORT);
  lab.configure([WEB]);
  t.is(
    lab.marks.errorOf(WEB),
    "no firewall marks: the kernel lacks nf_tables or a part of it (nftables: EPROTONOSUPPORT)",
  );
  t.is(lab.marks.errorOf({ ...WEB, marks: [] }), null);
  lab.advance(1999);
  lab.kernel.broken.error = undefined;
  t.deepEqual(lab.kernel.log, []);
  lab.advance(1);
  t.deepEqual(lab.kernel.log, ["make duet_ipvs"]);
  t.is(lab.marks.errorOf(WEB), null);
});

test("a kernel of which nothing was wanted is asked nothing", (t) => {
  const lab = rig(t);
  lab.kernel.broken.error = new Error("asked");
  lab.configure([virtualServerConfig()]);
  lab.advance(10_000);
  lab.marks.clear();
  t.deepEqual(lab.lines, []);
});

test("what an earlier run left goes when nothing is marked any more", (t) => {
  const lab = rig(t);
  lab.configure([WEB]);
  lab.marks.close();
  const next = rig(t, lab);
  next.configure([virtualServerConfig()]);
  t.deepEqual(lab.kernel.log, ["make duet_ipvs", "remove duet_ipvs"]);
});

test("what somebody else does in other tables is no drift; a table that is gone is", (t) => {
  const lab = rig(t);
  lab.configure([WEB]);
  lab.kernel.changed();
  lab.advance(1000);
  t.is(lab.kernel.log.length, 1);
  lab.kernel.tables.clear();
  lab.kernel.changed();
  lab.advance(1000);
  t.deepEqual(lab.kernel.log, ["make duet_ipvs", "make duet_ipvs"]);
  t.is(lab.lines.filter((line) => line.includes("drift repaired")).length, 1);
});

test("drift that is only reported is told once, and again when it is gone", (t) => {
  const lab = rig(t);
  lab.configure([WEB], { ...NO_LVS, drift: "report" });
  const parts = lab.kernel.tables.get("duet_ipvs") ?? new Map();
  lab.kernel.tables.clear();
  lab.kernel.changed();
  lab.advance(3000);
  t.deepEqual(lab.marks.drift(), ["table duet_ipvs removed"]);
  lab.kernel.tables.set("duet_ipvs", parts);
  lab.kernel.changed();
  lab.advance(3000);
  t.deepEqual(lab.marks.drift(), []);
  t.deepEqual(lab.kernel.log, ["make duet_ipvs"]);
  t.deepEqual(lab.lines.slice(1), [
    "firewall marks: drift found, left as it is",
    "firewall marks: drift gone",
  ]);
});

type Lab = {
  readonly kernel: ModelNftables;
  readonly runDir: string;
  readonly lines: string[];
  readonly marks: Marks;
  readonly advance: (ms: number) => void;
  readonly configure: (configs: readonly VirtualServerConfig[], lvs?: LvsConfig) => void;
};

/** `before`: the run whose kernel and directory this one finds. */
function rig(t: ExecutionContext, before?: Lab): Lab {
  const runDir = before?.runDir ?? mkdtempSync(join(tmpdir(), "duet-marks-"));
  if (before === undefined) t.teardown(() => rmSync(runDir, { recursive: true }));
  const kernel = before?.kernel ?? modelNftables();
  const { clock, advance } = virtualClock();
  const lines: string[] = [];
  const note = (fields: object | string, message?: string): void =>
    void lines.push(typeof fields === "string" ? fields : (message ?? ""));
  const log = { debug: note, info: note, warn: note, error: note } as unknown as Log;
  const kept = openKept(join(runDir, "kept.json"), log);
  const marks = openMarks({ kept, clock, log, open: kernel.open });
  return {
    kernel,
    runDir,
    lines,
    marks,
    advance,
    configure: (configs, lvs = NO_LVS) => marks.configure(lvs, configs),
  };
}
