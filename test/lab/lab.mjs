// What the tests on the lab kernel share. Outside the lab they are skipped: scripts/lab/run starts them there.

import anyTest from "ava";

/** ava's test, serial: there is one set of machines. */
export const test = process.env["LAB_KERNEL"] === undefined ? anyTest.serial.skip : anyTest.serial;
