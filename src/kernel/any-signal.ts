// Signals that Node.js has no names for: the real-time ones, signal(7). libuv takes any, and node's program exports it for
// addons (uv.h), so their handlers are as all others: they run in the loop, one at a time.

import koffi from "koffi";

const UV_SIGNAL = 16;

/** A pointer. */
type Handle = unknown;

/** Those that are used are never freed: signals are caught until the end. */
const alive = new Set<Handle>();

const node = koffi.load(null);
const handler = koffi.pointer(koffi.proto("void onSignal(void *handle, int number)"));
const uvDefaultLoop = node.func("void *uv_default_loop()") as () => Handle;
const uvHandleSize = node.func("size_t uv_handle_size(int)") as (type: number) => number;
const uvSignalInit = node.func("int uv_signal_init(void *, void *)") as (
  loop: Handle,
  handle: Handle,
) => number;
const uvSignalStart = node.func("uv_signal_start", "int", ["void *", handler, "int"]) as (
  handle: Handle,
  act: ReturnType<typeof koffi.register>,
  number: number,
) => number;
const uvUnref = node.func("void uv_unref(void *)") as (handle: Handle) => void;

/** Until the end of the process, which it does not keep alive. */
export function onAnySignal(number: number, act: () => void): void {
  const handle: Handle = koffi.alloc("uint8_t", Number(uvHandleSize(UV_SIGNAL)));
  alive.add(handle);
  const started =
    uvSignalInit(uvDefaultLoop(), handle) === 0 &&
    uvSignalStart(handle, koffi.register(act, handler), number) === 0;
  if (!started) throw new Error(`Cannot catch signal ${number}`);
  uvUnref(handle);
}
