import { decodeRlp, encodeRlp, type RlpItem } from "@metis/protocol";
import { keccak256 } from "viem/utils";
import { toBigInt } from "../bytes.ts";
import { MvmError } from "../errors.ts";
import { readWithdrawal } from "../storage/body.ts";
import type { ImportedParts } from "./sealed.ts";

const headerNumberField = 8;

/** What the host needs of a full Ethereum block; the kernel checks the rest. */
export interface ImportedBlock {
  readonly number: number;
  readonly hash: Uint8Array;
  readonly headerRlp: Uint8Array;
  readonly parts: ImportedParts;
}

/** Throws `MvmError` "import-invalid". */
export function decodeImported(bytes: Uint8Array): ImportedBlock {
  try {
    const [header, , ommers, withdrawals] = decodeRlp(bytes) as readonly RlpItem[];
    const fields = header as readonly RlpItem[];
    const headerRlp = encodeRlp(fields);
    return {
      number: Number(toBigInt(fields[headerNumberField] as Uint8Array)),
      hash: keccak256(headerRlp, "bytes"),
      headerRlp,
      parts: {
        size: bytes.length,
        withdrawals: withdrawals && (withdrawals as readonly RlpItem[]).map(readWithdrawal),
        ommers: (ommers as readonly RlpItem[]).map((ommer) => encodeRlp(ommer)),
      },
    };
  } catch (error) {
    throw new MvmError("import-invalid", "The file holds something that is no block.", undefined, {}, { cause: error });
  }
}

/**
 * Signed transactions of a full block, EIP-2718 bytes; none of something that is no block, which its import will say.
 */
export function importedTransactions(bytes: Uint8Array): Uint8Array[] {
  try {
    const [, transactions] = decodeRlp(bytes) as readonly RlpItem[];
    return (transactions as readonly RlpItem[]).map((item) => (item instanceof Uint8Array ? item : encodeRlp(item)));
  } catch {
    return [];
  }
}
