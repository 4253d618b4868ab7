use super::*;
use crate::host::take_events;

const DOMAIN: &str = "0x1111111111111111111111111111111111111111111111111111111111111111";

fn address(index: u8) -> String {
    hex::encode(&[index; 20])
}

fn set(weights: &[u64]) -> String {
    let members: Vec<String> = weights
        .iter()
        .enumerate()
        .map(|(index, weight)| format!(r#"{{"address":"{}","weight":{weight}}}"#, address(index as u8 + 1)))
        .collect();
    let order: Vec<String> = (0..weights.len()).map(|index| index.to_string()).collect();
    format!(r#"{{"members":[{}],"order":[{}]}}"#, members.join(","), order.join(","))
}

fn new_core(set: &str) -> Result<usize, String> {
    create(format!(r#"{{"address":"{}","domain":"{DOMAIN}","height":1,"set":{set}}}"#, address(1)).as_bytes())
}

#[test]
fn a_single_member_decides_what_it_proposes() {
    let set = set(&[1]);
    let core = new_core(&set).unwrap();
    assert_eq!(step(core, format!(r#"{{"input":"start","height":1,"set":{set},"restart":false}}"#).as_bytes()), 0);
    assert!(take_events().iter().any(|event| event.contains(r#""event":"getValue""#)));
    let value = hex::encode(&[7; 32]);
    assert_eq!(step(core, format!(r#"{{"input":"propose","height":1,"round":0,"value":"{value}"}}"#).as_bytes()), 0);
    let body = format!(
        r#"{{"input":"value","height":1,"round":0,"validRound":-1,"proposer":"{}","value":"{value}","valid":true,"synced":false}}"#,
        address(1)
    );
    assert_eq!(step(core, body.as_bytes()), 0);
    let events = take_events();
    assert!(events.iter().any(|event| event.contains(r#""event":"decide""#) && event.contains(&value)), "{events:?}");
}

#[test]
fn sets_that_would_break_counting_are_refused() {
    let ascending = set(&[1, 1]);
    for wrong in [
        r#"{"members":[],"order":[]}"#.to_owned(),
        set(&[0]),
        set(&[u64::MAX, 1]),
        ascending.replace(r#""order":[0,1]"#, r#""order":[2]"#),
        ascending.replace(&address(2), &address(1)),
    ] {
        assert!(new_core(&wrong).is_err(), "{wrong}");
    }
}

#[test]
fn malformed_input_is_an_error_and_leaves_the_core_usable() {
    let set = set(&[1]);
    let core = new_core(&set).unwrap();
    for wrong in [
        "",
        "{",
        "null",
        r#"{"input":"unknown"}"#,
        r#"{"input":"timeout","kind":"propose","round":9223372036854775807}"#,
        r#"{"input":"timeout","kind":"propose","round":-2}"#,
        r#"{"input":"message","message":{"type":"vote"}}"#,
        r#"{"input":"propose","height":1,"round":0,"value":"0xZZ"}"#,
    ] {
        assert_eq!(step(core, wrong.as_bytes()), -1, "{wrong}");
    }
    assert_eq!(step(core + 1000, b"{}"), -1);
    assert_eq!(step(core, format!(r#"{{"input":"start","height":1,"set":{set},"restart":false}}"#).as_bytes()), 0);
}

#[test]
fn what_is_signed_differs_in_every_field_that_matters() {
    use crate::context::{Address, ValueId, Vote};
    use arc_malachitebft_core_types::{NilOrVal, Round, VoteType};
    let bytes = |domain: u8, kind: VoteType, height: u64, round: i64, value: NilOrVal<ValueId>| {
        let vote = Vote::new(kind, Height(height), Round::from(round), value, Address([1; 20]));
        wire::signing_bytes(&[domain; 32], &consensus::ConsensusMsg::Vote(vote))
    };
    let value = NilOrVal::Val(ValueId([0; 32]));
    let all = [
        bytes(0, VoteType::Prevote, 1, 0, value),
        bytes(1, VoteType::Prevote, 1, 0, value),
        bytes(0, VoteType::Precommit, 1, 0, value),
        bytes(0, VoteType::Prevote, 2, 0, value),
        bytes(0, VoteType::Prevote, 1, 1, value),
        bytes(0, VoteType::Prevote, 1, 0, NilOrVal::Nil),
    ];
    let distinct: std::collections::BTreeSet<_> = all.iter().collect();
    assert_eq!(distinct.len(), all.len());
}
