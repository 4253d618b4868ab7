import assert from "node:assert/strict";
import { test } from "node:test";
import { alice as whale, store, vault } from "@metis/mvm/testing";
import { depositTransaction, depositTransactionHash, type Deposit } from "@metis/protocol";
import { createPublicClient, createWalletClient, http, keccak256, parseEther, parseGwei } from "viem";
import { addressOf, openChain, startBalance, transfer, users } from "./chain.fixture.ts";
import { serve } from "./server.fixture.ts";

const [alice, bob] = users as [(typeof users)[0], (typeof users)[0]];
const word = (value: bigint): `0x${string}` => `0x${value.toString(16).padStart(64, "0")}`;

test("a wallet through viem: estimate, send, wait, read back", async (t) => {
  const chain = await openChain(t);
  const { url, pool } = await serve(t, chain);
  const transport = http(url);
  const reader = createPublicClient({ transport, cacheTime: 0 });
  const wallet = createWalletClient({ account: alice, transport });
  assert.equal(await reader.getChainId(), Number(chain.chainId));
  const hash = await wallet.sendTransaction({ to: bob.address, value: parseEther("1"), chain: null });
  assert.equal((await reader.getTransaction({ hash })).blockNumber, null);
  assert.equal(await reader.getTransactionCount({ address: alice.address, blockTag: "pending" }), 1);
  assert.equal(await reader.getTransactionCount({ address: alice.address }), 0);
  await chain.extend([...pool.pending()].map(({ raw }) => raw));
  const receipt = await reader.getTransactionReceipt({ hash });
  assert.equal(receipt.status, "success");
  assert.equal(receipt.gasUsed, 21_000n);
  assert.equal(receipt.from, addressOf(alice));
  assert.equal(await reader.getBalance({ address: bob.address }), startBalance + parseEther("1"));
  const block = await reader.getBlock({ includeTransactions: true });
  assert.equal(block.number, 1n);
  assert.equal(block.transactions.at(-1)?.hash, hash);
  assert.equal((await reader.getTransaction({ hash })).gasPrice, receipt.effectiveGasPrice);
});

test("contract calls: data, overrides of state and block, storage, code, proof", async (t) => {
  const chain = await openChain(t);
  const { rpc } = await serve(t, chain);
  await chain.extend([await transfer(alice, 0, { to: vault, data: store(1n, 42n), gas: 100_000n })]);
  const call = { to: vault, input: word(1n) };
  assert.equal(await rpc.request("eth_call", [call, "latest"]), word(42n));
  assert.equal(await rpc.request("eth_call", [call, "0x0"]), word(0n));
  assert.equal(
    await rpc.request("eth_call", [call, "latest", { [vault]: { stateDiff: { [word(1n)]: word(7n) } } }]),
    word(7n),
  );
  // NUMBER; PUSH0; MSTORE; MSIZE; PUSH0; RETURN
  const numberCode = "0x435f52595ff3";
  assert.equal(
    await rpc.request("eth_call", [
      { to: bob.address },
      "latest",
      { [bob.address]: { code: numberCode } },
      { number: "0x1234" },
    ]),
    word(0x1234n),
  );
  assert.equal(await rpc.request("eth_getStorageAt", [vault, "0x1", "latest"]), word(42n));
  assert.equal(await rpc.request("eth_getStorageAt", [vault, word(1n), { blockNumber: "0x0" }]), word(0n));
  assert.match(await rpc.request("eth_getCode", [vault]), /^0x36/);
  assert.equal(await rpc.request("eth_getCode", [bob.address, "latest"]), "0x");
  const proof = await rpc.request<{
    storageProof: { key: string; value: string; proof: string[] }[];
    accountProof: `0x${string}`[];
  }>("eth_getProof", [vault, ["0x1"], "latest"]);
  const { stateRoot } = await rpc.request<{ stateRoot: string }>("eth_getBlockByNumber", ["latest", false]);
  assert.equal(keccak256(proof.accountProof[0] ?? "0x"), stateRoot);
  assert.deepEqual([proof.storageProof[0]?.key, proof.storageProof[0]?.value], ["0x1", "0x2a"]);
});

test("reverts come with code 3, reason and data; other failures with the engine's words", async (t) => {
  const chain = await openChain(t);
  const { error, rpc } = await serve(t, chain);
  // Reverts with its own input.
  const echo = { [bob.address]: { code: "0x365f5f37365ffd" } };
  const panic = `0x4e487b71${word(0x11n).slice(2)}`;
  const cases = [
    ["0x", "execution reverted"],
    [panic, "execution reverted: arithmetic underflow or overflow"],
    [
      `0x08c379a0${word(32n).slice(2)}${word(3n).slice(2)}${Buffer.from("why").toString("hex").padEnd(64, "0")}`,
      "execution reverted: why",
    ],
    ["0x08c379a0ff", "execution reverted"],
  ] as const;
  for (const [input, message] of cases) {
    assert.deepEqual(await error("eth_call", [{ to: bob.address, input }, "latest", echo]), {
      code: 3,
      message,
      data: input,
    });
    assert.equal((await error("eth_estimateGas", [{ to: bob.address, input }, "latest", echo])).code, 3);
  }
  const invalid = await error("eth_call", [{ to: bob.address }, "latest", { [bob.address]: { code: "0xfe" } }]);
  assert.equal(invalid.code, -32000);
  assert.match(invalid.message, /invalid/i);
  assert.equal((await error("eth_call", [{}, "0x99"])).message, "header not found");
  assert.equal(
    await rpc.request("eth_estimateGas", [{ from: addressOf(alice), to: bob.address, value: "0x1" }]),
    "0x5208",
  );
});

test("a transaction that cannot be sent is refused in geth's words", async (t) => {
  const chain = await openChain(t);
  const { error } = await serve(t, chain);
  const send = async (raw: string): Promise<string> => (await error("eth_sendRawTransaction", [raw])).message;
  await chain.extend([await transfer(alice, 0)]);
  assert.match(await send(await transfer(alice, 0)), /^nonce too low/);
  assert.match(
    await send(await transfer(bob, 0, { value: startBalance })),
    /^insufficient funds for gas \* price \+ value/,
  );
  assert.match(await send(await transfer(bob, 0, { gas: 20_000n })), /^intrinsic gas too low/);
  assert.match(
    await send(await whale.signTransaction({ chainId: 1, to: vault, gas: 21_000n, gasPrice: parseGwei("1") })),
    /invalid chain id/,
  );
  assert.match((await error("eth_sendTransaction", [{}])).message, /holds no keys/);
});

test("deposits and the system transaction are shown as OP nodes show them", async (t) => {
  const chain = await openChain(t);
  const { rpc } = await serve(t, chain);
  const deposit: Deposit = {
    index: 0n,
    l1BlockNumber: 1n,
    from: addressOf(alice),
    to: addressOf(bob),
    mint: 5n,
    value: 3n,
    gasLimit: 50_000n,
    isCreation: false,
    data: "0x",
  };
  await chain.extend([await transfer(alice, 1)], { anchor: 1n, deposits: [deposit] });
  const block = await rpc.request<{ transactions: Record<string, unknown>[] }>("eth_getBlockByNumber", [
    "latest",
    true,
  ]);
  const [system, deposited, user] = block.transactions;
  assert.equal(system?.["from"], "0xdeaddeaddeaddeaddeaddeaddeaddeaddead0001");
  const expected = depositTransaction(deposit);
  const { hash, type, sourceHash, mint, isSystemTx, value, from, to, gas, gasPrice } = deposited ?? {};
  assert.deepEqual(
    { hash, type, sourceHash, mint, isSystemTx, value, from, to, gas, gasPrice },
    {
      hash: depositTransactionHash(expected),
      type: "0x7e",
      sourceHash: expected.sourceHash,
      mint: "0x5",
      isSystemTx: false,
      value: "0x3",
      from: addressOf(alice),
      to: addressOf(bob),
      gas: "0xc350",
      gasPrice: "0x0",
    },
  );
  const [, depositReceipt, userReceipt] = await rpc.request<Record<string, string>[]>("eth_getBlockReceipts", [
    "latest",
  ]);
  assert.deepEqual(
    [depositReceipt?.["type"], depositReceipt?.["status"], depositReceipt?.["l1Fee"]],
    ["0x7e", "0x1", "0x0"],
  );
  assert.ok(BigInt(userReceipt?.["l1Fee"] ?? 0) > 0n);
  assert.ok(BigInt(userReceipt?.["l1GasUsed"] ?? 0) > 0n);
  assert.equal(
    await rpc
      .request("eth_getTransactionReceipt", [user?.["hash"]])
      .then((receipt) => (receipt as { transactionIndex: string }).transactionIndex),
    "0x2",
  );
});

test("fees: the next base fee, the suggested tip, and the history with rewards", async (t) => {
  const chain = await openChain(t);
  const { rpc } = await serve(t, chain, { "eth.suggestedTip": 7n });
  for (const tip of [1n, 3n])
    await chain.extend([await transfer(alice, Number(tip - 1n) / 2, { maxPriorityFeePerGas: tip * 10n ** 6n })]);
  const history = await rpc.request<{
    oldestBlock: string;
    baseFeePerGas: string[];
    gasUsedRatio: number[];
    reward: string[][];
  }>("eth_feeHistory", ["0x2", "latest", [0, 50, 100]]);
  assert.equal(history.oldestBlock, "0x1");
  assert.equal(history.baseFeePerGas.length, 3);
  assert.deepEqual(history.reward, [Array(3).fill("0xf4240"), Array(3).fill("0x2dc6c0")]);
  assert.equal(history.gasUsedRatio.length, 2);
  const next = await rpc.request<string>("eth_baseFee");
  assert.equal(history.baseFeePerGas.at(-1), next);
  const following = await chain.extend();
  assert.equal(BigInt(next), following.baseFeePerGas);
  assert.equal(
    BigInt(await rpc.request<string>("eth_gasPrice")),
    BigInt(await rpc.request<string>("eth_baseFee")) + 7n,
  );
  assert.equal(await rpc.request("eth_maxPriorityFeePerGas"), "0x7");
  assert.equal(await rpc.request("eth_blobBaseFee"), "0x1");
});
