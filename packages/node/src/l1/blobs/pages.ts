import { bytesToHex, isHash } from "viem";
import type { Hash } from "@metis/protocol";
import type { BlobStore } from "./store.ts";

const path = /^\/eth\/v1\/beacon\/blobs\/[0-9a-zA-Z]+$/;
/** Blobs in one answer. */
const maxBlobs = 16;

/**
 * `GET /eth/v1/beacon/blobs/{id}?versioned_hashes=` of the beacon API, from the blobs that this node keeps: another node can name
 * it as its `l1.beacon`. The id is not looked at, the hashes say it all. Nothing for other paths.
 */
export async function blobPage(store: BlobStore, url: URL): Promise<unknown> {
  if (!path.test(url.pathname)) return undefined;
  const asked = url.searchParams.getAll("versioned_hashes").flatMap((list) => list.split(","));
  const hashes = asked.filter((hash): hash is Hash => isHash(hash)).slice(0, maxBlobs);
  const data = hashes.flatMap((hash) => {
    const blob = store.get(hash.toLowerCase() as Hash);
    return blob ? [bytesToHex(blob)] : [];
  });
  return { execution_optimistic: false, finalized: false, data };
}
