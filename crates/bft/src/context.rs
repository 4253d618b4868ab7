//! Malachite's vocabulary bound to ours: 20-byte signer addresses, 32-byte value ids, stake weights, and a proposer order that
//! the host fixes for each height (leader terms and skip lists are decided there, from data every member agrees on).

use core::fmt;

use arc_malachitebft_core_types as types;
use serde::{Deserialize, Serialize};
use types::{Context, NilOrVal, Round, SignedExtension, VoteType};

use crate::hex;

/// Most members a set may have; bitmaps of certificates have as many bits.
pub const MAX_MEMBERS: usize = 256;

#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Height(pub u64);

impl fmt::Display for Height {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl types::Height for Height {
    const ZERO: Height = Height(0);
    const INITIAL: Height = Height(1);
    fn increment_by(&self, n: u64) -> Height {
        Height(self.0.saturating_add(n))
    }
    fn decrement_by(&self, n: u64) -> Option<Height> {
        self.0.checked_sub(n).map(Height)
    }
    fn as_u64(&self) -> u64 {
        self.0
    }
}

/// Address of a member's signer key. Signatures are recoverable, so it stands for the public key too.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address(pub [u8; 20]);

/// Hash of a proposed payload; the payload itself never enters the core.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ValueId(pub [u8; 32]);

/// Recoverable secp256k1 signature: r, s, v.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Signature(pub [u8; 65]);

hex::as_hex!(Address, 20);
hex::as_hex!(ValueId, 32);
hex::as_hex!(Signature, 65);

impl types::Address for Address {}

impl types::Value for ValueId {
    type Id = ValueId;
    fn id(&self) -> ValueId {
        *self
    }
}

/// Payloads travel outside the core, whole: there are no parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoPart;

impl types::ProposalPart<Ctx> for NoPart {
    fn is_first(&self) -> bool {
        true
    }
    fn is_last(&self) -> bool {
        true
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    pub height: Height,
    pub round: Round,
    pub value: ValueId,
    pub pol_round: Round,
    pub proposer: Address,
}

impl types::Proposal<Ctx> for Proposal {
    fn height(&self) -> Height {
        self.height
    }
    fn round(&self) -> Round {
        self.round
    }
    fn value(&self) -> &ValueId {
        &self.value
    }
    fn take_value(self) -> ValueId {
        self.value
    }
    fn pol_round(&self) -> Round {
        self.pol_round
    }
    fn validator_address(&self) -> &Address {
        &self.proposer
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vote {
    pub height: Height,
    pub round: Round,
    pub vote_type: VoteType,
    pub value: NilOrVal<ValueId>,
    pub voter: Address,
    extension: Option<SignedExtension<Ctx>>,
}

impl Vote {
    pub fn new(vote_type: VoteType, height: Height, round: Round, value: NilOrVal<ValueId>, voter: Address) -> Vote {
        Vote { height, round, vote_type, value, voter, extension: None }
    }
}

impl types::Vote<Ctx> for Vote {
    fn height(&self) -> Height {
        self.height
    }
    fn round(&self) -> Round {
        self.round
    }
    fn value(&self) -> &NilOrVal<ValueId> {
        &self.value
    }
    fn take_value(self) -> NilOrVal<ValueId> {
        self.value
    }
    fn vote_type(&self) -> VoteType {
        self.vote_type
    }
    fn validator_address(&self) -> &Address {
        &self.voter
    }
    fn extension(&self) -> Option<&SignedExtension<Ctx>> {
        self.extension.as_ref()
    }
    fn take_extension(&mut self) -> Option<SignedExtension<Ctx>> {
        self.extension.take()
    }
    fn extend(mut self, extension: SignedExtension<Ctx>) -> Vote {
        self.extension = Some(extension);
        self
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    pub address: Address,
    pub weight: u64,
}

impl types::Validator<Ctx> for Member {
    fn address(&self) -> &Address {
        &self.address
    }
    fn public_key(&self) -> &Address {
        &self.address
    }
    fn voting_power(&self) -> u64 {
        self.weight
    }
}

/// The members of a height and who proposes in which round: round r is led by `members[order[r % order.len()]]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemberSet {
    pub members: Vec<Member>,
    pub order: Vec<u16>,
}

impl MemberSet {
    /// Refuses what the core would panic on or miscount: no member, too many, duplicates, zero or overflowing weight, a bad order.
    pub fn check(&self) -> Result<(), &'static str> {
        if self.members.is_empty() || self.members.len() > MAX_MEMBERS {
            return Err("a set has 1 to 256 members");
        }
        if !self.members.is_sorted_by(|a, b| a.address < b.address) {
            return Err("members must be strictly ascending by address");
        }
        let total = self.members.iter().try_fold(0u64, |sum, member| match member.weight {
            0 => None,
            weight => sum.checked_add(weight),
        });
        // Thresholds multiply a weight by three.
        if total.is_none_or(|total| total > u64::MAX / 4) {
            return Err("weights must be positive and their sum below 2^62");
        }
        if self.order.is_empty() || self.order.len() > 4 * MAX_MEMBERS {
            return Err("the proposer order has 1 to 1024 entries");
        }
        if self.order.iter().any(|&index| usize::from(index) >= self.members.len()) {
            return Err("the proposer order names a member that is not in the set");
        }
        Ok(())
    }
}

impl types::ValidatorSet<Ctx> for MemberSet {
    fn count(&self) -> usize {
        self.members.len()
    }
    fn total_voting_power(&self) -> u64 {
        self.members.iter().map(|member| member.weight).sum()
    }
    fn get_by_address(&self, address: &Address) -> Option<&Member> {
        let found = self.members.binary_search_by(|member| member.address.cmp(address));
        found.ok().map(|index| &self.members[index])
    }
    fn get_by_index(&self, index: usize) -> Option<&Member> {
        self.members.get(index)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scheme;

impl types::SigningScheme for Scheme {
    type DecodingError = &'static str;
    type Signature = Signature;
    type PublicKey = Address;
    type PrivateKey = ();
    fn decode_signature(bytes: &[u8]) -> Result<Signature, &'static str> {
        bytes.try_into().map(Signature).map_err(|_| "a signature has 65 bytes")
    }
    fn encode_signature(signature: &Signature) -> Vec<u8> {
        signature.0.to_vec()
    }
    fn decode_public_key(bytes: &[u8]) -> Result<Address, &'static str> {
        bytes.try_into().map(Address).map_err(|_| "an address has 20 bytes")
    }
    fn encode_public_key(key: &Address) -> Vec<u8> {
        key.0.to_vec()
    }
}

/// The protocol's types, and what every signature of this engine is bound to.
#[derive(Clone, Debug)]
pub struct Ctx {
    /// Chain, inbox and generation in one hash: a signature of one generation is worthless in another.
    pub domain: [u8; 32],
}

impl Context for Ctx {
    type Address = Address;
    type Height = Height;
    type ProposalPart = NoPart;
    type Proposal = Proposal;
    type Validator = Member;
    type ValidatorSet = MemberSet;
    type Timeouts = types::LinearTimeouts;
    type Value = ValueId;
    type Vote = Vote;
    type Extension = Vec<u8>;
    type SigningScheme = Scheme;

    fn select_proposer<'a>(&self, set: &'a MemberSet, _height: Height, round: Round) -> &'a Member {
        let turn = usize::try_from(round.as_i64().max(0)).unwrap_or(0) % set.order.len();
        &set.members[usize::from(set.order[turn])]
    }
    fn new_proposal(
        &self,
        height: Height,
        round: Round,
        value: ValueId,
        pol_round: Round,
        proposer: Address,
    ) -> Proposal {
        Proposal { height, round, value, pol_round, proposer }
    }
    fn new_prevote(&self, height: Height, round: Round, value: NilOrVal<ValueId>, voter: Address) -> Vote {
        Vote::new(VoteType::Prevote, height, round, value, voter)
    }
    fn new_precommit(&self, height: Height, round: Round, value: NilOrVal<ValueId>, voter: Address) -> Vote {
        Vote::new(VoteType::Precommit, height, round, value, voter)
    }
}
