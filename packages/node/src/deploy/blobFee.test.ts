import assert from "node:assert/strict";
import { test } from "node:test";
import { blobBaseFee } from "./blobFee.ts";

const cancun = { blobSchedule: [{ l1Timestamp: 0n, baseFeeUpdateFraction: 3_338_477n }] };

test("the blob base fee is EIP-4844's", () => {
  // From the vectors of the consensus clients' implementations of fake_exponential.
  assert.equal(blobBaseFee(cancun, 0n, 0n), 1n);
  assert.equal(blobBaseFee(cancun, 0n, 2_314_057n), 1n);
  assert.equal(blobBaseFee(cancun, 0n, 2_314_058n), 2n);
  assert.equal(blobBaseFee(cancun, 0n, 10n * 1024n * 1024n), 23n);
});

test("an entry of the schedule holds from its timestamp on, and before the first there is no price", () => {
  const schedule = {
    blobSchedule: [
      { l1Timestamp: 10n, baseFeeUpdateFraction: 3_338_477n },
      { l1Timestamp: 20n, baseFeeUpdateFraction: 5_007_716n },
    ],
  };
  assert.equal(blobBaseFee(schedule, 19n, 10n * 1024n * 1024n), 23n);
  assert.equal(blobBaseFee(schedule, 20n, 10n * 1024n * 1024n), 8n);
  assert.throws(() => blobBaseFee(schedule, 9n, 0n), RangeError);
});
