// How a public Prometheus exporter of keepalived (mehdy/keepalived-exporter) reads the dump files, rebuilt from what it takes:
// lines by their indent and their "=" or ":", JSON by its keys.

export type Exported = {
  readonly state: number;
  readonly interface: string;
  readonly vrid: number;
  readonly garpDelay: number;
  /** "ADDRESS/LENGTH INTERFACE" */
  readonly addresses: readonly string[];
  readonly excluded: readonly string[];
};

const STATES = ["INIT", "BACKUP", "MASTER", "FAULT"];

/** The second word behind an address is the interface. */
function addressOf(line: string): string {
  const [address = "", , device = ""] = line.split(" ");
  return `${address} ${device}`;
}

/** keepalived.data */
export function instancesOfData(text: string): Readonly<Record<string, Exported>> {
  const blocks = text.split(/^(?= VRRP Instance = )/m).slice(1);
  return Object.fromEntries(
    blocks.map((block) => {
      const lines = block.split("\n");
      const end = lines.findIndex((line, i) => i > 0 && !line.startsWith("   "));
      const own = lines.slice(1, end === -1 ? undefined : end);
      const value = (key: string): string =>
        own
          .map((line) => line.split("="))
          .find(([name]) => name?.trim() === key)?.[1]
          ?.trim() ?? "";
      const under = (begin: string): readonly string[] => {
        const from = own.findIndex((line) => line.startsWith(`   ${begin}`));
        if (from === -1) return [];
        const rest = own.slice(from + 1);
        const to = rest.findIndex((line) => !line.startsWith("     "));
        return rest.slice(0, to === -1 ? undefined : to).map((line) => addressOf(line.trim()));
      };
      const name = (lines[0] ?? "").split("=")[1]?.trim() ?? "";
      return [
        name,
        {
          state: STATES.indexOf(value("State")),
          interface: value("Interface"),
          vrid: Number(value("Virtual Router ID")),
          garpDelay: Number(value("Gratuitous ARP delay")),
          addresses: under("Virtual IP ("),
          excluded: under("Virtual IP Excluded"),
        },
      ];
    }),
  );
}

/** "chk GOOD idle", of keepalived.data. */
export function scriptsOfData(text: string): readonly string[] {
  return text
    .split(/^(?= VRRP Script = )/m)
    .slice(1)
    .map((block) => {
      const value = (key: string): string =>
        new RegExp(`^ +${key} = (.*)$`, "m").exec(block)?.[1] ?? "";
      return [value("VRRP Script"), value("Status"), value("State")].join(" ");
    });
}

/** keepalived.stats: "Advertisements/Sent" and so on of each instance. */
export function countsOfStats(
  text: string,
): Readonly<Record<string, Readonly<Record<string, number>>>> {
  const all: Record<string, Record<string, number>> = {};
  let instance: Record<string, number> = {};
  let section = "";
  for (const line of text.split("\n")) {
    const [key = "", value = ""] = line.trim().split(/: */);
    if (line.startsWith("VRRP Instance")) {
      instance = {};
      all[value] = instance;
    } else if (line.startsWith("    ")) instance[`${section}/${key}`] = Number(value);
    else if (line.startsWith("  ") && value === "") section = key;
    else if (line.startsWith("  ")) instance[key] = Number(value);
  }
  return all;
}

/** keepalived.json, version 1. */
export function instancesOfJson(text: string): Readonly<Record<string, Exported>> {
  const parsed = JSON.parse(text) as readonly {
    readonly data: Readonly<Record<string, unknown>>;
  }[];
  const list = (value: unknown): readonly string[] =>
    ((value ?? []) as readonly string[]).map(addressOf);
  return Object.fromEntries(
    parsed.map(({ data }) => [
      String(data["iname"]),
      {
        state: Number(data["state"]),
        interface: String(data["ifp_ifname"]),
        vrid: Number(data["vrid"]),
        garpDelay: Number(data["garp_delay"]),
        addresses: list(data["vips"]),
        excluded: list(data["evips"]),
      },
    ]),
  );
}
