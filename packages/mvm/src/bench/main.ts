// The MVM's numbers on this machine: `npm run bench -w @metis/mvm`, with `-- --help` for what it can do.
import { workloadNames } from "./blocks.ts";
import { compute } from "./compute.ts";
import { callLatency } from "./latency.ts";
import { readOptions } from "./options.ts";
import { largeState } from "./state.ts";
import { overlapping } from "./overlap.ts";
import { measureStates } from "./states.ts";
import { printed, type Section } from "./report.ts";

const options = readOptions(process.argv.slice(2));
const sections: Section[] = [];
const show = (section: Section): void => {
  sections.push(section);
  if (!options.json) console.log(`\n${printed(section)}`);
};
const wanted = (name: string): boolean => options.only.includes(name);

if (wanted("compute")) show(await compute(options.rounds, options.snailTracer));
const workloads = workloadNames.filter(wanted);
if (workloads.length > 0) show(await measureStates(workloads, options));
if (wanted("state")) show(await largeState(options));
if (wanted("call")) show(await callLatency());
if (wanted("overlap")) show(await overlapping(options));
if (options.json) console.log(JSON.stringify(sections, undefined, 2));
