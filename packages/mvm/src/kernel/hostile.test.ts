import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeRlp } from "@metis/protocol";
import fc from "fast-check";
import { MemoryHost } from "../conformance/memoryHost.ts";
import { MvmError } from "../errors.ts";
import { encodeConfiguration, encodeGenesis } from "../genesis.ts";
import { rollupGenesis } from "../testing/rollup.ts";
import { callRequest } from "../wire/requests.ts";
import { readSealed } from "../wire/sealed.ts";
import { Kernel } from "./kernel.ts";
import { loadKernelModule } from "./load.ts";

const requests = [
  "configure",
  "open_block",
  "open_bare",
  "add_transactions",
  "seal_block",
  "execute_block",
  "import_block",
  "genesis",
  "call",
  "estimate_gas",
  "create_access_list",
  "l1_fee",
  "proof",
  "recover_senders",
  "derive",
  "simulate",
  "trace_block",
  "trace_call",
] as const;

const module = await loadKernelModule();

/** A kernel on the block 0 of a small L2 chain, with that block's header. */
function freshKernel(): { readonly kernel: Kernel; readonly header: Uint8Array } {
  const host = new MemoryHost();
  const kernel = new Kernel(module, host);
  const genesis = rollupGenesis();
  kernel.request("configure", encodeConfiguration(genesis));
  const sealed = readSealed(kernel.request("genesis", encodeGenesis(genesis)));
  host.apply(sealed.changes);
  return { kernel, header: Uint8Array.from(sealed.headerRlp) };
}

/** Answers or refuses; a trap or any other error is a fault of the kernel. */
function survives(kernel: Kernel, name: string, request: Uint8Array): void {
  try {
    kernel.request(name, request);
  } catch (error) {
    if (!(error instanceof MvmError) || error.code === "kernel-trap") throw error;
  }
}

test("bytes that mean nothing are refused by every call and break nothing", () => {
  const { kernel, header } = freshKernel();
  const bytes = fc.uint8Array({ maxLength: 300 });
  fc.assert(
    fc.property(fc.constantFrom(...requests), bytes, (name, request) => survives(kernel, name, request)),
    { numRuns: 2000 },
  );
  const answer = freshKernel().kernel.request("call", callRequest(header, {}));
  assert.ok(answer.length > 0);
});

test("lists of random items are refused by every call and break nothing", () => {
  const { kernel, header } = freshKernel();
  const { item } = fc.letrec<{ item: Uint8Array | readonly unknown[] }>((tie) => ({
    item: fc.oneof(
      { maxDepth: 3 },
      fc.uint8Array({ maxLength: 40 }),
      fc.constantFrom(header, new Uint8Array(20), new Uint8Array(32)),
      fc.array(tie("item"), { maxLength: 12 }),
    ),
  }));
  fc.assert(
    fc.property(fc.constantFrom(...requests), fc.array(item, { maxLength: 6 }), (name, items) =>
      survives(kernel, name, encodeRlp(items as Uint8Array[])),
    ),
    { numRuns: 2000 },
  );
});

test("a call with any one byte changed answers or is refused", () => {
  const { kernel, header } = freshKernel();
  const request = callRequest(header, { to: "0x000000000000000000000000000000000000abcd", gas: 60_000n, value: 1n });
  fc.assert(
    fc.property(fc.nat(request.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const changed = Uint8Array.from(request);
      changed[at]! ^= change;
      for (const name of ["call", "estimate_gas", "create_access_list"]) survives(kernel, name, changed);
    }),
    { numRuns: 300 },
  );
});

test("a call with 2^64 - 1 gas gets the most a call gets", () => {
  const { kernel, header } = freshKernel();
  const code = "0x60005b6001018060205260005600";
  const target = "0x00000000000000000000000000000000000000ee";
  const request = callRequest(header, { to: target, gas: 2n ** 64n - 1n }, { stateOverrides: { [target]: { code } } });
  survives(kernel, "call", request);
  assert.ok(kernel.memoryBytes < 256 * 1024 * 1024);
});
