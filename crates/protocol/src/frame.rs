//! Frames: how messages travel on the WebSocket.
//!
//! Small control messages are text frames. Larger ones, and streams, are binary frames: a 12-byte header — channel (u32), kind
//! (u8), flags (u8), reserved (u16), length (u32), big endian — and `length` bytes. Kind 1 on channel 0 is a control message
//! as zstd-compressed JSON; other kinds belong to streams.

use serde::Serialize;

use crate::limits::{BINARY_FRAME_MAX, COMPRESS_ABOVE, TEXT_FRAME_MAX};

/// Bytes of the header of a binary frame.
pub const HEADER_LEN: usize = 12;
const KIND_JSON_ZSTD: u8 = 1;
const ZSTD_LEVEL: i32 = 3;

/// A frame ready for the socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// A text frame.
    Text(String),
    /// A binary frame, header included.
    Binary(Vec<u8>),
}

/// Why a frame cannot be sent or read.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// Larger than the limit.
    #[error("the frame is larger than {0} bytes")]
    TooLarge(usize),
    /// The header is short, or names another length than there is.
    #[error("the frame's header does not fit its content")]
    Header,
    /// A kind this version does not know; ignore the frame.
    #[error("the frame is of an unknown kind {0}")]
    UnknownKind(u8),
    /// The content is no zstd stream.
    #[error("the frame cannot be decompressed")]
    Compression,
    /// The content is no message.
    #[error("the message cannot be read")]
    Json(#[source] serde_json::Error),
}

/// A message that can be read.
pub trait Decode: Sized {
    /// Reads it from JSON.
    fn from_json(json: &[u8]) -> serde_json::Result<Self>;
}

/// Writes a message as a frame.
pub fn encode<T: Serialize>(message: &T) -> Result<Frame, FrameError> {
    let json = serde_json::to_string(message).map_err(FrameError::Json)?;
    if json.len() > TEXT_FRAME_MAX {
        return Err(FrameError::TooLarge(TEXT_FRAME_MAX));
    }
    if json.len() <= COMPRESS_ABOVE {
        return Ok(Frame::Text(json));
    }
    let content = zstd::bulk::compress(json.as_bytes(), ZSTD_LEVEL).map_err(|_| FrameError::Compression)?;
    if content.len() + HEADER_LEN > BINARY_FRAME_MAX {
        return Ok(Frame::Text(json));
    }
    let mut bytes = Vec::with_capacity(HEADER_LEN + content.len());
    bytes.extend_from_slice(&0u32.to_be_bytes());
    bytes.extend_from_slice(&[KIND_JSON_ZSTD, 0, 0, 0]);
    bytes.extend_from_slice(&(content.len() as u32).to_be_bytes());
    bytes.extend_from_slice(&content);
    Ok(Frame::Binary(bytes))
}

/// Reads a message from a text frame.
pub fn decode_text<T: Decode>(text: &str) -> Result<T, FrameError> {
    if text.len() > TEXT_FRAME_MAX {
        return Err(FrameError::TooLarge(TEXT_FRAME_MAX));
    }
    T::from_json(text.as_bytes()).map_err(FrameError::Json)
}

/// Reads a message from a binary frame. Never allocates more than the limit, whatever the content claims.
pub fn decode_binary<T: Decode>(bytes: &[u8]) -> Result<T, FrameError> {
    if bytes.len() > BINARY_FRAME_MAX {
        return Err(FrameError::TooLarge(BINARY_FRAME_MAX));
    }
    let (header, content) = bytes.split_at_checked(HEADER_LEN).ok_or(FrameError::Header)?;
    let length = u32::from_be_bytes([header[8], header[9], header[10], header[11]]) as usize;
    if length != content.len() {
        return Err(FrameError::Header);
    }
    if header[4] != KIND_JSON_ZSTD {
        return Err(FrameError::UnknownKind(header[4]));
    }
    let json = zstd::bulk::decompress(content, TEXT_FRAME_MAX).map_err(|_| FrameError::Compression)?;
    T::from_json(&json).map_err(FrameError::Json)
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Decode for String {
        fn from_json(json: &[u8]) -> serde_json::Result<Self> {
            serde_json::from_slice(json)
        }
    }

    #[test]
    fn small_messages_are_text_and_large_ones_compressed() {
        assert!(matches!(encode(&"x").unwrap(), Frame::Text(_)));
        let large = "x".repeat(100_000);
        let Frame::Binary(bytes) = encode(&large).unwrap() else { panic!("text") };
        assert!(bytes.len() < 1_000);
        assert_eq!(decode_binary::<String>(&bytes).unwrap(), large);
    }

    #[test]
    fn incompressible_messages_stay_text_and_giants_are_refused() {
        let noise: Vec<u32> = (0..40_000u32).map(|i| i.wrapping_mul(2_654_435_761)).collect();
        assert!(matches!(encode(&noise).unwrap(), Frame::Text(_)));
        assert!(matches!(encode(&"x".repeat(TEXT_FRAME_MAX)), Err(FrameError::TooLarge(_))));
    }

    #[test]
    fn hostile_frames_are_refused() {
        let Frame::Binary(good) = encode(&"y".repeat(10_000)).unwrap() else { panic!("text") };
        assert!(matches!(decode_binary::<String>(&good[..5]), Err(FrameError::Header)));
        assert!(matches!(decode_binary::<String>(&good[..good.len() - 1]), Err(FrameError::Header)));
        let mut unknown = good.clone();
        unknown[4] = 99;
        assert!(matches!(decode_binary::<String>(&unknown), Err(FrameError::UnknownKind(99))));
        let mut garbage = good.clone();
        garbage[HEADER_LEN] ^= 0xff;
        assert!(matches!(decode_binary::<String>(&garbage), Err(FrameError::Compression)));

        // a bomb: compresses to little, claims more than the limit
        let bomb = zstd::bulk::compress(&vec![b' '; 64 * 1024 * 1024], 3).unwrap();
        let mut frame = vec![0, 0, 0, 0, KIND_JSON_ZSTD, 0, 0, 0];
        frame.extend_from_slice(&(bomb.len() as u32).to_be_bytes());
        frame.extend_from_slice(&bomb);
        assert!(matches!(decode_binary::<String>(&frame), Err(FrameError::Compression)));
    }
}
