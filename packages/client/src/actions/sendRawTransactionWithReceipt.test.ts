import assert from "node:assert/strict";
import { test } from "node:test";
import { addressOfKey, receiptDigest, signDigest, signingDomain } from "@metis/protocol";
import { modelGenesis } from "@metis/protocol/testing";
import { createClient, custom, keccak256, toHex, zeroAddress } from "viem";
import type { Hex } from "viem";
import { sendRawTransactionWithReceipt } from "./sendRawTransactionWithReceipt.ts";

const key: Hex = `0x${"07".repeat(32)}`;
const signer = addressOfKey(key);
const raw: Hex = "0x02c0";
const genesisConfig = modelGenesis;
const receipt = { generation: 3, transactionHash: keccak256(raw), sequence: 41n, firstBlock: 1000n, lastBlock: 1255n };

/** A node that answers with `signed`'s signature, shown as a receipt of `transactionHash` by `by`. */
const ask = (signed: typeof receipt, transactionHash = receipt.transactionHash, by = signer) => {
  const { generation, sequence, firstBlock, lastBlock } = signed;
  const shown = { generation: toHex(generation), sequence: toHex(sequence), firstBlock: toHex(firstBlock) };
  const signature = signDigest(receiptDigest(signingDomain(genesisConfig), signed), key);
  const answer = { transactionHash, receipt: { ...shown, lastBlock: toHex(lastBlock), signer: by, signature } };
  const client = createClient({ transport: custom({ request: async () => answer }) });
  return sendRawTransactionWithReceipt(client, { serializedTransaction: raw, genesisConfig });
};

test("a receipt for the transaction sent, by whom it names, is taken", async () => {
  const { receipt: taken, signer: by } = await ask(receipt);
  assert.deepEqual([taken, by], [receipt, signer]);
});

test("a receipt for another transaction, or of another signer, is none", async () => {
  const other = keccak256("0x02c1");
  const invalid = { code: "receipt-invalid" };
  await assert.rejects(ask({ ...receipt, transactionHash: other }), invalid);
  await assert.rejects(ask({ ...receipt, transactionHash: other }, other), invalid);
  await assert.rejects(ask(receipt, receipt.transactionHash, zeroAddress), invalid);
});
