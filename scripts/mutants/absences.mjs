// Guards of what members are punished for that are away, or never lead: for scripts/contract-mutants.mjs.
import { brokenIn } from "./brokenIn.mjs";

const slashing = "l1/SlashingManager.sol";

export const absences = [
  ...brokenIn(slashing, "Offences", [
    ["half is too little", "if (attested * 2 >= attendance.blocks)", "if (attested * 2 > attendance.blocks)"],
    ["any attendance accuses", "if (told != _storage().reserve.attendanceHashOf(epoch))"],
    ["any set is accused", "if (setHash != given)"],
    ["a seat that is over is jailed", "if ($.pool.stakeOf(seqId).status != SeatStatus.Active) return;", ""],
    ["an absence is not jailed", "ABSENCE, msg.sender);\n        _jail(seqId);", "ABSENCE, msg.sender);"],
  ]),
  ...brokenIn(slashing, "NoProposal", [
    ["who proposed did not", "if (proposed != 0)"],
    ["every member's share is the whole", "letsTurnsPass(inAll, member.weight,", "letsTurnsPass(inAll, totalWeight,"],
    [
      "a wait goes on through another set",
      "_requireSet(epoch, members);\n            (uint256",
      "if (epoch == firstEpoch) _requireSet(epoch, members);\n            (uint256",
    ],
    ["an epoch counts for many absences", "if (epoch != last) _use(_absenceId(seqId, epoch));", ""],
  ]),
  ...brokenIn("libraries/Attendance.sol", "NoProposal", [
    ["one own term without a block is enough", "TERMS_WITHOUT_BLOCK = 12", "TERMS_WITHOUT_BLOCK = 1"],
  ]),
];
