//! When the lines of an output began. A *line* ends with a line feed, as whoever shows the text counts them.

use serde::Serialize;
use utoipa::ToSchema;

use super::encoding::OutputEncoding;
use crate::platform::time::Time;

/// From this line on, until the next of these.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct LineTime {
    /// The line, from 0 on.
    pub(crate) line: u32,
    /// When its first character was written, as its machine told.
    pub(crate) at: Time,
}

/// When the lines of `data` began, which came in pieces of these lengths at these times. Lines of one piece have one time; those of a piece without one are left out.
pub(super) fn times(encoding: OutputEncoding, data: &[u8], pieces: &[(usize, Option<Time>)]) -> Vec<LineTime> {
    let mut begins = std::iter::once(0).chain(encoding.line_feeds(data).map(|(_, next)| next)).zip(0..).peekable();
    let (mut times, mut end): (Vec<LineTime>, usize) = (Vec::new(), 0);
    for (length, at) in pieces {
        end += length;
        let Some((_, line)) = begins.next_if(|(begin, _)| *begin < end) else { continue };
        while begins.next_if(|(begin, _)| *begin < end).is_some() {}
        if let Some(at) = at.filter(|at| times.last().is_none_or(|last| last.at != *at)) {
            times.push(LineTime { line, at });
        }
    }
    times
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Time {
        Time(jiff::Timestamp::from_second(second).unwrap())
    }

    fn found(encoding: OutputEncoding, pieces: &[(&[u8], Option<i64>)]) -> Vec<(u32, i64)> {
        let data: Vec<u8> = pieces.iter().flat_map(|(piece, _)| piece.iter().copied()).collect();
        let pieces: Vec<_> = pieces.iter().map(|(piece, second)| (piece.len(), second.map(at))).collect();
        times(encoding, &data, &pieces).into_iter().map(|time| (time.line, time.at.0.as_second())).collect()
    }

    #[test]
    fn a_line_has_the_time_of_the_piece_in_which_it_begins() {
        let utf8 = OutputEncoding::Utf8;
        assert_eq!(found(utf8, &[]), []);
        assert_eq!(found(utf8, &[(b"a\nb", Some(1)), (b"c\nd\n", Some(2)), (b"e", Some(3))]), [(0, 1), (2, 2), (3, 3)]);
        assert_eq!(found(utf8, &[(b"a", Some(1)), (b"b", Some(2)), (b"c\n", Some(3))]), [(0, 1)]);
        assert_eq!(found(utf8, &[(b"a\n", Some(1)), (b"b\n", Some(1)), (b"c\n", Some(2))]), [(0, 1), (2, 2)]);
        assert_eq!(found(utf8, &[(b"a\n", None), (b"b\n", Some(2))]), [(1, 2)], "what is older has no time");
    }

    #[test]
    fn lines_of_utf_16_are_counted_as_such() {
        // the second character is U+0A0A, which is no line feed
        let text = [b"a\0\n\0".as_slice(), b"\x0a\x0a\n\0", b"b\0"].concat();
        assert_eq!(found(OutputEncoding::Utf16Le, &[(&text, Some(1)), (b"\n\0c\0", Some(2))]), [(0, 1), (3, 2)]);
    }
}
