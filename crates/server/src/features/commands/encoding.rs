//! What programs wrote, read as text. Bytes are kept as they came; in which encoding they are is seen from them, or said by who reads them.

use oem_cp::code_table::{
    DECODING_TABLE_CP437, DECODING_TABLE_CP850, DECODING_TABLE_CP852, DECODING_TABLE_CP858, DECODING_TABLE_CP866,
};
use oem_cp::decode_string_complete_table;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How bytes stand for characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(super) enum OutputEncoding {
    /// What nearly everything writes.
    #[serde(rename = "utf-8")]
    Utf8,
    /// What some programs of Windows write into a pipe.
    #[serde(rename = "utf-16le")]
    Utf16Le,
    /// The same with its bytes the other way round.
    #[serde(rename = "utf-16be")]
    Utf16Be,
    /// The console of Windows in the United States.
    #[serde(rename = "cp437")]
    Cp437,
    /// The console of Windows in Western Europe.
    #[serde(rename = "cp850")]
    Cp850,
    /// The console of Windows in Central Europe.
    #[serde(rename = "cp852")]
    Cp852,
    /// As 850, with the euro.
    #[serde(rename = "cp858")]
    Cp858,
    /// The console of Windows with Cyrillic letters.
    #[serde(rename = "cp866")]
    Cp866,
}

/// Bytes that are looked at to tell UTF-16, and zeros that there must be: lists that end with zeros have a few in the same places.
const LOOKED_AT: usize = 512;
const ZEROS_MIN: usize = 8;
const MARKS: [(&[u8], OutputEncoding); 3] = [
    (&[0xef, 0xbb, 0xbf], OutputEncoding::Utf8),
    (&[0xff, 0xfe], OutputEncoding::Utf16Le),
    (&[0xfe, 0xff], OutputEncoding::Utf16Be),
];

impl OutputEncoding {
    /// The encoding that these bytes seem to be in; of a machine with Windows what is no UTF-8 is its console's.
    pub(super) fn of(bytes: &[u8], is_windows: bool) -> Self {
        if let Some((_, encoding)) = MARKS.iter().find(|(mark, _)| bytes.starts_with(mark)) {
            return *encoding;
        }
        // Latin letters in UTF-16 are every other byte a zero
        let head = &bytes[..bytes.len().min(LOOKED_AT)];
        let zeros = |parity| head.iter().skip(parity).step_by(2).filter(|byte| **byte == 0).count();
        let pairs = head.len() / 2;
        let (even, odd) = (zeros(0), zeros(1));
        if even.max(odd) >= ZEROS_MIN && even.max(odd) * 3 >= pairs && even.min(odd) * 10 < pairs {
            return if odd > even { Self::Utf16Le } else { Self::Utf16Be };
        }
        if is_windows && !is_utf8(bytes) { Self::Cp437 } else { Self::Utf8 }
    }

    /// The text, without a mark at its beginning; what stands for nothing is `�`.
    pub(super) fn decode(self, bytes: &[u8]) -> String {
        let mark = MARKS.iter().find(|(mark, encoding)| *encoding == self && bytes.starts_with(mark));
        let bytes = &bytes[mark.map_or(0, |(mark, _)| mark.len())..];
        let table = match self {
            Self::Utf8 => return String::from_utf8_lossy(bytes).into_owned(),
            Self::Utf16Le => return utf16(bytes, u16::from_le_bytes),
            Self::Utf16Be => return utf16(bytes, u16::from_be_bytes),
            Self::Cp437 => &DECODING_TABLE_CP437,
            Self::Cp850 => &DECODING_TABLE_CP850,
            Self::Cp852 => &DECODING_TABLE_CP852,
            Self::Cp858 => &DECODING_TABLE_CP858,
            Self::Cp866 => &DECODING_TABLE_CP866,
        };
        decode_string_complete_table(bytes, table)
    }
}

impl OutputEncoding {
    /// Line feeds: where each begins, and what follows it.
    pub(super) fn line_feeds(self, bytes: &[u8]) -> impl Iterator<Item = (usize, usize)> {
        let feed: &[u8] = match self {
            Self::Utf16Le => b"\n\0",
            Self::Utf16Be => b"\0\n",
            _ => b"\n",
        };
        let size = feed.len();
        let is_feed = move |(_, unit): &(usize, &[u8])| *unit == feed;
        bytes.chunks_exact(size).enumerate().filter(is_feed).map(move |(place, _)| (place * size, (place + 1) * size))
    }

    /// Bytes at the beginning that are whole characters: a piece may end in the middle of one.
    pub(super) fn whole(self, bytes: &[u8]) -> usize {
        match self {
            Self::Utf8 => match std::str::from_utf8(bytes) {
                Err(error) if error.error_len().is_none() => error.valid_up_to(),
                _ => bytes.len() - cut_short(bytes),
            },
            Self::Utf16Le => whole_pairs(bytes, u16::from_le_bytes),
            Self::Utf16Be => whole_pairs(bytes, u16::from_be_bytes),
            Self::Cp437 | Self::Cp850 | Self::Cp852 | Self::Cp858 | Self::Cp866 => bytes.len(),
        }
    }
}

/// Bytes at the end that begin a character of UTF-8 and do not end it, also where something before them is none.
fn cut_short(bytes: &[u8]) -> usize {
    (1..=bytes.len().min(3))
        .find(|count| {
            let tail = &bytes[bytes.len() - count..];
            std::str::from_utf8(tail).is_err_and(|error| error.valid_up_to() == 0 && error.error_len().is_none())
        })
        .unwrap_or(0)
}

fn whole_pairs(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> usize {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let begins_a_pair = pairs.last().is_some_and(|pair| (0xd800..0xdc00).contains(&unit(*pair)));
    bytes.len() - rest.len() - if begins_a_pair { 2 } else { 0 }
}

/// Whether it is UTF-8, or would be but for a character at the end whose rest has not come yet.
fn is_utf8(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).map_or_else(|error| error.error_len().is_none(), |_| true)
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let units = pairs.iter().map(|pair| unit(*pair));
    let mut text: String =
        char::decode_utf16(units).map(|character| character.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    text.extend((!rest.is_empty()).then_some(char::REPLACEMENT_CHARACTER));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16le(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn a_piece_ends_with_a_whole_character() {
        let whole = |encoding: OutputEncoding, bytes: &[u8]| encoding.whole(bytes);
        assert_eq!(whole(OutputEncoding::Utf8, "ab€".as_bytes()), 5);
        assert_eq!(whole(OutputEncoding::Utf8, &"ab€".as_bytes()[..4]), 2);
        assert_eq!(whole(OutputEncoding::Utf8, b"a\xffb"), 3);
        assert_eq!(whole(OutputEncoding::Utf8, b"a\xffb\xe2\x82"), 3, "something else in it is none");
        let clef = utf16le("a𝄞");
        assert_eq!(whole(OutputEncoding::Utf16Le, &clef), 6);
        assert_eq!(whole(OutputEncoding::Utf16Le, &clef[..5]), 2);
        assert_eq!(whole(OutputEncoding::Utf16Le, &clef[..4]), 2);
        assert_eq!(whole(OutputEncoding::Cp437, b"\x94"), 1);
    }

    #[test]
    fn the_encoding_is_seen_from_the_bytes() {
        let of = |bytes: &[u8]| OutputEncoding::of(bytes, true);
        assert_eq!(of(b"plain"), OutputEncoding::Utf8);
        assert_eq!(of(b""), OutputEncoding::Utf8);
        assert_eq!(of("Größe €".as_bytes()), OutputEncoding::Utf8);
        assert_eq!(of(&"Größe".as_bytes()[..4]), OutputEncoding::Utf8, "its last character has not come whole");
        assert_eq!(of(&utf16le("Directory of C:\r\n")), OutputEncoding::Utf16Le);
        assert_eq!(of(b"\xff\xfea\0"), OutputEncoding::Utf16Le);
        assert_eq!(of(b"\0p\0l\0a\0i\0n\0 \0t\0e\0x\0t"), OutputEncoding::Utf16Be);
        assert_eq!(of(b"Gr\x94\xe1e"), OutputEncoding::Cp437);
        assert_eq!(
            OutputEncoding::of(b"Gr\x94\xe1e", false),
            OutputEncoding::Utf8,
            "of a machine that has no such console"
        );
        assert_eq!(of(&[0; 64]), OutputEncoding::Utf8, "zeros are no text at all");
        assert_eq!(of(b"one\0two\0three\0four\0"), OutputEncoding::Utf8, "a list whose entries end with zeros");
        assert_eq!(of(b"a\0b\0c\0"), OutputEncoding::Utf8, "the same of short names");
    }

    #[test]
    fn bytes_become_the_text_that_was_meant() {
        for (encoding, bytes, text) in [
            (OutputEncoding::Utf8, &b"\xef\xbb\xbfa\xffb"[..], "a\u{fffd}b"),
            (OutputEncoding::Utf16Le, b"\xff\xfea\0\xac\x20", "a€"),
            (OutputEncoding::Utf16Le, b"\x00\xd8a\0x", "\u{fffd}a\u{fffd}"),
            (OutputEncoding::Utf16Be, b"\0a\x20\xac", "a€"),
            (OutputEncoding::Cp437, b"Gr\x94\xe1e \xda\xc4\xbf", "Größe ┌─┐"),
            (OutputEncoding::Cp850, b"\xd2", "Ê"),
            (OutputEncoding::Cp858, b"\xd5", "€"),
            (OutputEncoding::Cp866, b"\x8f\xe0", "Пр"),
        ] {
            assert_eq!(encoding.decode(bytes), text, "{encoding:?}");
        }
    }
}
