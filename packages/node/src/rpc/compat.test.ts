import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { compatArchive, readCases, serveChain, unpack, type CompatCase } from "./compat.fixture.ts";

/** Parts of the suite that this node does not serve, and why. */
const notServed: readonly { readonly test: RegExp; readonly why: string }[] = [
  { test: /^eth_simulateV1\//, why: "eth_simulateV1 is not built (docs/limits.md)" },
  { test: /^debug_trace/, why: "tracing is not built (docs/limits.md)" },
  { test: /send-blob-tx/, why: "the mempool takes no blob transactions (docs/limits.md)" },
];

const archive = compatArchive();

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
    for (const entry of readCases(unpacked.suite)) {
      const skip = notServed.find(({ test: pattern }) => pattern.test(entry.name))?.why ?? false;
      test(entry.name, { skip }, () => run(entry, served.url));
    }
  },
);

async function run({ exchanges, specOnly }: CompatCase, url: string): Promise<void> {
  for (const { request, response } of exchanges) {
    const answer = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: request });
    const got = (await answer.json()) as Json;
    if (specOnly) assert.deepEqual(shapeOf(got), shapeOf(response as Json));
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

/** Keys and kinds of values, not the values: what "speconly" asks for. Lists are alike when their first items are. */
function shapeOf(value: Json): Json {
  if (Array.isArray(value)) return value.length > 0 ? [shapeOf(value[0] ?? null)] : ["anything"];
  if (value !== null && typeof value === "object") {
    const keys = Object.keys(value);
    // Maps keyed by address, number or name of a thing: any of them stands for all.
    return Object.fromEntries(
      keys
        .toSorted()
        .map((key) => [/^(0x[0-9a-fA-F]{40}|\d+)$/.test(key) ? "(key)" : key, shapeOf(value[key] ?? null)]),
    );
  }
  if (typeof value === "string") return /^0x[0-9a-f]*$/i.test(value) ? "hex" : "text";
  return typeof value;
}
