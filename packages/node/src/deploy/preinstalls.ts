import { predeploys } from "@metis/protocol";
import {
  beaconRootsRuntime,
  deterministicDeployerRuntime,
  historyRuntime,
  multicall3Runtime,
  permit2Immutables,
  permit2MainnetRuntime,
} from "@metis/protocol/contracts";
import { encodeAbiParameters, keccak256, slice, concatHex, stringToHex, type Address, type Hex } from "viem";
import type { GenesisAccount } from "./storage.ts";
import { word } from "./storage.ts";

/** `code` with the 32 bytes at `offset` replaced. */
export const replaceWord = (code: Hex, offset: number, value: Hex): Hex =>
  concatHex([slice(code, 0, offset), value, slice(code, offset + 32)]);

/** Permit2 as its constructor would leave it on `chainId`. */
export function permit2Runtime(chainId: bigint): Hex {
  const domainSeparator = keccak256(
    encodeAbiParameters(
      [{ type: "bytes32" }, { type: "bytes32" }, { type: "uint256" }, { type: "address" }],
      [
        keccak256(stringToHex("EIP712Domain(string name,uint256 chainId,address verifyingContract)")),
        keccak256(stringToHex("Permit2")),
        chainId,
        predeploys.permit2,
      ],
    ),
  );
  const named = replaceWord(permit2MainnetRuntime, permit2Immutables.chainId, word(chainId));
  return replaceWord(named, permit2Immutables.domainSeparator, domainSeparator);
}

/** Contracts that wallets and applications expect at their well-known addresses, and the system contracts of Ethereum. */
export const preinstalls = (chainId: bigint): Record<Address, GenesisAccount> =>
  Object.fromEntries(
    Object.entries({
      [predeploys.history]: historyRuntime,
      [predeploys.beaconRoots]: beaconRootsRuntime,
      [predeploys.multicall3]: multicall3Runtime,
      [predeploys.deterministicDeployer]: deterministicDeployerRuntime,
      [predeploys.permit2]: permit2Runtime(chainId),
    }).map(([address, code]) => [address, { nonce: 1n, balance: 0n, code }]),
  );
