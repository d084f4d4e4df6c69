//! Files that are sent piece by piece, each read in a transaction of its own: nobody's slow line keeps a connection to the database.
//!
//! Whether the caller still may what they might when they asked is looked up before each piece. Who may not gets no more of it: the
//! answer breaks off, which every client takes for what it is, and never ends as if that were all.

use std::io;

use axum::body::{Body, Bytes};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use sqlx::PgConnection;

use crate::app::AppState;
use crate::platform::auth::{Caller, OrgScope};

/// What a file is made of.
pub trait Pieces: Send + 'static {
    /// The next piece, of what the scope sees.
    fn next(
        &mut self,
        tx: &mut PgConnection,
        scope: &OrgScope,
        is_first: bool,
    ) -> impl Future<Output = sqlx::Result<Piece>> + Send;
}

/// A piece of a file.
#[derive(Debug)]
pub struct Piece {
    /// What it says.
    pub text: String,
    /// Whether the file ends with it.
    pub is_last: bool,
}

/// A file for somebody.
pub struct Attachment<P> {
    /// Who asked for it.
    pub caller: Caller,
    /// What of it they see.
    pub scope: OrgScope,
    /// How its name begins; the day follows.
    pub name: &'static str,
    /// How its name ends.
    pub extension: &'static str,
    /// What kind of file it is.
    pub content_type: &'static str,
    /// What it is made of.
    pub pieces: P,
}

impl<P: Pieces> Attachment<P> {
    /// The answer that brings the file.
    pub fn into_response(self, app: AppState, now: Timestamp) -> Response {
        let day = now.to_zoned(TimeZone::UTC).date();
        let disposition = format!("attachment; filename=\"{}-{day}.{}\"", self.name, self.extension);
        let headers =
            [(header::CONTENT_TYPE, self.content_type.to_owned()), (header::CONTENT_DISPOSITION, disposition)];
        let sending = Sending { app, file: self, stage: Stage::Beginning };
        let pieces = stream::try_unfold(sending, |mut sending| async move {
            let piece = sending.next().await?;
            Ok::<_, io::Error>(piece.map(|piece| (piece, sending)))
        });
        (headers, Body::from_stream(pieces)).into_response()
    }
}

/// How far a file has got.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Beginning,
    Middle,
    End,
}

struct Sending<P> {
    app: AppState,
    file: Attachment<P>,
    stage: Stage,
}

impl<P: Pieces> Sending<P> {
    /// The next piece of the file; none after the last.
    async fn next(&mut self) -> io::Result<Option<Bytes>> {
        if self.stage == Stage::End {
            return Ok(None);
        }
        if self.app.stopping.is_cancelled() {
            return Err(io::Error::other("the server is stopping"));
        }
        if !self.file.caller.still_holds(&self.app).await.map_err(io::Error::other)? {
            return Err(io::Error::other("who asked for the file may not any more"));
        }
        let piece = self.read().await.map_err(io::Error::other)?;
        self.stage = if piece.is_last { Stage::End } else { Stage::Middle };
        Ok(Some(piece.text.into()))
    }

    async fn read(&mut self) -> sqlx::Result<Piece> {
        let mut tx = self.app.db.begin_scoped(&self.file.scope).await?;
        self.file.pieces.next(&mut tx, &self.file.scope, self.stage == Stage::Beginning).await
    }
}
