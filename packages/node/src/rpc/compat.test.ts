import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { createRpcClient } from "@metis/runtime";
import { compatArchive, readCases, serveChain, unpack, type CompatCase } from "./compat.fixture.ts";

const archive = compatArchive(process.env["METIS_VECTORS"]);

describe(
  "execution-apis suite",
  { skip: archive ? false : "METIS_VECTORS names no folder with rpc-compat.tar.xz" },
  () => {
    if (!archive) return;
    const unpacked = unpack(archive);
    let served: Awaited<ReturnType<typeof serveChain>>;
    before(async () => {
      served = await serveChain(unpacked.suite, unpacked.work);
    });
    after(async () => {
      await served.close();
      unpacked.remove();
    });
    test("every block comes back as the bytes it was imported from, its ommers by number and hash", async () => {
      const client = createRpcClient({ url: served.url });
      const chain = readFileSync(join(unpacked.suite, "chain.rlp"));
      const raw: string[] = [];
      let ommers = 0;
      for (let number = 1; number <= Number(await client.request("eth_blockNumber")); number++) {
        const at = `0x${number.toString(16)}`;
        raw.push((await client.request<string>("debug_getRawBlock", [at])).slice(2));
        const { size, uncles, hash } = await client.request<Shown>("eth_getBlockByNumber", [at, false]);
        assert.equal(Number(size), raw.at(-1)!.length / 2);
        assert.equal(Number(await client.request("eth_getUncleCountByBlockHash", [hash])), uncles.length);
        for (const index of uncles.keys()) {
          const ommer = await client.request<Shown>("eth_getUncleByBlockNumberAndIndex", [
            at,
            `0x${index.toString(16)}`,
          ]);
          assert.equal(ommer.hash, uncles[index]);
          ommers++;
        }
        assert.equal(
          await client.request("eth_getUncleByBlockHashAndIndex", [hash, `0x${uncles.length.toString(16)}`]),
          null,
        );
      }
      assert.equal(raw.join(""), chain.toString("hex"));
      assert.ok(ommers > 0);
    });
    for (const entry of readCases(unpacked.suite)) test(entry.name, () => run(entry, served.url));
  },
);

interface Shown {
  readonly hash: string;
  readonly size: string;
  readonly uncles: readonly string[];
}

async function run({ exchanges, specOnly }: CompatCase, url: string): Promise<void> {
  for (const { request, response } of exchanges) {
    const answer = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: request });
    const got = (await answer.json()) as Json;
    if (specOnly) assertAlike(got, response as Json, "answer");
    else assert.deepEqual(comparable(got), comparable(response as Json));
  }
}

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** Error texts about parameters name what was expected in our words; the code and all else must be the same. */
function comparable(answer: Json): Json {
  const { error } = answer as { error?: { code: number; message: string; data?: Json } };
  if (error?.code !== -32602) return answer;
  return { error: { code: error.code } };
}

/** Fields that the specification lets a node leave out. */
const optionalFields = new Set(["deleteStrategy"]);

/**
 * What "speconly" asks for: the same fields with the same kinds of values. Lists are compared by their first items; maps
 * from accounts, nonces or slots by the keys both have.
 */
function assertAlike(got: Json, wanted: Json, at: string): void {
  if (Array.isArray(got) && Array.isArray(wanted)) {
    if (got[0] !== undefined && wanted[0] !== undefined) assertAlike(got[0], wanted[0], `${at}[0]`);
  } else if (isObject(got) && isObject(wanted)) {
    const isMap = [...Object.keys(got), ...Object.keys(wanted)].some((key) => /^(0x[0-9a-fA-F]{40}|\d+)$/.test(key));
    const isQueue = /\.(pending|queued)$/.test(at);
    if (!isMap && !isQueue) assert.deepEqual(fieldsOf(got), fieldsOf(wanted), at);
    for (const [key, value] of Object.entries(wanted))
      if (Object.hasOwn(got, key)) assertAlike(got[key] ?? null, value, `${at}.${key}`);
  } else assert.equal(kindOf(got), kindOf(wanted), at);
}

const isObject = (value: Json): value is { [key: string]: Json } =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const fieldsOf = (value: object): string[] =>
  Object.keys(value)
    .filter((key) => !optionalFields.has(key))
    .toSorted();

function kindOf(value: Json): string {
  if (typeof value === "string") return /^0x[0-9a-f]*$/i.test(value) ? "hex" : "text";
  return value === null ? "null" : typeof value;
}
