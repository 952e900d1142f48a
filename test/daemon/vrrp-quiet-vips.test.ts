// garp_extra_if: on which interfaces no adverts keep the addresses alive.

import test from "ava";
import { quietVips } from "../../src/daemon/vrrp/holding.ts";
import { configOf } from "../config/helpers.ts";

function quiet(lines: string): readonly string[] {
  const text = `[vrrp_instance.VI_1]
interface = eth0
virtual_router_id = 51
virtual_ipaddress[] = 10.0.0.100/24
virtual_ipaddress_excluded[] = 10.1.0.100/24 dev eth1
${lines}
`;
  const [instance] = configOf(text).vrrpInstances;
  return instance === undefined ? [] : quietVips(instance).map(({ address }) => address);
}

test("with all they are those where no adverts leave, without it those of the virtual link", (t) => {
  t.deepEqual(quiet("garp_extra_if = 60"), []);
  t.deepEqual(quiet("garp_extra_if = all 60"), ["10.1.0.100"]);
  t.deepEqual(quiet("garp_extra_if = 60\nuse_vmac"), []);
  t.deepEqual(quiet("garp_extra_if = 60\nuse_vmac\nvmac_xmit_base"), ["10.0.0.100"]);
  t.deepEqual(quiet("garp_extra_if = all 60\nuse_vmac\nvmac_xmit_base"), [
    "10.0.0.100",
    "10.1.0.100",
  ]);
});
