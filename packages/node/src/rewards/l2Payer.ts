import type { MvmReader } from "@metis/mvm";
import type { Hash } from "@metis/protocol";
import type { Secret } from "@metis/runtime";
import { decodeErrorResult, isHex } from "viem";
import type { Abi, Address, Hex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import type { PrivateKeyAccount } from "viem/accounts";
import { nextBaseFee } from "../rpc/blockFees.ts";
import { decodeHeader } from "../rpc/header.ts";

export interface L2PayerOptions {
  readonly reader: Pick<MvmReader, "head" | "account" | "block" | "estimateGas">;
  readonly chainId: bigint;
  readonly privateKey: Secret;
  /** Wei a gas. */
  readonly tip: bigint;
  /** Where this node's own transactions go. Throws `MempoolError`. */
  readonly submit: (raw: Hex) => Promise<Hash>;
}

/** A call for L2. */
export interface L2Call {
  readonly to: Address;
  readonly data: Hex;
  /** Decodes refusals. */
  readonly abi: Abi;
}

/** The state may change before the transaction is in a block. */
const gasMarginPercent = 130n;

/** Sends transactions of one key to L2, whose gas is paid in METIS. */
export class L2Payer {
  readonly #options: L2PayerOptions;
  readonly #account: PrivateKeyAccount;

  constructor(options: L2PayerOptions) {
    this.#options = options;
    this.#account = privateKeyToAccount(options.privateKey.reveal() as Hex);
  }

  get address(): Address {
    return this.#account.address;
  }

  /**
   * Sends `call` unless the contract would refuse it: then why. Nothing is waited for; asked again before it is in a block, the
   * mempool has it already. Throws `MempoolError`: `insufficient-funds` for want of METIS on L2.
   */
  async send({ to, data, abi }: L2Call): Promise<{ readonly hash: Hash } | { readonly refused: string }> {
    const { reader, chainId, submit, tip } = this.#options;
    const { number } = reader.head();
    const tried = await reader.estimateGas({ from: this.address, to, data }, number);
    if (tried.status !== "success") return { refused: reasonOf(abi, tried) };
    const baseFee = nextBaseFee(decodeHeader((await reader.block(number))!.headerRlp)) ?? 0n;
    const raw = await this.#account.signTransaction({
      type: "eip1559",
      chainId: Number(chainId),
      nonce: Number((await reader.account(this.address, number))?.nonce ?? 0n),
      to,
      data,
      gas: (tried.gas * gasMarginPercent) / 100n,
      maxFeePerGas: 2n * baseFee + tip,
      maxPriorityFeePerGas: tip,
    });
    return { hash: await submit(raw) };
  }
}

/** Name of the custom error, or what the machine says. */
function reasonOf(abi: Abi, result: { readonly output?: Hex; readonly reason?: string }): string {
  const { output, reason } = result;
  if (!isHex(output) || output === "0x") return reason ?? "refused";
  try {
    return decodeErrorResult({ abi, data: output }).errorName;
  } catch {
    return output;
  }
}
