import { feeCap, tipCap, type SignedTransaction } from "@metis/protocol";
import { size, type Hex } from "viem";
import { MempoolError } from "./errors.ts";

/** What a transaction must satisfy without looking at state. */
export interface PoolRules {
  readonly chainId: bigint;
  readonly blockGasLimit: bigint;
  readonly minTip: bigint;
  readonly allowUnprotected: boolean;
}

/** EIP-7825: most gas of one transaction. */
export const maxTransactionGas = 1n << 24n;
/** EIP-3860. */
const maxInitcodeBytes = 49_152;
/** EIP-7594: most blobs of one transaction. */
const maxBlobs = 6;
/** EIP-2681: the last nonce that can be used. */
const maxNonce = 2n ** 64n - 2n;

const gas = {
  transaction: 21_000n,
  creation: 32_000n,
  initcodeWord: 2n,
  token: 4n,
  floorToken: 10n,
  accessListAddress: 2400n,
  accessListKey: 1900n,
  authorization: 25_000n,
} as const;

/** Throws `MempoolError` unless `transaction` may be in a block of this chain, state aside. */
export function checkTransaction(transaction: SignedTransaction, rules: PoolRules): void {
  checkKind(transaction, rules);
  checkGas(transaction, rules);
  const cap = feeCap(transaction);
  const tip = tipCap(transaction);
  if (tip > cap)
    throw new MempoolError(
      "fee-caps-crossed",
      `max priority fee per gas higher than max fee per gas: maxPriorityFeePerGas: ${tip}, maxFeePerGas: ${cap}`,
    );
  if (tip < rules.minTip)
    throw new MempoolError(
      "underpriced",
      `transaction underpriced: gas tip cap ${tip}, minimum needed ${rules.minTip}`,
    );
}

function checkKind(transaction: SignedTransaction, rules: PoolRules): void {
  if (transaction.chainId === undefined) {
    if (!rules.allowUnprotected)
      throw new MempoolError("unprotected", "only replay-protected (EIP-155) transactions allowed over RPC");
  } else if (transaction.chainId !== rules.chainId)
    throw new MempoolError(
      "wrong-chain",
      `invalid sender: invalid chain id for signer: have ${transaction.chainId} want ${rules.chainId}`,
    );
  if (transaction.nonce > maxNonce) throw new MempoolError("nonce-too-high", "nonce has max value");
  checkBlobHashes(transaction);
  if (transaction.type !== 4) return;
  if (transaction.to === null)
    throw new MempoolError("bad-authorizations", "input string not a valid set code tx: it must call an account");
  if (transaction.authorizationList.length === 0)
    throw new MempoolError("bad-authorizations", "set code tx must have at least one authorization tuple");
}

/** EIP-4844, EIP-7594. */
function checkBlobHashes(transaction: SignedTransaction): void {
  if (transaction.type !== 3) return;
  const { to, blobVersionedHashes: hashes } = transaction;
  const fail = (why: string): never => {
    throw new MempoolError("bad-blobs", `invalid blob transaction: ${why}`);
  };
  if (to === null) fail("it must call an account");
  if (hashes.length === 0) fail("missing blob hashes");
  if (hashes.length > maxBlobs) fail(`too many blobs: have ${hashes.length}, permitted ${maxBlobs}`);
  if (hashes.some((hash) => !hash.startsWith("0x01"))) fail("a blob hash is not of version 1");
}

function checkGas(transaction: SignedTransaction, rules: PoolRules): void {
  const { gasLimit, to, data } = transaction;
  if (gasLimit > maxTransactionGas)
    throw new MempoolError(
      "gas-too-high",
      `transaction gas limit too high (cap: ${maxTransactionGas}, tx: ${gasLimit})`,
    );
  if (gasLimit > rules.blockGasLimit) throw new MempoolError("gas-too-high", "exceeds block gas limit");
  const length = size(data);
  if (to === null && length > maxInitcodeBytes)
    throw new MempoolError(
      "initcode-too-large",
      `max initcode size exceeded: code size ${length}, limit ${maxInitcodeBytes}`,
    );
  const { intrinsic, floor } = intrinsicGas(transaction);
  if (gasLimit < intrinsic)
    throw new MempoolError("gas-too-low", `intrinsic gas too low: gas ${gasLimit}, minimum needed ${intrinsic}`);
  if (gasLimit < floor)
    throw new MempoolError(
      "gas-too-low",
      `insufficient gas for floor data gas cost: gas ${gasLimit}, minimum needed ${floor}`,
    );
}

/** Gas used before the first instruction (Yellow Paper g0 with EIP-2028, 2930, 3860, 7702), and the floor of EIP-7623. */
export function intrinsicGas(transaction: SignedTransaction): { readonly intrinsic: bigint; readonly floor: bigint } {
  const tokens = calldataTokens(transaction.data);
  let intrinsic = gas.transaction + tokens * gas.token;
  if (transaction.to === null) {
    const words = BigInt(Math.ceil(size(transaction.data) / 32));
    intrinsic += gas.creation + words * gas.initcodeWord;
  }
  if ("accessList" in transaction) {
    for (const { storageKeys } of transaction.accessList)
      intrinsic += gas.accessListAddress + BigInt(storageKeys.length) * gas.accessListKey;
  }
  if (transaction.type === 4) intrinsic += BigInt(transaction.authorizationList.length) * gas.authorization;
  return { intrinsic, floor: gas.transaction + tokens * gas.floorToken };
}

/** EIP-7623: a zero byte is one token, another four. */
function calldataTokens(data: Hex): bigint {
  let tokens = 0;
  for (let i = 2; i < data.length; i += 2) tokens += data.charCodeAt(i) === 48 && data.charCodeAt(i + 1) === 48 ? 1 : 4;
  return BigInt(tokens);
}
