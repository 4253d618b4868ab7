// Takes blocks of the chain in the folder argv[2] back to block argv[3], and is killed when it comes to block argv[4].
import { Chain } from "../storage/chain.ts";
import { Database } from "../storage/database.ts";

const [path, target, last] = process.argv.slice(2);
const chain = new Chain(Database.open(path!), 50);
const { state } = chain.database;
const undo = state.undo.bind(state);
state.undo = (block) => {
  if (block === Number(last)) process.kill(process.pid, "SIGKILL");
  undo(block);
};
chain.rewind(Number(target));
