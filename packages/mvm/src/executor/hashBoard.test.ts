import assert from "node:assert/strict";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { HashBoard } from "./hashBoard.ts";

const hashOf = (number: number): Uint8Array => new Uint8Array(32).fill(number % 251);

/** A thread that puts up `numbers` once it is told to, then does `last`. */
function elsewhere(memory: SharedArrayBuffer, numbers: readonly number[], last: "close" | "nothing"): Worker {
  const module = new URL("./hashBoard.ts", import.meta.url).href;
  const code = `
    import { parentPort, workerData } from "node:worker_threads";
    const { HashBoard } = await import(${JSON.stringify(module)});
    const board = new HashBoard(workerData.memory);
    for (const number of workerData.numbers) board.put(number, new Uint8Array(32).fill(number % 251));
    if (workerData.last === "close") board.close();`;
  const url = new URL(`data:text/javascript,${encodeURIComponent(code)}`);
  return new Worker(url, { workerData: { memory, numbers, last } });
}

test("whoever waits for a hash that another thread puts up gets it, and older ones at once", async () => {
  const memory = HashBoard.allocate();
  const board = new HashBoard(memory);
  const numbers = Array.from({ length: 40 }, (_, i) => 2 ** 20 + i);
  const worker = elsewhere(memory, numbers, "nothing");
  assert.deepEqual(board.wait(numbers.at(-1)!, 60_000), hashOf(numbers.at(-1)!));
  for (const number of numbers) assert.deepEqual(board.wait(number, 0), hashOf(number));
  await worker.terminate();
});

test("who waits for what does not come any more is told, and gets what came before", async () => {
  const memory = HashBoard.allocate();
  const board = new HashBoard(memory);
  const worker = elsewhere(memory, [7], "close");
  assert.equal(board.wait(8, 60_000), undefined);
  assert.deepEqual(board.wait(7, 0), hashOf(7));
  await worker.terminate();
});

test("nothing of another way that the chain went is left after it was taken down", () => {
  const board = new HashBoard(HashBoard.allocate());
  board.put(5, hashOf(5));
  board.close();
  board.clear();
  assert.equal(board.wait(5, 0), undefined);
  board.put(5, hashOf(6));
  assert.deepEqual(board.wait(5, 0), hashOf(6));
  assert.equal(board.wait(5 + 64, 0), undefined);
});
