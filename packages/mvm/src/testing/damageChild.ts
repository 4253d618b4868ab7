// Damages the database in the folder argv[2] in many ways, one after the other, opens it each time and reads all there is.
// Prints what came of it, a word a line: "read", an error's code, or the text of any other error.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { MvmError } from "../errors.ts";
import { Database } from "../storage/database.ts";
import { addressOf, numberedAccounts, slotOf } from "./synthetic.ts";

const [, , path = "", way] = process.argv;
const file = join(path, "data.mdb");
const content = readFileSync(file);
const pageSize = 4096;
/** Not at the ends of pages alone. */
const cutStep = 1777;

function* damages(): Generator<Uint8Array> {
  if (way === "cut") for (let length = 1; length < content.length; length += cutStep) yield content.subarray(0, length);
  else
    // The first two pages say where all others are.
    for (let page = 2 * pageSize; page < content.length; page += pageSize)
      yield Buffer.from(content).fill(0, page, page + pageSize);
}

async function readAll(): Promise<string> {
  let database: Database | undefined;
  try {
    database = Database.open(path);
    for (let number = 0; number <= database.head!.number; number++) {
      database.blocks.block(number);
      database.blocks.receipts(number);
      const view = database.state.at(number);
      for (let account = 0; account < numberedAccounts; account++) view.storage(addressOf(account), slotOf(0));
    }
    for (const { key } of database.state.accounts()) database.state.current.account(key);
    return "read";
  } catch (error) {
    return error instanceof MvmError ? error.code : String(error);
  } finally {
    await database?.close();
  }
}

for (const damaged of damages()) {
  writeFileSync(file, damaged);
  console.log(await readAll());
}
