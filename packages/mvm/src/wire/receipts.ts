import { decodeRlp, RlpFields, type RlpItem } from "@metis/protocol";
import type { LogView, ReceiptView } from "../api.ts";
import { toHex } from "../bytes.ts";

const hashLength = 32;

export function readLog(item: RlpItem): LogView {
  const fields = new RlpFields("log", item);
  return {
    address: fields.address(),
    topics: fields.list().map((topic) => toHex(topic as Uint8Array)),
    data: fields.hex(),
  };
}

/** Consensus fields of a receipt (EIP-2718 bytes; EIP-658 status or, before it, a state root). */
function readConsensus(
  bytes: Uint8Array,
): Pick<ReceiptView, "type" | "status" | "root" | "cumulativeGasUsed" | "logsBloom" | "logs"> {
  const isTyped = bytes[0]! < 0xc0;
  const fields = new RlpFields("receipt", decodeRlp(isTyped ? bytes.subarray(1) : bytes));
  const outcome = fields.bytes(hashLength);
  const hasRoot = outcome.length === hashLength;
  return {
    type: isTyped ? bytes[0]! : 0,
    status: hasRoot || outcome.length === 1 ? 1 : 0,
    ...(hasRoot ? { root: toHex(outcome) } : {}),
    cumulativeGasUsed: fields.uint(64),
    logsBloom: fields.hex(),
    logs: fields.list().map(readLog),
  };
}

function readReceipt(receipt: RlpItem, extra: RlpItem): ReceiptView {
  const fields = new RlpFields("receipt extra", extra);
  const from = fields.address();
  const gasUsed = fields.uint(64);
  const effectiveGasPrice = fields.uint();
  const contract = fields.hex();
  return {
    ...readConsensus(receipt as Uint8Array),
    from,
    gasUsed,
    effectiveGasPrice,
    contractAddress: contract === "0x" ? null : contract,
    l1Fee: fields.uint(),
    l1GasUsed: fields.uint(),
    l1GasPrice: fields.uint(),
  };
}

/** A stored row of receipts: [[consensus bytes...], [extra...]]. Throws `DecodeError` on a damaged row. */
export function readReceipts(row: Uint8Array): ReceiptView[] {
  const fields = new RlpFields("stored receipts", decodeRlp(row));
  const receipts = fields.list();
  const extras = fields.list();
  return receipts.map((receipt, i) => readReceipt(receipt, extras[i]!));
}
