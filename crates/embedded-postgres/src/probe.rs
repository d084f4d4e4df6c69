//! Does a postmaster answer? Opens a session and looks at the reply.
//!
//! A postmaster that is starting, stopping or in recovery refuses the session, so "answers" means "can be used now".

use std::{
    io::{self, Read, Write},
    os::unix::net::UnixStream,
    path::Path,
    time::Duration,
};

use crate::OWNER;

const PROTOCOL_3_0: i32 = 0x0003_0000;
const PATIENCE: Duration = Duration::from_secs(5);

/// Whether the postmaster behind `socket` lets [`OWNER`] in.
pub fn answers(socket: &Path) -> bool {
    first_reply(socket).is_ok_and(|reply| is_open(&reply))
}

/// A session is granted, or would be were there not too many (SQLSTATE 53300).
fn is_open(reply: &[u8]) -> bool {
    reply.first() == Some(&b'R') || reply.windows(7).any(|field| field == b"C53300\0")
}

fn first_reply(socket: &Path) -> io::Result<Vec<u8>> {
    let mut stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(&start_message())?;
    let mut reply = vec![0; 1024];
    let length = stream.read(&mut reply)?;
    reply.truncate(length);
    // Terminate: the session ends without a line in the log
    let _ = stream.write_all(b"X\0\0\0\x04");
    Ok(reply)
}

fn start_message() -> Vec<u8> {
    let mut body = PROTOCOL_3_0.to_be_bytes().to_vec();
    for text in ["user", OWNER, "database", "template1", "application_name", "gururmm probe"] {
        body.extend_from_slice(text.as_bytes());
        body.push(0);
    }
    body.push(0);
    let mut message = i32::try_from(body.len() + 4).unwrap_or(i32::MAX).to_be_bytes().to_vec();
    message.append(&mut body);
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_database_answers_and_a_starting_one_does_not() {
        assert!(is_open(b"R\0\0\0\x08\0\0\0\0"));
        assert!(is_open(b"E\0\0\0\x40SFATAL\0VFATAL\0C53300\0Msorry, too many clients already\0\0"));
        assert!(!is_open(b"E\0\0\0\x40SFATAL\0VFATAL\0C57P03\0Mthe database system is starting up\0\0"));
        assert!(!is_open(b""));
    }
}
