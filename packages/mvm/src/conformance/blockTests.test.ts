import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { decodeRlp, encodeRlp, type RlpItem } from "@metis/protocol";
import { privateKeyToAccount } from "viem/accounts";
import { fromHex, toHex } from "../bytes.ts";
import { encodeGenesis } from "../genesis.ts";
import { pureChainConfig } from "../gethGenesis.ts";
import { Kernel, loadKernelModule } from "../kernel/index.ts";
import { temporaryFolder } from "../testing/synthetic.ts";
import { orderedRoot } from "../trie/ordered.ts";
import { pureBlockRequest } from "../wire/requests.ts";
import { readSealed } from "../wire/sealed.ts";
import { runBlockTests } from "./blockTests.ts";
import { MemoryHost } from "./memoryHost.ts";
import { configurationOf } from "./networks.ts";

const account = privateKeyToAccount(`0x${"11".repeat(32)}`);
const zero = `0x${"00".repeat(32)}` as const;
const coinbase = `0x${"fe".repeat(20)}` as const;

/** An empty block on a genesis of Shanghai, and the genesis as a fixture has it. */
async function emptyChain() {
  const kernel = new Kernel(await loadKernelModule(), new MemoryHost());
  kernel.request("configure", configurationOf("Shanghai", {}));
  const header = { timestamp: 0n, gasLimit: 30_000_000n, extraData: "0x", coinbase, mixHash: zero } as const;
  const genesis = readSealed(
    kernel.request("genesis", encodeGenesis({ chainConfig: pureChainConfig(1n, 0n), alloc: {}, header })),
  );
  const attributes = { timestamp: 12n, gasLimit: 30_000_000n, extraData: "0x", coinbase, prevRandao: zero } as const;
  const more = { parentBeaconBlockRoot: zero, withdrawals: [] };
  const request = pureBlockRequest(genesis.headerRlp, { ...attributes, ...more }, []);
  const sealed = readSealed(kernel.request("execute_block", request));
  const fields = decodeRlp(genesis.headerRlp) as readonly Uint8Array[];
  const genesisBlockHeader = {
    coinbase,
    mixHash: zero,
    timestamp: "0x00",
    difficulty: "0x00",
    extraData: "0x",
    nonce: `0x${"00".repeat(8)}`,
    gasLimit: toHex(fields[9]!),
    baseFeePerGas: toHex(fields[15]!),
  };
  const genesisRLP = toHex(encodeRlp([fields, [], [], []]));
  const fixture = { network: "Shanghai", genesisBlockHeader, genesisRLP, pre: {}, lastblockhash: toHex(genesis.hash) };
  return { fixture, header: decodeRlp(Uint8Array.from(sealed.headerRlp)) as readonly RlpItem[] };
}

test("a bad transaction has its reason, be it in the header's root or left out of it", async (t) => {
  const { fixture, header } = await emptyChain();
  const paid = { type: "eip1559", gas: 21_000n, maxFeePerGas: 10n ** 12n } as const;
  const signed = await account.signTransaction({ ...paid, chainId: 1, nonce: 5, to: coinbase });
  const bytes = fromHex(signed);
  const named = header.with(4, orderedRoot([bytes]));
  const wrong = header.with(4, fromHex(zero));
  const high = "TransactionException.NONCE_MISMATCH_TOO_HIGH";
  const cases: [header: readonly RlpItem[], expectException: string, pass: boolean][] = [
    [named, high, true],
    [header, high, true],
    [header, "TransactionException.NONCE_MISMATCH_TOO_LOW", false],
    [header, "BlockException.INVALID_STATE_ROOT", false],
    [wrong, "BlockException.INVALID_TRANSACTIONS_ROOT", true],
  ];
  const folder = temporaryFolder();
  t.after(() => folder.remove());
  const fixtures = cases.map(([top, expectException], i) => {
    const rlp = toHex(encodeRlp([top, [bytes], [], []]));
    return [`case ${i}`, { ...fixture, blocks: [{ rlp, expectException }] }];
  });
  writeFileSync(join(folder.path, "cases.json"), JSON.stringify(Object.fromEntries(fixtures)));
  const seen: boolean[] = [];
  await runBlockTests([folder.path], ({ pass }) => seen.push(pass));
  assert.deepEqual(
    seen,
    cases.map(([, , pass]) => pass),
  );
});
