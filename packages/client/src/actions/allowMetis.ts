import { metisTokenAbi } from "@metis/protocol/contracts";
import { parseSignature, type Account, type Address, type Hex } from "viem";
import { getBlock, readContract, signTypedData } from "viem/actions";
import type { MetisL1Contracts } from "../contracts.ts";
import type { WalletLike } from "../utils/send.ts";
import { ensureAllowance } from "./ensureAllowance.ts";

/** EIP-2612, split as contracts take it. */
export interface PermitSignature {
  readonly deadline: bigint;
  readonly v: number;
  readonly r: Hex;
  readonly s: Hex;
}

export interface AllowMetisParameters {
  readonly account: Account;
  readonly contracts: Pick<MetisL1Contracts, "metisToken">;
  readonly spender: Address;
  /** METIS wei. */
  readonly amount: bigint;
  readonly by: "permit" | "approve";
}

/** A permit can be used for so long, by L1's clock. Seconds. */
const permitLifetime = 3_600n;

const permitTypes = {
  Permit: [
    { name: "owner", type: "address" },
    { name: "spender", type: "address" },
    { name: "value", type: "uint256" },
    { name: "nonce", type: "uint256" },
    { name: "deadline", type: "uint256" },
  ],
} as const;

/** Gives `spender` an allowance: a signature for it to show, or a transaction of its own, then `undefined`. */
export async function allowMetis(
  client: WalletLike,
  parameters: AllowMetisParameters,
): Promise<PermitSignature | undefined> {
  const { account, contracts, spender, amount, by } = parameters;
  const token = { address: contracts.metisToken, abi: metisTokenAbi } as const;
  if (by === "approve") {
    await ensureAllowance(client, { account, token: contracts.metisToken, spender, amount });
    return undefined;
  }
  const [nonce, domain, block] = await Promise.all([
    readContract(client, { ...token, functionName: "nonces", args: [account.address] }),
    readContract(client, { ...token, functionName: "eip712Domain" }),
    getBlock(client),
  ]);
  const [, name, version, chainId, verifyingContract] = domain;
  const deadline = block.timestamp + permitLifetime;
  const signature = await signTypedData(client, {
    account,
    domain: { name, version, chainId, verifyingContract },
    types: permitTypes,
    primaryType: "Permit",
    message: { owner: account.address, spender, value: amount, nonce, deadline },
  });
  const { r, s, yParity } = parseSignature(signature);
  return { deadline, v: 27 + yParity, r, s };
}
