// SPDX-License-Identifier: Apache-2.0
//! A column chunk whose values all stand in its dictionary: only the dictionary is made anew.
//!
//! The pages of the rows are numbers of entries; they stay as they are, byte for byte, but for the statistics in their headers.

use super::page::{Header, Kind};
use parquet::basic::Compression;

/// A chunk that was made anew.
pub(super) struct Rewritten {
    /// The bytes: the dictionary first.
    pub(super) bytes: Vec<u8>,
    /// Where the pages of the rows begin.
    pub(super) data_at: usize,
    /// The size when decompressed, headers counted.
    pub(super) uncompressed: usize,
}

/// The chunk with each entry of its dictionary as `becomes` writes it; none where it does not stand in a dictionary as a
/// whole, where it is compressed in a way that is not known here, or where an entry becomes nothing.
pub(super) fn rewrite(chunk: &[u8], compression: Compression, mut becomes: impl FnMut(&str, &mut String) -> bool) -> Option<Rewritten> {
    let mut made = Rewritten { bytes: Vec::with_capacity(chunk.len()), data_at: 0, uncompressed: 0 };
    let mut rest = chunk;
    let mut seen = false;
    while !rest.is_empty() {
        let header = Header::read(rest)?;
        let (compressed, uncompressed) = header.sizes()?;
        let body = rest.get(header.length..header.length.checked_add(compressed)?)?;
        rest = rest.get(header.length + compressed..)?;
        match header.kind() {
            Kind::Dictionary { entries, plain: true } if !seen => {
                seen = true;
                let values = decompress(body, uncompressed, compression)?;
                let values = entries_of(&values, entries, &mut becomes)?;
                let body = compress(&values, compression)?;
                let header = header.with_sizes(body.len(), values.len())?;
                made.uncompressed += header.len() + values.len();
                made.bytes.extend_from_slice(&header);
                made.bytes.extend_from_slice(&body);
                made.data_at = made.bytes.len();
            }
            Kind::Data { coded: true } if seen => {
                let header = header.with_sizes(compressed, uncompressed)?;
                made.uncompressed += header.len() + uncompressed;
                made.bytes.extend_from_slice(&header);
                made.bytes.extend_from_slice(body);
            }
            _ => return None,
        }
    }
    seen.then_some(made)
}

/// The entries as `becomes` writes them: each with its length before it, in four bytes.
fn entries_of(mut values: &[u8], entries: usize, becomes: &mut impl FnMut(&str, &mut String) -> bool) -> Option<Vec<u8>> {
    let mut made = Vec::with_capacity(values.len());
    let mut text = String::new();
    for _ in 0..entries {
        let (length, rest) = values.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
        let value = std::str::from_utf8(rest.get(..length)?).ok()?;
        values = rest.get(length..)?;
        text.clear();
        if !becomes(value, &mut text) {
            return None;
        }
        made.extend_from_slice(&u32::try_from(text.len()).ok()?.to_le_bytes());
        made.extend_from_slice(text.as_bytes());
    }
    values.is_empty().then_some(made)
}

/// Pages larger than this are not made anew in memory.
const LARGEST: usize = 256 << 20;

fn decompress(bytes: &[u8], size: usize, compression: Compression) -> Option<Vec<u8>> {
    let values = match compression {
        _ if size > LARGEST => return None,
        Compression::UNCOMPRESSED => bytes.to_vec(),
        Compression::SNAPPY => snap::raw::Decoder::new().decompress_vec(bytes).ok()?,
        Compression::ZSTD(_) => zstd::bulk::decompress(bytes, size).ok()?,
        _ => return None,
    };
    (values.len() == size).then_some(values)
}

fn compress(values: &[u8], compression: Compression) -> Option<Vec<u8>> {
    match compression {
        Compression::UNCOMPRESSED => Some(values.to_vec()),
        Compression::SNAPPY => snap::raw::Encoder::new().compress_vec(values).ok(),
        Compression::ZSTD(_) => zstd::bulk::compress(values, 1).ok(),
        _ => None,
    }
}
