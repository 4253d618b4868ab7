import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { importChain, openMvm, orderedProof, parseGethGenesis } from "@metis/mvm";
import { alice, bob, rollupGenesis } from "@metis/mvm/testing";
import { encodeRlp, type RlpInput } from "@metis/protocol";
import { createMetrics, createRpcClient, ManualClock, RpcClientError, seededRng, silentLogger } from "@metis/runtime";
import { hexToBytes, keccak256, type Hex } from "viem";
import { nodeOptions } from "../config.ts";
import { Kzg } from "../l1/blobs/kzg.ts";
import { wrapBlobTransaction } from "../l1/transactions/sidecar.ts";
import { createPureNode, type PureNode } from "./node.ts";

const blockForks = ["homestead", "eip150", "eip158", "byzantium", "constantinople", "petersburg", "istanbul", "berlin"];
const timeForks = ["shanghai", "cancun", "prague", "osaka"];
const zeroHash: Hex = `0x${"00".repeat(32)}`;
const chainId = 77;

const genesis = parseGethGenesis({
  config: {
    chainId,
    terminalTotalDifficulty: 0,
    ...Object.fromEntries([...blockForks, "london"].map((fork) => [`${fork}Block`, 0])),
    ...Object.fromEntries(timeForks.map((fork) => [`${fork}Time`, 0])),
    blobSchedule: { osaka: { target: 6, max: 9, baseFeeUpdateFraction: 5_007_716 } },
  },
  timestamp: "0x10",
  gasLimit: "0x1c9c380",
  alloc: {
    [alice.address]: { balance: "0xde0b6b3a7640000" },
    // Contracts that every block from Prague on calls: here they ask for nothing.
    "0x00000961ef480eb55e80d19ad83579a64c007002": { balance: "0x0", code: "0x00" },
    "0x0000bbddc7ce488642fb579f8b00f3a590007251": { balance: "0x0", code: "0x00" },
  },
});

function temporaryFolder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "metis-pure-"));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Imports `blocks` as `metis node import` does; returns the head. */
async function importBlocks(folder: string, blocks: readonly Uint8Array[]) {
  const chainFile = join(folder, "chain.rlp");
  writeFileSync(chainFile, Buffer.concat(blocks));
  return (await importChain({ dataDir: join(folder, "data"), genesis, chainFile })).head;
}

const nodeOn = (folder: string): PureNode =>
  createPureNode(nodeOptions({ dataDir: join(folder, "data") }), {
    clock: new ManualClock(),
    logger: silentLogger(),
    metrics: createMetrics(),
    rng: seededRng(1),
  });

async function serve(t: TestContext) {
  const folder = temporaryFolder(t);
  const head = await importBlocks(folder, []);
  const node = nodeOn(folder);
  await node.start();
  t.after(() => node.stop());
  return { folder, head, node, rpc: createRpcClient({ url: node.rpcUrl }) };
}

const send = (nonce: number): Promise<Hex> =>
  alice.signTransaction({
    type: "eip1559",
    chainId,
    nonce,
    to: bob,
    value: 1n,
    gas: 21_000n,
    maxFeePerGas: 10n ** 10n,
    maxPriorityFeePerGas: 500n,
  });

const attributes = {
  timestamp: "0x20",
  prevRandao: zeroHash,
  suggestedFeeRecipient: bob,
  withdrawals: [{ index: "0x0", validatorIndex: "0x1", address: bob, amount: "0x3" }],
  parentBeaconBlockRoot: zeroHash,
};

type Payload = Readonly<Record<string, Hex>> & { readonly transactions: readonly Hex[] };
interface Envelope {
  readonly executionPayload: Payload;
  readonly blockValue: Hex;
}

const rootOf = (values: readonly Uint8Array[]): Hex => keccak256(orderedProof(values, 0)[0]!);
/** RLP's integers have no leading zeros. */
const integer = (quantity: Hex): bigint => BigInt(quantity);

/** The block that a payload describes, header by header field as the Yellow Paper has them. */
function blockOf(payload: Payload): { readonly header: Uint8Array; readonly block: Uint8Array } {
  const withdrawal: RlpInput = [0n, 1n, bob, 3n];
  const header = [
    payload["parentHash"]!,
    "0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347",
    payload["feeRecipient"]!,
    payload["stateRoot"]!,
    rootOf(payload.transactions.map((raw) => hexToBytes(raw))),
    payload["receiptsRoot"]!,
    payload["logsBloom"]!,
    0n,
    integer(payload["blockNumber"]!),
    integer(payload["gasLimit"]!),
    integer(payload["gasUsed"]!),
    integer(payload["timestamp"]!),
    payload["extraData"]!,
    payload["prevRandao"]!,
    "0x0000000000000000",
    integer(payload["baseFeePerGas"]!),
    rootOf([encodeRlp(withdrawal)]),
    integer(payload["blobGasUsed"]!),
    integer(payload["excessBlobGas"]!),
    attributes.parentBeaconBlockRoot,
    "0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  ] as const satisfies RlpInput;
  return {
    header: encodeRlp(header),
    block: encodeRlp([header, payload.transactions.map((raw) => hexToBytes(raw)), [], [withdrawal]]),
  };
}

const refusal = async (request: Promise<unknown>): Promise<[number | undefined, string]> => {
  const error = await request.then(
    () => assert.fail("was answered"),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof RpcClientError);
  return [error.payload.rpcCode, error.message];
};

test("an imported chain is served: its head is safe and final, the mempool is empty", async (t) => {
  const { head, rpc } = await serve(t);
  for (const tag of ["latest", "safe", "finalized", "pending"])
    assert.equal((await rpc.request<{ hash: Hex }>("eth_getBlockByNumber", [tag, false])).hash, head.hash);
  assert.equal(await rpc.request("eth_chainId"), "0x4d");
  assert.deepEqual(await rpc.request("txpool_status"), { pending: "0x0", queued: "0x0" });
});

test("testing_buildBlockV1 builds a block that an import takes, and keeps nothing of it", async (t) => {
  const { folder, head, node, rpc } = await serve(t);
  const build = (...rest: unknown[]): Promise<Envelope> =>
    rpc.request<Envelope>("testing_buildBlockV1", [head.hash, attributes, ...rest]);
  const raw = await send(0);
  const { executionPayload: payload, blockValue } = await build([raw], "0x6d65746973");
  assert.deepEqual([payload.transactions, payload["extraData"], blockValue], [[raw], "0x6d65746973", "0xa037a0"]);
  const { header, block } = blockOf(payload);
  assert.equal(keccak256(header), payload["blockHash"]);
  assert.equal(await rpc.request("eth_blockNumber"), "0x0");
  await node.stop();
  assert.deepEqual(await importBlocks(folder, [block]), { number: 1, hash: payload["blockHash"] });
});

test("testing_buildBlockV1 fills a block from the mempool for null, and not for an empty list", async (t) => {
  const { head, rpc } = await serve(t);
  const raws = [await send(0), await send(1)];
  for (const raw of raws) await rpc.request("eth_sendRawTransaction", [raw]);
  const build = async (transactions: unknown): Promise<readonly Hex[]> => {
    const built = await rpc.request<Envelope>("testing_buildBlockV1", [head.hash, attributes, transactions]);
    return built.executionPayload.transactions;
  };
  assert.deepEqual(await build(null), raws);
  assert.deepEqual(await build([]), []);
  assert.deepEqual(await rpc.request("txpool_status"), { pending: "0x2", queued: "0x0" });
});

test("testing_buildBlockV1 refuses a transaction that cannot be made, and inputs that are none", async (t) => {
  const { head, rpc } = await serve(t);
  const build = (...params: unknown[]) => refusal(rpc.request("testing_buildBlockV1", params));
  const [code, message] = await build(head.hash, attributes, [await send(0), await send(2)]);
  assert.equal(code, -32000);
  assert.match(message, new RegExp(`nonce too high: address ${alice.address}, tx: 2 state: 1`));
  assert.match((await build(zeroHash, attributes, []))[1], /unknown parent block/);
  assert.equal((await build(head.hash, { ...attributes, timestamp: "0x10" }, []))[0], -32000);
  assert.equal((await build(head.hash, attributes, [], `0x${"00".repeat(33)}`))[0], -32602);
  assert.equal((await build(head.hash, { ...attributes, parentBeaconBlockRoot: undefined }, []))[0], -32602);
});

test("a blob transaction is taken with the blobs that it names, and no others", async (t) => {
  const { rpc } = await serve(t);
  const kzg = new Kzg();
  t.after(() => kzg.close());
  const blob = new Uint8Array(131_072);
  blob[40] = 7;
  const sidecar = await kzg.sidecar(blob);
  const signed = await alice.signTransaction({
    type: "eip4844",
    chainId,
    nonce: 0,
    to: bob,
    gas: 21_000n,
    maxFeePerGas: 10n ** 10n,
    maxPriorityFeePerGas: 1n,
    maxFeePerBlobGas: 1n,
    blobVersionedHashes: [sidecar.versionedHash],
    sidecars: false,
  });
  const take = (raw: Hex): Promise<Hex> => rpc.request<Hex>("eth_sendRawTransaction", [raw]);
  const other = Uint8Array.from(blob);
  other[40] = 8;
  const proofs = [...sidecar.cellProofs.slice(1), sidecar.cellProofs[0]!];
  for (const wrong of [{ blob: other }, { cellProofs: proofs }, { commitment: sidecar.cellProofs[0]! }])
    assert.match((await refusal(take(wrapBlobTransaction(signed, [{ ...sidecar, ...wrong }]))))[1], /invalid blob/);
  assert.match((await refusal(take(wrapBlobTransaction(signed, []))))[1], /versioned hashes/);
  assert.match((await refusal(take(signed)))[1], /no transaction with its blobs/);
  assert.equal(await take(wrapBlobTransaction(signed, [sidecar])), keccak256(signed));
  assert.deepEqual(await rpc.request("txpool_status"), { pending: "0x1", queued: "0x0" });
});

test("a folder without an imported chain is refused and left as it was", async (t) => {
  const folder = temporaryFolder(t);
  const isRefused = (words: RegExp): Promise<void> =>
    assert.rejects(nodeOn(folder).start(), { name: "NodeError", code: "wrong-chain", message: words });
  await isRefused(/metis node import/);
  assert.equal(existsSync(join(folder, "data")), false);
  const rollup = { dataDir: join(folder, "data"), genesis: rollupGenesis() };
  await (await openMvm(rollup)).close();
  await isRefused(/a rollup's/);
  await (await openMvm(rollup)).close();
});
