import assert from "node:assert/strict";
import { test } from "node:test";
import { startAnvil } from "@metis/testing";
import { custom, type EIP1193RequestFn, type Transport } from "viem";
import { DeploySender } from "./sender.ts";

/**
 * L1 that mines one block in all, once a receipt was asked for twice, and answers a question for a whole block only after the
 * new block's number was read.
 */
function miningOnce(request: EIP1193RequestFn): Transport {
  let misses = 0;
  let seen = false;
  let tell: () => void = () => undefined;
  const numberRead = new Promise<void>((resolve) => (tell = resolve));
  return custom({
    async request({ method, params }) {
      if (method === "eth_getBlockByNumber" && params[1] === true) await numberRead;
      const answer: unknown = await request({ method, params });
      if (method === "eth_getTransactionReceipt" && answer === null && ++misses === 2) {
        await request({ method: "evm_mine" as never });
        seen = true;
      } else if (method === "eth_blockNumber" && seen) tell();
      return answer;
    },
  });
}

test("a step is confirmed by the last block that L1 mines, also when that one comes while the step is looked for", async () => {
  const anvil = await startAnvil();
  try {
    await anvil.client.setAutomine(false);
    const steps: string[] = [];
    const sender = new DeploySender(
      miningOnce(anvil.client.request),
      anvil.account(0),
      (what) => void steps.push(what),
    );
    await sender.phase([{ what: "a call", to: sender.address, data: "0x" }]);
    assert.deepEqual(steps, ["a call"]);
  } finally {
    await anvil.stop();
  }
});
