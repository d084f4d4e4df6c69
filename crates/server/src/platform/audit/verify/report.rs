//! What `audit verify` says.

use std::fmt;
use std::path::PathBuf;

use gururmm_ids::OrgId;
use serde::Serialize;
use uuid::Uuid;

/// The first thing that is wrong with a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "finding", rename_all = "snake_case")]
pub enum Finding {
    /// An event does not say any more what it said.
    Altered {
        /// Its number.
        seq: i64,
        /// The event.
        event_id: Uuid,
        /// The columns that differ, as far as can be told.
        columns: Vec<&'static str>,
    },
    /// There is no event with this number any more.
    Missing {
        /// The number.
        seq: i64,
        /// The event, where the chain still names it.
        event_id: Option<Uuid>,
    },
    /// An event has no number, or waits for one and is gone.
    Unchained {
        /// The event.
        event_id: Uuid,
    },
    /// The chain ends before what was signed.
    CutOff {
        /// The last number that is there.
        seq: i64,
        /// The last one that was signed.
        signed: i64,
    },
    /// The chain is right in itself, and not the one that was signed.
    Forged {
        /// The number where that shows.
        seq: i64,
        /// What differs.
        what: &'static str,
    },
    /// A line of the checkpoints was altered, or signed by an unknown key.
    BadSignature {
        /// The file.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// Nothing was ever signed, or the files are gone.
    NoCheckpoints,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Altered { seq, event_id, columns } if columns.is_empty() => {
                write!(f, "altered: event {seq} ({event_id}) is not what was sealed")
            }
            Self::Altered { seq, event_id, columns } => {
                write!(f, "altered: event {seq} ({event_id}) is not what was sealed: {}", columns.join(", "))
            }
            Self::Missing { seq, event_id: Some(event_id) } => write!(f, "missing: event {seq} ({event_id})"),
            Self::Missing { seq, event_id: None } => write!(f, "missing: event {seq}"),
            Self::Unchained { event_id } => {
                write!(f, "unchained: event {event_id} was put in or taken out without being sealed")
            }
            Self::CutOff { seq, signed } => {
                write!(f, "cut off: the log ends with event {seq}, and event {signed} was signed")
            }
            Self::Forged { seq, what } => write!(f, "forged: {what}, as event {seq} shows"),
            Self::BadSignature { file, line } => {
                write!(f, "bad signature: line {line} of {} was altered, or its key is not known here", file.display())
            }
            Self::NoCheckpoints => f.write_str("no checkpoints: nothing outside the database says what the log was"),
        }
    }
}

/// One organisation's log.
#[derive(Clone, Debug, Serialize)]
pub struct Organisation {
    /// Whose.
    pub org_id: OrgId,
    /// What it is called; null when only its checkpoints are left.
    pub name: Option<String>,
    /// The number with which the log begins.
    pub first: i64,
    /// The last number that was looked at.
    pub last: i64,
    /// How many checkpoints it was compared with.
    pub checkpoints: usize,
    /// The first thing that is wrong; absent where nothing is.
    #[serde(flatten)]
    pub finding: Option<Finding>,
}

/// All of them.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Whether every log is what was told.
    pub ok: bool,
    /// One by one.
    pub organisations: Vec<Organisation>,
}

impl Report {
    pub(super) fn of(organisations: Vec<Organisation>) -> Self {
        Self { ok: organisations.iter().all(|organisation| organisation.finding.is_none()), organisations }
    }

    /// The report as lines for a person.
    pub fn text(&self) -> String {
        self.organisations.iter().fold(String::new(), |text, organisation| {
            let name = organisation.name.as_deref().unwrap_or("an organisation that is gone");
            let (first, last, checkpoints) = (organisation.first, organisation.last, organisation.checkpoints);
            let line = match &organisation.finding {
                Some(finding) => format!("BROKEN  {name} ({}): {finding}\n", organisation.org_id),
                None if last == 0 => format!("ok      {name}: nothing is sealed yet\n"),
                None => format!(
                    "ok      {name}: events {first} to {last} are as they were told; {checkpoints} checkpoints\n"
                ),
            };
            text + &line
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_finding_is_enough_and_is_told_with_its_place() {
        let of = |finding| Organisation {
            org_id: OrgId::from_uuid(Uuid::nil()),
            name: Some("Example".to_owned()),
            first: 1,
            last: 9,
            checkpoints: 2,
            finding,
        };
        let report = Report::of(vec![of(None), of(Some(Finding::CutOff { seq: 9, signed: 12 }))]);
        assert!(!report.ok && Report::of(vec![of(None)]).ok);
        let text = report.text();
        assert!(
            text.starts_with("ok      Example: events 1 to 9 are as they were told; 2 checkpoints\nBROKEN"),
            "{text}"
        );
        assert!(text.contains("ends with event 9, and event 12 was signed"), "{text}");
        let json = serde_json::to_value(&report).unwrap();
        assert_eq!(json["organisations"][1]["finding"], "cut_off");
        assert!(json["organisations"][0]["finding"].is_null());
    }
}
