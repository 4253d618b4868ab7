import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { deflateRawSync } from "node:zlib";
import { DataMode } from "@metis/protocol";
import type { DataHeader, Hash, StateClaim } from "@metis/protocol";
import { encodeContent } from "@metis/rollup";
import { keccak256 } from "viem";
import { blockOf, blocks, config, hash, own, payloadParent, requestOf } from "./batches.fixture.ts";
import { claimOfBlocks } from "./cut.ts";
import type { BatchRequest } from "./messages.ts";
import { reviewData, reviewStructs } from "./review.ts";

const review = (request: BatchRequest, versionedHashes: readonly Hash[] = []) =>
  reviewData(own, request) ?? reviewStructs(own, request, versionedHashes);
const content = encodeContent(config.l2ChainId, payloadParent, blocks);
/** A payload without the dictionary: other bytes, and what they hold is the test's choice. */
const deflated = (bytes: Uint8Array): Uint8Array => Uint8Array.from([1, ...deflateRawSync(bytes)]);

/** The honest request over another payload, its header made to fit. */
function withPayload(payload: Uint8Array): BatchRequest {
  const { header, claim } = requestOf();
  return { header: { ...header, payloadHash: keccak256(payload), payloadSize: payload.length }, claim, payload };
}

/** Another value of the same type. */
const changed = (value: unknown): unknown => {
  if (typeof value === "bigint") return value + 1n;
  if (typeof value === "number") return value + 1;
  return hash(`not ${String(value)}`);
};

suite("a member signs a batch only when it is what its own blocks make", () => {
  test("an honest one is signed, as calldata and as blobs", () => {
    assert.equal(review(requestOf()), undefined);
    const versionedHashes = [hash("blob")];
    assert.equal(review(requestOf(blocks, { mode: 1, versionedHashes }), versionedHashes), undefined);
  });

  test("another deflate of the same content is signed: versions of zlib differ", () => {
    const { header, payload } = withPayload(deflated(content));
    assert.notDeepEqual(payload, requestOf().payload);
    assert.equal(review({ header, payload, claim: claimOfBlocks(header, own.parent, blocks) }), undefined);
  });

  test("every single forged field of the header is named", () => {
    const request = requestOf();
    for (const field of Object.keys(request.header) as (keyof DataHeader)[]) {
      const header = { ...request.header, [field]: changed(request.header[field]) } as DataHeader;
      const refusal = review({ ...request, header });
      assert.ok(refusal, `${field} was not looked at`);
      const isPlace = field === "batchIndex" || field === "parentHash";
      assert.equal(refusal.reason, isPlace ? "other-parent" : "other-header", field);
    }
  });

  test("every single forged field of the claim is named", () => {
    const request = requestOf();
    for (const field of Object.keys(request.claim) as (keyof StateClaim)[]) {
      const claim = { ...request.claim, [field]: changed(request.claim[field]) } as StateClaim;
      assert.deepEqual(review({ ...request, claim }), { reason: "other-claim", detail: `${field} of the claim` });
    }
  });

  test("one output root changed, in payload and claim alike, is refused", () => {
    const [first, last] = blocks;
    const forged = [blockOf(first!.inputs, hash("another output")), last!];
    assert.equal(review(requestOf(forged))?.reason, "other-payload");
    const wrongEnd = [first!, blockOf(last!.inputs, hash("another output"))];
    assert.equal(review(requestOf(wrongEnd))?.reason, "other-payload");
  });

  test("a payload that inflates to something else, to more, or to nothing is refused", () => {
    for (const payload of [
      deflated(content.with(3, content[3]! ^ 1)),
      deflated(Uint8Array.from([...content, 0])),
      deflated(content.subarray(1)),
      deflated(new Uint8Array(50 * 1024 * 1024)),
      Uint8Array.from([1, 0xff, 0xff]),
      Uint8Array.from([2, ...requestOf().payload.subarray(1)]),
      new Uint8Array(),
    ])
      assert.equal(review(withPayload(payload))?.reason, "other-payload");
  });

  test("the commitment must be to blobs that this member made itself", () => {
    const request = requestOf(blocks, { mode: 1, versionedHashes: [hash("another blob")] });
    assert.deepEqual(review(request, [hash("blob")]), {
      reason: "other-header",
      detail: "dataCommitment of the header",
    });
  });

  test("a form that L1 does not take is refused before anything is inflated", () => {
    const { header, claim } = requestOf();
    const long = new Uint8Array(120_001);
    assert.equal(reviewData(own, { header, claim, payload: long })?.reason, "bad-mode");
    const blobs = { ...header, dataMode: DataMode.blobs };
    const longer = new Uint8Array(6 * 4096 * 31 + 1);
    assert.equal(reviewData(own, { header: blobs, claim, payload: longer })?.reason, "bad-mode");
    for (const dataMode of [DataMode.offChain, DataMode.none, 4])
      assert.equal(review({ ...requestOf(), header: { ...header, dataMode } })?.reason, "bad-mode");
  });

  test("the batch of another epoch, generation or deposit queue is refused", () => {
    const other = requestOf(blocks, { depositQueueHash: hash("another queue") });
    assert.equal(review(other)?.detail, "depositQueueHash of the header");
    const { header } = requestOf();
    assert.equal(review({ ...requestOf(), header: { ...header, epoch: 1n } })?.detail, "epoch of the header");
    assert.equal(review({ ...requestOf(), header: { ...header, generation: 1 } })?.detail, "generation of the header");
  });
});
