import type { Hash } from "@metis/protocol";
import type { Address } from "viem";
import { CommitteeError } from "../errors.ts";
import type { ProtectionStore, SignedNumber } from "./store.ts";

/** Slashing-protection file, in the shape of EIP-3076: numbers as decimal strings, one chain, one key. */
export interface ProtectionFile {
  readonly metadata: { readonly interchange_format_version: "1"; readonly genesis_config_hash: Hash };
  readonly data: readonly [
    {
      readonly signer: Address;
      readonly signed_blocks: readonly {
        readonly generation: string;
        readonly number: string;
        readonly signing_root: Hash;
      }[];
    },
  ];
}

/** What `store` knows, to be carried to another machine. Stop the node first: what is signed later is not in it. */
export function exportProtection(store: ProtectionStore, genesisConfigHash: Hash, signer: Address): ProtectionFile {
  const signed = [...store.entries()].map(({ generation, number, digest }) => ({
    generation: `${generation}`,
    number: `${number}`,
    signing_root: digest,
  }));
  return {
    metadata: { interchange_format_version: "1", genesis_config_hash: genesisConfigHash },
    data: [{ signer, signed_blocks: signed }],
  };
}

/**
 * Merges a file into `store`: afterwards both histories bind. Returns how many records the file held.
 * Throws `protection-foreign` (another chain or key), `protection-corrupt` (form), `double-sign` (contradiction); then
 * nothing was changed.
 */
export async function importProtection(
  store: ProtectionStore,
  genesisConfigHash: Hash,
  signer: Address,
  file: unknown,
): Promise<number> {
  const { hash, signer: fileSigner, records } = parse(file);
  if (hash !== genesisConfigHash || fileSigner !== signer.toLowerCase())
    throw new CommitteeError("protection-foreign", "reject", "the file is of another chain or key", {
      hash,
      fileSigner,
    });
  await store.merge(records);
  return records.length;
}

/** Whose records a file holds. Throws `protection-corrupt`. */
export const signerOfProtection = (file: unknown): Address => parse(file).signer;

const corrupt = (why: string): never => {
  throw new CommitteeError("protection-corrupt", "reject", `not a slashing-protection file: ${why}`, {});
};
const asRecord = (value: unknown, what: string): Record<string, unknown> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : corrupt(`${what} is no object`);
const matching = (value: unknown, form: RegExp, what: string): string =>
  typeof value === "string" && form.test(value) ? value.toLowerCase() : corrupt(`${what} is malformed`);

const hash32 = /^0x[0-9a-fA-F]{64}$/;
const decimal = /^(0|[1-9]\d{0,19})$/;

function parse(file: unknown): { hash: string; signer: Address; records: readonly SignedNumber[] } {
  const root = asRecord(file, "it");
  const metadata = asRecord(root["metadata"], "metadata");
  if (metadata["interchange_format_version"] !== "1") return corrupt("its version is not 1");
  const data: unknown = root["data"];
  if (!Array.isArray(data) || data.length !== 1) return corrupt("data does not hold exactly one key");
  const entry = asRecord(data[0], "data[0]");
  const signed: unknown = entry["signed_blocks"];
  if (!Array.isArray(signed)) return corrupt("signed_blocks is no list");
  const records = signed.map((item: unknown, index): SignedNumber => {
    const fields = asRecord(item, `signed_blocks[${index}]`);
    const generation = Number(matching(fields["generation"], decimal, "generation"));
    const number = BigInt(matching(fields["number"], decimal, "number"));
    if (generation > 0xffff_ffff || number > 0xffff_ffff_ffff_ffffn) return corrupt("a number is too large");
    return { generation, number, digest: matching(fields["signing_root"], hash32, "signing_root") as Hash };
  });
  return {
    hash: matching(metadata["genesis_config_hash"], hash32, "genesis_config_hash"),
    signer: matching(entry["signer"], /^0x[0-9a-fA-F]{40}$/, "signer") as Address,
    records,
  };
}
