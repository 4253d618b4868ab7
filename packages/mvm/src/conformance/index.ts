export { runBlockTests, type BlockTestResult } from "./blockTests.ts";
export { runStateTests, type StateTestResult } from "./stateTests.ts";
