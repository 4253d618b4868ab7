//! JSON forms of what enters and leaves the core. Messages to other members have one form in both directions, and so have
//! inputs and log entries.

use arc_malachitebft_core_consensus as core;
use arc_malachitebft_core_types as types;
use core::{ConsensusMsg, Input, LivenessMsg, LocallyProposedValue, PeerId, ProposedValue, SignedConsensusMsg};
use serde::{Deserialize, Serialize};
use types::{
    NilOrVal, Round, SignedMessage, Timeout, TimeoutKind, Validity, ValueOrigin, VoteExtensionPolicy, VoteType,
};

use crate::context::{Address, Ctx, Height, MAX_MEMBERS, MemberSet, Proposal, Signature, ValueId, Vote};

/// Highest round that is taken from outside; far above what any run reaches.
const MAX_ROUND: i64 = 1 << 20;

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct VoteForm {
    pub height: u64,
    pub round: i64,
    pub precommit: bool,
    pub value: Option<ValueId>,
    pub voter: Address,
    pub signature: Signature,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProposalForm {
    pub height: u64,
    pub round: i64,
    pub value: ValueId,
    pub pol_round: i64,
    pub proposer: Address,
    pub signature: Signature,
}

/// Prevotes or precommits for one value in one round.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CertificateForm {
    pub height: u64,
    pub round: i64,
    pub value: ValueId,
    pub signatures: Vec<(Address, Signature)>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RoundSignatureForm {
    pub precommit: bool,
    pub value: Option<ValueId>,
    pub voter: Address,
    pub signature: Signature,
}

/// Votes that let a member leave a round: a quorum of precommits, or more than a third of anything.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RoundCertificateForm {
    pub height: u64,
    pub round: i64,
    pub precommits: bool,
    pub signatures: Vec<RoundSignatureForm>,
}

/// A message between members.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum Message {
    Vote(VoteForm),
    Proposal(ProposalForm),
    Polka(CertificateForm),
    RoundCertificate(RoundCertificateForm),
}

#[derive(Copy, Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TimeoutForm {
    Propose,
    Prevote,
    Precommit,
    Rebroadcast,
    FinalizeHeight,
}

/// What the host feeds into `step`. Also the form of log entries.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "input", rename_all = "camelCase")]
pub enum InputForm {
    /// Begins a height; `restart` keeps the log's knowledge of an interrupted one.
    Start {
        height: u64,
        set: MemberSet,
        restart: bool,
    },
    Message {
        message: Message,
    },
    /// The host's answer to `getValue`.
    Propose {
        height: u64,
        round: i64,
        value: ValueId,
    },
    /// A payload that arrived and was checked.
    #[serde(rename_all = "camelCase")]
    Value {
        height: u64,
        round: i64,
        valid_round: i64,
        proposer: Address,
        value: ValueId,
        valid: bool,
        synced: bool,
    },
    Timeout {
        kind: TimeoutForm,
        round: i64,
    },
    /// A decided height another member holds.
    Sync {
        certificate: CertificateForm,
    },
}

fn round(number: i64) -> Result<Round, String> {
    match number {
        -1..=MAX_ROUND => Ok(Round::from(number)),
        _ => Err(format!("round {number} is out of range")),
    }
}

fn bounded<T>(list: &[T]) -> Result<(), String> {
    if list.len() > MAX_MEMBERS { Err("more signatures than a set has members".into()) } else { Ok(()) }
}

fn nil_or(value: Option<ValueId>) -> NilOrVal<ValueId> {
    value.map_or(NilOrVal::Nil, NilOrVal::Val)
}

fn option(value: &NilOrVal<ValueId>) -> Option<ValueId> {
    match value {
        NilOrVal::Nil => None,
        NilOrVal::Val(value) => Some(*value),
    }
}

const fn vote_type(precommit: bool) -> VoteType {
    if precommit { VoteType::Precommit } else { VoteType::Prevote }
}

impl Message {
    fn into_input(self) -> Result<Input<Ctx>, String> {
        Ok(match self {
            Message::Vote(v) => Input::Vote(SignedMessage::new(
                Vote::new(vote_type(v.precommit), Height(v.height), round(v.round)?, nil_or(v.value), v.voter),
                v.signature,
            )),
            Message::Proposal(p) => Input::Proposal(SignedMessage::new(
                Proposal {
                    height: Height(p.height),
                    round: round(p.round)?,
                    value: p.value,
                    pol_round: round(p.pol_round)?,
                    proposer: p.proposer,
                },
                p.signature,
            )),
            Message::Polka(c) => {
                bounded(&c.signatures)?;
                Input::PolkaCertificate(types::PolkaCertificate {
                    height: Height(c.height),
                    round: round(c.round)?,
                    value_id: c.value,
                    polka_signatures: c.signatures.into_iter().map(|(a, s)| types::PolkaSignature::new(a, s)).collect(),
                })
            }
            Message::RoundCertificate(c) => {
                bounded(&c.signatures)?;
                let signature = |s: RoundSignatureForm| {
                    types::RoundSignature::new(vote_type(s.precommit), nil_or(s.value), s.voter, s.signature)
                };
                Input::RoundCertificate(types::RoundCertificate {
                    height: Height(c.height),
                    round: round(c.round)?,
                    cert_type: if c.precommits {
                        types::RoundCertificateType::Precommit
                    } else {
                        types::RoundCertificateType::Skip
                    },
                    round_signatures: c.signatures.into_iter().map(signature).collect(),
                })
            }
        })
    }

    pub fn from_vote(vote: &SignedMessage<Ctx, Vote>) -> Message {
        let v = &vote.message;
        Message::Vote(VoteForm {
            height: v.height.0,
            round: v.round.as_i64(),
            precommit: v.vote_type == VoteType::Precommit,
            value: option(&v.value),
            voter: v.voter,
            signature: vote.signature,
        })
    }

    pub fn from_proposal(proposal: &SignedMessage<Ctx, Proposal>) -> Message {
        let p = &proposal.message;
        Message::Proposal(ProposalForm {
            height: p.height.0,
            round: p.round.as_i64(),
            value: p.value,
            pol_round: p.pol_round.as_i64(),
            proposer: p.proposer,
            signature: proposal.signature,
        })
    }

    pub fn from_consensus(message: &SignedConsensusMsg<Ctx>) -> Message {
        match message {
            SignedConsensusMsg::Vote(vote) => Message::from_vote(vote),
            SignedConsensusMsg::Proposal(proposal) => Message::from_proposal(proposal),
        }
    }

    pub fn from_liveness(message: &LivenessMsg<Ctx>) -> Message {
        match message {
            LivenessMsg::Vote(vote) => Message::from_vote(vote),
            LivenessMsg::PolkaCertificate(c) => Message::Polka(CertificateForm {
                height: c.height.0,
                round: c.round.as_i64(),
                value: c.value_id,
                signatures: c.polka_signatures.iter().map(|s| (s.address, s.signature)).collect(),
            }),
            LivenessMsg::SkipRoundCertificate(c) => Message::from_round_certificate(c),
        }
    }

    pub fn from_round_certificate(certificate: &types::RoundCertificate<Ctx>) -> Message {
        let signature = |s: &types::RoundSignature<Ctx>| RoundSignatureForm {
            precommit: s.vote_type == VoteType::Precommit,
            value: option(&s.value_id),
            voter: s.address,
            signature: s.signature,
        };
        Message::RoundCertificate(RoundCertificateForm {
            height: certificate.height.0,
            round: certificate.round.as_i64(),
            precommits: certificate.cert_type == types::RoundCertificateType::Precommit,
            signatures: certificate.round_signatures.iter().map(signature).collect(),
        })
    }
}

impl TimeoutForm {
    pub fn of(kind: &TimeoutKind) -> TimeoutForm {
        match kind {
            TimeoutKind::Propose => TimeoutForm::Propose,
            TimeoutKind::Prevote => TimeoutForm::Prevote,
            TimeoutKind::Precommit => TimeoutForm::Precommit,
            TimeoutKind::Rebroadcast => TimeoutForm::Rebroadcast,
            TimeoutKind::FinalizeHeight(_) => TimeoutForm::FinalizeHeight,
        }
    }

    fn timeout(self, round: Round) -> Timeout {
        match self {
            TimeoutForm::Propose => Timeout::propose(round),
            TimeoutForm::Prevote => Timeout::prevote(round),
            TimeoutForm::Precommit => Timeout::precommit(round),
            TimeoutForm::Rebroadcast => Timeout::rebroadcast(round),
            TimeoutForm::FinalizeHeight => Timeout::finalize_height(round, ::core::time::Duration::ZERO),
        }
    }
}

impl InputForm {
    /// The core's input, or why there is none.
    pub fn into_input(self) -> Result<Input<Ctx>, String> {
        Ok(match self {
            InputForm::Start { height, set, restart } => {
                set.check()?;
                Input::StartHeight(Height(height), set, restart, None, VoteExtensionPolicy::Disabled)
            }
            InputForm::Message { message } => message.into_input()?,
            InputForm::Propose { height, round: r, value } => {
                Input::Propose(LocallyProposedValue::new(Height(height), round(r)?, value))
            }
            InputForm::Value { height, round: r, valid_round, proposer, value, valid, synced } => Input::ProposedValue(
                ProposedValue {
                    height: Height(height),
                    round: round(r)?,
                    valid_round: round(valid_round)?,
                    proposer,
                    value,
                    validity: Validity::from_bool(valid),
                },
                if synced { ValueOrigin::Sync } else { ValueOrigin::Consensus },
            ),
            InputForm::Timeout { kind, round: r } => Input::TimeoutElapsed(kind.timeout(round(r)?)),
            InputForm::Sync { certificate: c } => {
                bounded(&c.signatures)?;
                let signature = |(address, signature)| types::ExtendedCommitSignature::new(address, signature, None);
                Input::SyncValueResponse(types::ValueResponse {
                    // The host fetches decided values itself; the core only carries the peer through.
                    peer: PeerId::from_bytes(&[0, 1, 0]).map_err(|error| error.to_string())?,
                    value_bytes: Default::default(),
                    certificate: types::ExtendedCommitCertificate {
                        height: Height(c.height),
                        round: round(c.round)?,
                        value_id: c.value,
                        commit_signatures: c.signatures.into_iter().map(signature).collect(),
                    },
                })
            }
        })
    }

    /// The form of an input that the core wants in the log; `None` for what needs no replay.
    pub fn for_log(input: &Input<Ctx>) -> Option<InputForm> {
        Some(match input {
            Input::Vote(vote) => InputForm::Message { message: Message::from_vote(vote) },
            Input::Proposal(proposal) => InputForm::Message { message: Message::from_proposal(proposal) },
            Input::RoundCertificate(c) => InputForm::Message { message: Message::from_round_certificate(c) },
            Input::PolkaCertificate(c) => {
                InputForm::Message { message: Message::from_liveness(&LivenessMsg::PolkaCertificate(c.clone())) }
            }
            Input::TimeoutElapsed(timeout) => {
                InputForm::Timeout { kind: TimeoutForm::of(&timeout.kind), round: timeout.round.as_i64() }
            }
            Input::ProposedValue(p, origin) => InputForm::Value {
                height: p.height.0,
                round: p.round.as_i64(),
                valid_round: p.valid_round.as_i64(),
                proposer: p.proposer,
                value: p.value,
                valid: p.validity.is_valid(),
                synced: origin.is_sync(),
            },
            Input::StartHeight(..) | Input::Propose(_) | Input::SyncValueResponse(_) => return None,
        })
    }
}

/// What is signed: a tag of this engine, the domain, the kind of message, and every field of it at fixed width.
pub fn signing_bytes(domain: &[u8; 32], message: &ConsensusMsg<Ctx>) -> Vec<u8> {
    let mut bytes = b"metis-bft-1".to_vec();
    bytes.extend_from_slice(domain);
    let (kind, height, round) = match message {
        ConsensusMsg::Vote(v) => (if v.vote_type == VoteType::Precommit { 2 } else { 1 }, v.height, v.round),
        ConsensusMsg::Proposal(p) => (3, p.height, p.round),
    };
    bytes.push(kind);
    bytes.extend_from_slice(&height.0.to_be_bytes());
    bytes.extend_from_slice(&round.as_i64().to_be_bytes());
    match message {
        ConsensusMsg::Vote(v) => match option(&v.value) {
            None => bytes.push(0),
            Some(value) => {
                bytes.push(1);
                bytes.extend_from_slice(&value.0);
            }
        },
        ConsensusMsg::Proposal(p) => {
            bytes.extend_from_slice(&p.value.0);
            bytes.extend_from_slice(&p.pol_round.as_i64().to_be_bytes());
        }
    }
    bytes
}
