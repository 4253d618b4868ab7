import assert from "node:assert/strict";
import { test } from "node:test";
import { WriterClient, type WriterThread } from "./writerClient.ts";

function newClient(): { readonly client: WriterClient; readonly calls: readonly (readonly unknown[])[] } {
  const calls: (readonly unknown[])[] = [];
  const call = async (method: string, ...args: readonly unknown[]): Promise<unknown> => calls.push([method, ...args]);
  const thread: WriterThread = { call: call as WriterThread["call"], isLost: false, terminate: async () => {} };
  return { client: new WriterClient(thread), calls };
}

test("the worker hears of a commit whether the next block was begun in the same turn", async () => {
  const { client, calls } = newClient();
  const first = client.commit("0x01");
  await client.call("execute", 1);
  await Promise.all([first, client.commit("0x02")]);
  await client.call("open", 2);
  assert.deepEqual(calls, [
    ["commit", "0x01", true],
    ["execute", 1],
    ["commit", "0x02", false],
    ["open", 2],
  ]);
});

test("everything arrives in the order it was asked for", async () => {
  const { client, calls } = newClient();
  await Promise.all([client.commit("0x01"), client.commit("0x02"), client.call("rewind", 0)]);
  await Promise.all([client.commit("0x03"), client.call("close")]);
  assert.deepEqual(calls, [
    ["commit", "0x01", false],
    ["commit", "0x02", false],
    ["rewind", 0],
    ["commit", "0x03", false],
    ["close"],
  ]);
});
