//! Blocks traced after they were sealed.

use super::{
    super::*,
    CAROL, REVERTER,
    chain::{ALICE, BOB, TestChain, deposit, signed},
    wei,
};
use crate::{
    predeploys::L1_BLOCK,
    rlp,
    trace::{MAX_TRACE_BYTES, trace_block, trace_call},
};
use alloy_primitives::{Address, Bytes, hex, keccak256};
use serde_json::{Value, json};

/// Options as the host sends them: the tracer, then the flags that are set, by position.
fn options(out: &mut Vec<u8>, tracer: &str, flags: &[usize]) {
    rlp::put_list(out, |out| {
        rlp::put_bytes(out, tracer.as_bytes());
        (1..13).for_each(|position| rlp::put(out, flags.contains(&position)));
    });
}

/// A block with a system transaction, three deposits (success, revert, no start), one transaction; and its traces.
struct Traced {
    chain: TestChain,
    sealed: Sealed,
    parent: crate::state::memory::MemoryHost,
}

impl Traced {
    fn new() -> Self {
        let mut chain = TestChain::new();
        let parent = chain.host.clone();
        let deposits = vec![
            deposit(0, CAROL, BOB, wei(10), wei(4)),
            deposit(1, CAROL, REVERTER, wei(10), wei(1)),
            deposit(2, CAROL, BOB, wei(10), wei(1_000)),
        ];
        let inputs = chain.anchored(2, 0, deposits);
        let sealed = chain.extend(inputs, &[signed(0, BOB, wei(5), 21_000, 5_000)]);
        Self { chain, sealed, parent }
    }

    fn ask(&self, tracer: &str, flags: &[usize], index: Option<u64>) -> Result<Value, crate::error::Fault> {
        let request = rlp::list(|out| {
            options(out, tracer, flags);
            rlp::put_bytes(out, &self.sealed.seal.header.encode());
            rlp::put_list(out, |out| self.sealed.contents.transactions.iter().for_each(|bytes| rlp::put(out, bytes)));
            match index {
                Some(index) => rlp::put(out, index),
                None => rlp::put_list(out, |_| {}),
            }
        });
        let text = trace_block(self.chain.config.clone(), self.parent.clone(), &request)?;
        Ok(serde_json::from_str(&text).expect("a trace is JSON"))
    }
}

#[test]
fn a_traced_block_spends_what_its_receipts_say() {
    let traced = Traced::new();
    let logs = traced.ask("", &[], None).unwrap();
    let calls = traced.ask("callTracer", &[], None).unwrap();
    assert_eq!(logs.as_array().unwrap().len(), 5);
    for (index, extra) in traced.sealed.contents.extras.iter().enumerate().skip(1) {
        assert_eq!(logs[index]["gas"], json!(extra.gas_used));
        assert_eq!(calls[index]["gasUsed"], json!(format!("{:#x}", extra.gas_used)));
        assert_eq!(calls[index]["from"], json!(extra.sender.to_string().to_lowercase()));
    }
    assert_eq!(calls[0]["to"], json!(L1_BLOCK.to_string().to_lowercase()));
    let errors: Vec<_> = calls.as_array().unwrap().iter().map(|call| call["error"].as_str()).collect();
    assert_eq!(errors, [None, None, Some("execution reverted"), Some("execution reverted"), None]);
}

#[test]
fn differences_of_a_block_add_up_to_what_it_left() {
    let traced = Traced::new();
    let steps = traced.ask("prestateTracer", &[8], None).unwrap();
    for address in [ALICE, BOB, CAROL, crate::predeploys::BASE_FEE_VAULT, crate::predeploys::L1_FEE_VAULT] {
        let key = address.to_string().to_lowercase();
        let last = steps.as_array().unwrap().iter().rev().find_map(|step| step["post"][&key]["balance"].as_str());
        let expected = format!("{:#x}", traced.chain.host.balance(address));
        assert_eq!(last.unwrap_or("0x0"), expected, "{address}");
    }
    assert_eq!(steps[1]["pre"][CAROL.to_string().to_lowercase()], Value::Null, "it did not exist before its mint");
}

#[test]
fn a_transaction_alone_is_traced_as_in_its_block() {
    let traced = Traced::new();
    let all = traced.ask("callTracer", &[6], None).unwrap();
    for index in 0..5 {
        assert_eq!(traced.ask("callTracer", &[6], Some(index)).unwrap(), json!([all[index as usize]]));
    }
    assert_eq!(traced.ask("", &[], Some(5)).unwrap_err().code, "unknown-transaction");
    assert_eq!(traced.ask("noTracer", &[], None).unwrap_err().code, "unknown-tracer");
}

/// Traces a call of BOB, who has this code.
fn call_with(code: &[u8], tracer: &str, flags: &[usize]) -> Result<String, crate::error::Fault> {
    let chain = TestChain::new();
    let call = rlp::list(|out| {
        rlp::put_bytes(out, &chain.head.encode());
        rlp::put_list(out, |out| {
            rlp::put(out, ALICE);
            rlp::put(out, BOB);
            rlp::put(out, 30_000_000u64);
            (0..4).for_each(|_| rlp::put_list(out, |_| {}));
            rlp::put_bytes(out, &[]);
            (0..3).for_each(|_| rlp::put_list(out, |_| {}));
        });
        rlp::put_list(out, |out| {
            rlp::put_list(out, |out| {
                rlp::put(out, BOB);
                (0..2).for_each(|_| rlp::put_list(out, |_| {}));
                rlp::put_bytes(out, code);
                rlp::put(out, false);
                rlp::put_list(out, |_| {});
            });
        });
        rlp::put_list(out, |out| (0..6).for_each(|_| rlp::put_list(out, |_| {})));
    });
    let request = rlp::list(|out| {
        options(out, tracer, flags);
        rlp::put(out, Bytes::from(call.clone()));
    });
    trace_call(&chain.config, chain.host.clone(), &request)
}

#[test]
fn a_record_stops_growing_before_it_is_too_long() {
    let endless = hex!("5b5f56");
    let endless_with_memory = hex!("5f6207ffe0525b600656");
    let endless_calls = hex!("5b5f5f620186a05f5f305af1505f56");
    for (code, tracer, flags) in
        [(&endless[..], "", &[][..]), (&endless_with_memory, "", &[1, 3]), (&endless_calls, "callTracer", &[])]
    {
        assert_eq!(call_with(code, tracer, flags).unwrap_err().code, "trace-too-large");
    }
    let top = call_with(&endless, "callTracer", &[]).unwrap();
    assert!(top.contains("\"error\":\"out of gas\"") && top.len() < MAX_TRACE_BYTES);
}

#[test]
fn gas_of_an_entry_is_the_gas_of_the_one_before_less_its_cost() {
    let code = hex!("60015f55600154505f5f5f5f5f60dd5af15000");
    let trace: Value = serde_json::from_str(&call_with(&code, "", &[]).unwrap()).unwrap();
    let entries = trace["structLogs"].as_array().unwrap();
    let mine: Vec<&Value> = entries.iter().filter(|entry| entry["depth"] == 1).collect();
    for pair in mine.windows(2).filter(|pair| pair[0]["op"] != "CALL") {
        let number = |entry: &Value, key: &str| entry[key].as_u64().unwrap();
        assert_eq!(number(pair[0], "gas") - number(pair[0], "gasCost"), number(pair[1], "gas"));
    }
    let names: Vec<_> = entries.iter().map(|entry| entry["op"].as_str().unwrap()).collect();
    let called = Address::with_last_byte(0xdd);
    assert_eq!(called, REVERTER);
    assert!(names.ends_with(&["CALL", "PUSH0", "PUSH0", "REVERT", "POP", "STOP"]), "{names:?}");
}

/// Calls its precompile 4, then itself with less and less gas, whatever comes of it.
const NESTING: &[u8] = &hex!("5f5f5f5f5f60045af1505f5f5f5f5f305a60021cf15000");

#[test]
fn a_flat_trace_is_the_tree_in_one_list() {
    let traced = Traced::new();
    let flat = traced.ask("flatCallTracer", &[], None).unwrap();
    let tree = traced.ask("callTracer", &[], None).unwrap();
    for (position, (flat, tree)) in flat.as_array().unwrap().iter().zip(tree.as_array().unwrap()).enumerate() {
        let top = &flat[0];
        for key in ["from", "gas", "input", "to", "value"] {
            assert_eq!(top["action"][key], tree[key]);
        }
        assert_eq!(top["error"], tree["error"]);
        assert_eq!(top["result"]["gasUsed"], tree["gasUsed"]);
        assert_eq!(top["blockHash"], json!(traced.sealed.seal.hash.to_string()));
        assert_eq!(
            top["transactionHash"],
            json!(keccak256(&traced.sealed.contents.transactions[position]).to_string())
        );
        assert_eq!((&top["transactionPosition"], &top["traceAddress"]), (&json!(position), &json!([])));
    }
    assert_eq!(flat[3][0]["error"], json!("execution reverted"));
    let parity = traced.ask("flatCallTracer", &[10], Some(3)).unwrap();
    assert_eq!(parity[0][0]["error"], json!("Reverted"));
}

#[test]
fn a_flat_trace_numbers_every_call_and_hides_precompiles() {
    let ask = |flags: &[usize]| -> Vec<Value> {
        serde_json::from_str(&call_with(NESTING, "flatCallTracer", flags).unwrap()).unwrap()
    };
    let hidden = ask(&[]);
    for (depth, frame) in hidden.iter().enumerate() {
        assert_eq!(frame["traceAddress"], json!(vec![0; depth]));
        assert_eq!(frame["subtraces"], json!(usize::from(depth + 1 < hidden.len())));
    }
    assert_eq!(hidden.last().unwrap()["error"], json!("out of gas"));
    assert_eq!(hidden.last().unwrap()["result"], Value::Null);
    let shown = ask(&[11]);
    assert_eq!(shown[0]["subtraces"], json!(2));
    assert_eq!(shown[1]["action"]["to"], json!("0x0000000000000000000000000000000000000004"));
    assert_eq!(shown[2]["traceAddress"], json!([1]));
    let of_call = (&shown[0]["blockHash"], &shown[0]["transactionHash"], &shown[0]["blockNumber"]);
    assert_eq!(of_call, (&Value::Null, &Value::Null, &json!(0)));
}

#[test]
fn a_flat_trace_of_deep_calls_stops_growing_in_time() {
    let endless_calls = hex!("5b5f5f620186a05f5f305af1505f56");
    assert_eq!(call_with(&endless_calls, "flatCallTracer", &[]).unwrap_err().code, "trace-too-large");
}

#[test]
fn selectors_sent_to_precompiles_are_not_counted() {
    // Four bytes of memory to precompile 4, then to an account without code.
    let code = hex!("5f5f60045f5f60045af1505f5f60045f5f61dead5af100");
    let counts: Value = serde_json::from_str(&call_with(&code, "4byteTracer", &[]).unwrap()).unwrap();
    assert_eq!(counts, json!({"0x00000000-0": 1}));
}

#[test]
fn failures_have_geths_words() {
    let tree = |code: &[u8], flags: &[usize]| -> Value {
        serde_json::from_str(&call_with(code, "callTracer", flags).unwrap()).unwrap()
    };
    for (code, words) in [
        (&hex!("fe")[..], "invalid opcode: INVALID"),
        (&hex!("0c"), "invalid opcode: opcode 0xc not defined"),
        (&hex!("50"), "stack underflow (0 <=> 1)"),
        (&hex!("5b5f600056"), "stack limit reached 1024 (1023)"),
        (&hex!("600356"), "invalid jump destination"),
    ] {
        assert_eq!(tree(code, &[])["error"], json!(words));
    }
    // Memory takes so much gas that the created code, 24 KiB, cannot be paid.
    let unpaid = tree(&hex!("646160005ff35f525f62370000526005601b5ff000"), &[]);
    assert_eq!(unpaid["error"], Value::Null);
    assert_eq!(unpaid["calls"][0]["error"], json!("contract creation code storage out of gas"));
    let flat = call_with(&hex!("5f5f5f5ff550fe"), "flatCallTracer", &[10]).unwrap();
    assert!(
        flat.contains("\"creationMethod\":\"create2\"") && flat.contains("\"error\":\"Bad instruction\""),
        "{flat}"
    );
}

#[test]
fn logs_of_a_trace_are_numbered_as_in_the_block() {
    // A log, a call to itself that logs and fails if it has calldata, another log.
    let code = hex!("5f5fa036601457 5f5f60015f5f305af150 5f5fa000 5bfe");
    let tree: Value = serde_json::from_str(&call_with(&code, "callTracer", &[6]).unwrap()).unwrap();
    let indexes: Vec<_> = tree["logs"].as_array().unwrap().iter().map(|log| log["index"].clone()).collect();
    assert_eq!(indexes, [json!("0x0"), json!("0x1")], "{tree}");
    assert!(tree["calls"][0]["logs"].is_null());
}
