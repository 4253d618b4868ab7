// A feed that shows another block of every number than the one that its source does, signed with a seat's key.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { blockAttestationDigest, decodeRlp, encodeRlp, RlpFields, signDigest } from "@metis/protocol";
import type { BlockAttestation, SigningDomain } from "@metis/protocol";
import { createRpcClient, listen } from "@metis/runtime";
import { keccak256, toHex } from "viem";
import type { Hex } from "viem";

export interface ForkingFeed {
  readonly url: string;
  close(): void;
}

interface Page {
  readonly signed: Hex;
  readonly blocks: readonly Hex[];
}

/** The signed block `bytes` with another hash in its attestation, signed by `key` alone. */
function forked(bytes: Hex, domain: SigningDomain, key: Hex): Hex {
  const fields = new RlpFields("signed block", decodeRlp(Buffer.from(bytes.slice(2), "hex")));
  const inputs = fields.bytes();
  const given = new RlpFields("attestation", fields.list());
  const attestation: BlockAttestation = {
    generation: given.number(),
    epoch: given.uint(64),
    number: given.uint(64),
    blockHash: keccak256(given.hex(32)),
    outputRoot: given.hex(32),
    anchorNumber: given.uint(64),
    anchorHash: given.hex(32),
  };
  const signature = signDigest(blockAttestationDigest(domain, attestation), key);
  const { generation, epoch, number, blockHash, outputRoot, anchorNumber, anchorHash } = attestation;
  const told = [generation, epoch, number, blockHash, outputRoot, anchorNumber, anchorHash];
  return toHex(encodeRlp([inputs, told, 1n, signature]));
}

/** Listens on a free port; serves ranges of what `source` serves, forked by the first seat, whose key is `key`. */
export async function startForkingFeed(source: string, domain: SigningDomain, key: Hex): Promise<ForkingFeed> {
  const client = createRpcClient({ url: source, timeoutMs: 5_000 });
  const answer = async (body: string): Promise<string> => {
    const { id, method, params } = JSON.parse(body) as { id: number; method: string; params: readonly unknown[] };
    const { signed, blocks } = await client.request<Page>(method, params);
    const result = { signed, blocks: blocks.map((block) => forked(block, domain, key)) };
    return JSON.stringify({ jsonrpc: "2.0", id, result });
  };
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      answer(body).then(
        (text) => response.end(text),
        () => response.destroy(),
      );
    });
  });
  await listen(server, { host: "127.0.0.1", port: 0 });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => server.close() };
}
