//! Does a postmaster answer? Opens a session and looks at the first byte of the reply.
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
pub(crate) fn answers(socket: &Path) -> bool {
    first_reply(socket).is_ok_and(|kind| kind == b'R')
}

fn first_reply(socket: &Path) -> io::Result<u8> {
    let mut stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(&start_message())?;
    let mut kind = [0];
    stream.read_exact(&mut kind)?;
    // Terminate: the session ends without a line in the log
    let _ = stream.write_all(b"X\0\0\0\x04");
    Ok(kind[0])
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
