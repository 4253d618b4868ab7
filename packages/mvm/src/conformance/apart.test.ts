import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeConfiguration, encodeGenesis } from "../genesis.ts";
import { Kernel, loadKernelModule } from "../kernel/index.ts";
import { nextContext, rollupGenesis } from "../testing/rollup.ts";
import { toHex } from "../bytes.ts";
import { executeBlockRequest } from "../wire/requests.ts";
import { readSealed } from "../wire/sealed.ts";
import { ChainApart, KernelsApart } from "./apart.ts";
import { MemoryHost } from "./memoryHost.ts";

test("a chain apart notices a block that came to something else", async () => {
  const module = await loadKernelModule();
  const host = new MemoryHost();
  const kernel = new Kernel(module, host);
  const genesis = rollupGenesis({});
  const configuration = encodeConfiguration(genesis);
  kernel.request("configure", configuration);
  const first = kernel.request("genesis", encodeGenesis(genesis));
  const { headerRlp, hash, changes } = readSealed(first);
  host.apply(changes);
  const context = nextContext({ number: 0n, hash: toHex(hash) });
  const request = (parentHeader: Uint8Array): Uint8Array => executeBlockRequest(parentHeader, context);
  const sealed = kernel.request("execute_block", request(headerRlp));
  const last = sealed.length - 1;
  const other = sealed.with(last, sealed[last]! ^ 1);
  for (const [answer, differs] of [
    [sealed, false],
    [other, true],
  ] as const) {
    const chain = new ChainApart(new KernelsApart(module), configuration, first, {
      hashes: () => hash,
      distance: 1,
    });
    chain.execute(request, answer);
    if (differs) assert.throws(() => chain.finish(), /another block/);
    else chain.finish();
  }
});
