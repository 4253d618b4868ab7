//! What derivation is asked, and the checks that its parts belong together.

use crate::{
    config::ChainConfig,
    error::Fault,
    rlp::Reader,
    types::{DataHeader, DataMode, Deposit},
};
use alloc::vec::Vec;
use alloy_primitives::{B256, keccak256};

/// The L2 block before the batch.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct Parent {
    pub number: u64,
    pub time: u64,
    pub generation: u32,
}

/// An L1 block that L2 may build on.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct Anchor {
    pub number: u64,
    pub hash: B256,
    pub time: u64,
}

/// The batch's data as L1 or a storage node has it.
#[derive(Clone, Debug)]
pub enum Data<'a> {
    /// dataMode 3.
    None,
    /// dataMode 0: the bytes of the log.
    Payload(&'a [u8]),
    /// dataModes 1 and 2: 131,072 bytes each, already matched with their versioned hashes.
    Blobs(Vec<&'a [u8]>),
    /// dataMode 2, demanded in vain.
    Withheld,
}

/// Everything the meaning of a batch depends on.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// The chain.
    pub config: ChainConfig,
    /// The L2 block before the batch.
    pub parent: Parent,
    /// Header of the batch before.
    pub parent_header: DataHeader,
    /// Header of the batch.
    pub header: DataHeader,
    /// Its data.
    pub data: Data<'a>,
    /// Deposits `parent_header.deposit_count..header.deposit_count`.
    pub deposits: Vec<Deposit>,
    /// L1 blocks from the parent header's anchor to the header's, both included.
    pub anchors: Vec<Anchor>,
}

fn contradiction(message: &'static str) -> Fault {
    Fault::new("inconsistent-inputs", message)
}

impl<'a> Request<'a> {
    /// Decodes `[chainConfig, [number, time, generation], parentHeader, header, [kind, bytes...], [deposit...],
    /// [L1 header...]]`; kind 0 none, 1 payload, 2 blobs, 3 withheld; L1 headers as byte strings, ascending.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, Fault> {
        let mut items = Reader::list_of(bytes)?;
        let request = Self {
            config: ChainConfig::decode(&mut items.list()?)?,
            parent: parent(items.list()?)?,
            parent_header: DataHeader::decode(&mut items.list()?)?,
            header: DataHeader::decode(&mut items.list()?)?,
            data: data(items.list()?)?,
            deposits: list_of(items.list()?, |items| Deposit::decode(&mut items.list()?))?,
            anchors: anchors(items.list()?)?,
        };
        items.end()?;
        Ok(request)
    }

    /// Refuses parts that do not belong together: the caller mixed two L1 chains, or fetched too little. No batch on L1 can
    /// cause it. Codes: "inconsistent-inputs", "data-missing".
    pub fn check(&self) -> Result<(), Fault> {
        self.check_header()?;
        self.check_anchors()?;
        self.check_deposits()?;
        self.check_data()
    }

    fn check_header(&self) -> Result<(), Fault> {
        if self.header.parent_hash != self.parent_header.hash() {
            return Err(contradiction("the header does not follow its parent header"));
        }
        if self.config.epoch_length == 0 || self.parent_header.anchor_number < self.config.genesis_anchor_number {
            return Err(contradiction("the parent header's anchor lies before the genesis anchor"));
        }
        Ok(())
    }

    fn check_anchors(&self) -> Result<(), Fault> {
        let (from, to) = (self.parent_header.anchor_number, self.header.anchor_number);
        let steps =
            to.checked_sub(from).ok_or_else(|| contradiction("the header's anchor lies before its parent's"))?;
        if steps > self.config.max_batch_anchors {
            return Err(contradiction("the header's anchor is more than maxBatchAnchors ahead"));
        }
        let ends = self.anchors.first().map(|a| a.hash) == Some(self.parent_header.anchor_hash)
            && self.anchors.last().map(|a| a.hash) == Some(self.header.anchor_hash);
        if self.anchors.len() as u64 != steps + 1 || !ends || self.anchors[0].number != from {
            return Err(contradiction("the L1 headers do not lead from anchor to anchor"));
        }
        Ok(())
    }

    fn check_deposits(&self) -> Result<(), Fault> {
        let mut queue = self.parent_header.deposit_queue_hash;
        let mut index = self.parent_header.deposit_count;
        let mut block = self.parent_header.anchor_number;
        for deposit in &self.deposits {
            // The first deposit lies above the parent's anchor; those of one L1 block share its number.
            let in_order =
                deposit.l1_block_number >= block && deposit.l1_block_number > self.parent_header.anchor_number;
            if deposit.index != index || !in_order || deposit.l1_block_number > self.header.anchor_number {
                return Err(contradiction("the deposits are not those between the anchors"));
            }
            queue = deposit.next_queue_hash(queue);
            block = deposit.l1_block_number;
            index += 1;
        }
        if index != self.header.deposit_count || queue != self.header.deposit_queue_hash {
            return Err(contradiction("the deposits do not lead to the header's queue hash"));
        }
        Ok(())
    }

    fn check_data(&self) -> Result<(), Fault> {
        let missing = || Fault::new("data-missing", "the batch's data was not given in the form its dataMode asks for");
        match (self.header.data_mode, &self.data) {
            (DataMode::None, Data::None) | (DataMode::OffChain, Data::Withheld) => Ok(()),
            (DataMode::Blobs | DataMode::OffChain, Data::Blobs(_)) => Ok(()),
            (DataMode::Calldata, Data::Payload(payload)) if keccak256(payload) == self.header.payload_hash => Ok(()),
            (DataMode::Calldata, Data::Payload(_)) => Err(contradiction("the payload does not hash to the header's")),
            _ => Err(missing()),
        }
    }
}

fn list_of<'a, T>(mut items: Reader<'a>, read: impl Fn(&mut Reader<'a>) -> Result<T, Fault>) -> Result<Vec<T>, Fault> {
    let mut list = Vec::new();
    while !items.is_empty() {
        list.push(read(&mut items)?);
    }
    Ok(list)
}

fn parent(mut items: Reader<'_>) -> Result<Parent, Fault> {
    let parent = Parent {
        number: items.u64()?,
        time: items.u64()?,
        generation: u32::try_from(items.u64()?).map_err(|_| contradiction("a generation above 32 bits"))?,
    };
    items.end()?;
    Ok(parent)
}

fn data(mut items: Reader<'_>) -> Result<Data<'_>, Fault> {
    match items.u8()? {
        0 => items.end().map(|()| Data::None),
        1 => {
            let payload = items.bytes()?;
            items.end().map(|()| Data::Payload(payload))
        }
        2 => list_of(items, Reader::bytes).map(Data::Blobs),
        3 => items.end().map(|()| Data::Withheld),
        _ => Err(contradiction("an unknown kind of data")),
    }
}

/// Reads L1 headers and checks that each is the parent of the next.
pub(super) fn anchors(items: Reader<'_>) -> Result<Vec<Anchor>, Fault> {
    let mut last: Option<Anchor> = None;
    let mut anchors = Vec::new();
    for bytes in list_of(items, |items| items.bytes())? {
        let (parent_hash, anchor) = anchor(bytes)?;
        if last.is_some_and(|last| parent_hash != last.hash || Some(anchor.number) != last.number.checked_add(1)) {
            return Err(contradiction("the L1 headers are not a chain"));
        }
        anchors.push(anchor);
        last = Some(anchor);
    }
    Ok(anchors)
}

/// Parent hash (field 0), number (8) and timestamp (11) of an L1 header. What later forks of L1 append is not looked at: its
/// hash covers it.
fn anchor(bytes: &[u8]) -> Result<(B256, Anchor), Fault> {
    let mut fields = Reader::list_of(bytes)?;
    let parent_hash = fields.b256()?;
    for _ in 1..8 {
        fields.raw()?;
    }
    let number = fields.u64()?;
    for _ in 9..11 {
        fields.raw()?;
    }
    Ok((parent_hash, Anchor { number, hash: keccak256(bytes), time: fields.u64()? }))
}
