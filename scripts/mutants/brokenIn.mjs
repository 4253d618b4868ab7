/**
 * Guards of one contract, as [what is broken, file, text, what it becomes, test files that must notice] each.
 *   file    from contracts/src
 *   tests   names of files in contracts/test, with commas between them
 *   guards  [what is broken, text, what it becomes]: a condition that nothing meets any more where the last is left out
 */
export const brokenIn = (file, tests, guards) =>
  guards.map(([what, text, instead = "if (false)"]) => [what, file, text, instead, tests]);
