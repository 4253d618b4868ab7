import { receiptDigest, recoverSigner, signingDomain } from "@metis/protocol";
import type { GenesisConfig, Receipt } from "@metis/protocol";
import { hexToBigInt, hexToNumber, isAddressEqual, keccak256, type Address, type Hash, type Hex } from "viem";
import { ClientError } from "../errors.ts";
import type { ReaderLike } from "../utils/send.ts";

export interface SendRawTransactionWithReceiptParameters {
  readonly serializedTransaction: Hex;
  /** The chain, whose signing domain the receipt is under: `genesisConfig` of the deployment file. */
  readonly genesisConfig: GenesisConfig;
}
/** The leader's word (docs/spec/receipts.md): keep it, with its signature it is evidence if the leader breaks it. */
export interface SendRawTransactionWithReceiptReturnType {
  readonly receipt: Receipt;
  readonly signer: Address;
  readonly signature: Hex;
}
/** `receipt-invalid`; what viem throws for the node's refusals, `data.transactionHash` set when the pool has the transaction. */
export type SendRawTransactionWithReceiptErrorType = ClientError | Error;

interface Answer {
  readonly transactionHash: Hash;
  readonly receipt: Readonly<Record<"generation" | "sequence" | "firstBlock" | "lastBlock" | "signature", Hex>> & {
    readonly signer: Address;
  };
}
interface ReceiptMethod {
  readonly Method: "rollup_sendRawTransactionWithReceipt";
  readonly Parameters: readonly [Hex];
  readonly ReturnType: Answer;
}

/**
 * Sends a signed transaction and gets the leader's receipt for its place in line, checked: it is about this transaction and signed by
 * whom it names. Whether that signer holds a seat `getPoolStatus` says.
 *
 * @example
 * const { receipt, signer } = await l2Client.sendRawTransactionWithReceipt({ serializedTransaction, genesisConfig });
 */
export async function sendRawTransactionWithReceipt(
  client: ReaderLike,
  { serializedTransaction, genesisConfig }: SendRawTransactionWithReceiptParameters,
): Promise<SendRawTransactionWithReceiptReturnType> {
  const answer = await client.request<ReceiptMethod>(
    { method: "rollup_sendRawTransactionWithReceipt", params: [serializedTransaction] },
    { retryCount: 0 },
  );
  const { generation, sequence, firstBlock, lastBlock, signer, signature } = answer.receipt;
  const receipt = {
    generation: hexToNumber(generation),
    transactionHash: answer.transactionHash,
    sequence: hexToBigInt(sequence),
    firstBlock: hexToBigInt(firstBlock),
    lastBlock: hexToBigInt(lastBlock),
  };
  const signed = recoverSigner(receiptDigest(signingDomain(genesisConfig), receipt), signature);
  if (receipt.transactionHash !== keccak256(serializedTransaction) || !signed || !isAddressEqual(signed, signer))
    throw new ClientError(
      "receipt-invalid",
      "the node's answer is no receipt of its signer for this transaction",
      answer,
    );
  return { receipt, signer, signature };
}
