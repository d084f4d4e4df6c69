//! The chain of an organisation's events: what is hashed, and how.
//!
//! Event `n` has the hash `SHA-256("gururmm.audit.v1\0" ‖ organisation ‖ n ‖ hash of n-1 ‖ fields)`; before the first event stand 32 zero
//! bytes. `fields` is every column in the order of [`FIELDS`], each as its length (four bytes, the most significant first) and its text;
//! a null is the length `0xFFFF_FFFF`, and nulls at the end are left out.

use gururmm_ids::OrgId;
use sha2::{Digest as _, Sha256};
use sqlx::{Postgres, QueryBuilder};

/// The hash of an event.
pub type Hash = [u8; 32];

/// What an event says: the texts of [`FIELDS`].
pub type Fields = Vec<Option<String>>;

/// Before the first event.
pub const BEGINNING: Hash = [0; 32];

const DOMAIN: &[u8] = b"gururmm.audit.v1\0";

/// Bytes of each field's own hash that are kept beside the chain, to name what was altered.
const MARK: usize = 4;

/// Every column but the organisation's, which is hashed before them, and how it becomes text. WHEN ADDING A COLUMN: it goes to the end and
/// is null in older rows, or their hashes change.
pub const FIELDS: [(&str, &str); 20] = [
    ("id", "e.id::text"),
    ("occurred_at", "(extract(epoch from e.occurred_at) * 1000000)::bigint::text"),
    ("actor_kind", "e.actor_kind"),
    ("actor_id", "e.actor_id::text"),
    ("actor_name", "e.actor_name"),
    ("action", "e.action"),
    ("outcome", "e.outcome"),
    ("target_kind", "e.target_kind"),
    ("target_id", "e.target_id::text"),
    ("target_name", "e.target_name"),
    ("agent_id", "e.agent_id::text"),
    ("client_id", "e.client_id::text"),
    ("site_id", "e.site_id::text"),
    ("detail", "e.detail::text"),
    ("ip", "e.ip::text"),
    ("request_id", "e.request_id::text"),
    ("session_id", "e.session_id::text"),
    ("api_key_id", "e.api_key_id::text"),
    ("on_behalf_of_id", "e.on_behalf_of_id::text"),
    ("on_behalf_of_name", "e.on_behalf_of_name"),
];

/// Selects the fields of `audit_events e` as one array of texts.
pub(super) fn push_fields(query: &mut QueryBuilder<Postgres>) {
    query.push("array[");
    for (index, (_, sql)) in FIELDS.iter().enumerate() {
        query.push(if index == 0 { "" } else { ", " }).push(sql);
    }
    query.push("]");
}

/// The hash of event `seq`.
pub fn hash(org_id: OrgId, seq: i64, previous: &Hash, fields: &[Option<String>]) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update(DOMAIN);
    hasher.update(org_id.as_uuid().as_bytes());
    hasher.update(seq.to_be_bytes());
    hasher.update(previous);
    let length = fields.iter().rposition(Option::is_some).map_or(0, |last| last + 1);
    for field in fields.iter().take(length) {
        match field {
            Some(text) => {
                hasher.update(u32::try_from(text.len()).unwrap_or(u32::MAX - 1).to_be_bytes());
                hasher.update(text);
            }
            None => hasher.update(u32::MAX.to_be_bytes()),
        }
    }
    hasher.finalize().into()
}

/// The beginnings of the hashes of the fields, one after another.
pub fn marks(fields: &[Option<String>]) -> Vec<u8> {
    fields.iter().map(Option::as_ref).flat_map(mark).collect()
}

/// The columns that are not what they were when the marks were made. Empty where the marks themselves were altered: they only help to find
/// what [`hash`] proves.
pub fn altered(fields: &[Option<String>], marks: &[u8]) -> Vec<&'static str> {
    let names = FIELDS.iter().map(|(name, _)| *name);
    let differs = |(field, old): (&Option<String>, &[u8])| mark(field.as_ref()) != *old;
    names.zip(fields.iter().zip(marks.chunks(MARK))).filter(|(_, pair)| differs(*pair)).map(|(name, _)| name).collect()
}

/// Lower-case hexadecimal.
pub fn hex(hash: &[u8]) -> String {
    use std::fmt::Write as _;
    hash.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").ok();
        text
    })
}

fn mark(field: Option<&String>) -> [u8; MARK] {
    let digest = field.map_or(BEGINNING, |text| Sha256::digest(text).into());
    [digest[0], digest[1], digest[2], digest[3]]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(texts: &[Option<&str>]) -> Fields {
        texts.iter().map(|text| text.map(str::to_owned)).collect()
    }

    fn of(texts: &[Option<&str>]) -> Hash {
        hash(OrgId::from_uuid(uuid::Uuid::nil()), 1, &BEGINNING, &fields(texts))
    }

    #[test]
    fn what_is_hashed_stays_the_same() {
        let event = of(&[Some("a"), None, Some("ü")]);
        let mut bytes = DOMAIN.to_vec();
        bytes.extend([0; 16]);
        bytes.extend([0, 0, 0, 0, 0, 0, 0, 1]);
        bytes.extend(BEGINNING);
        bytes.extend(b"\0\0\0\x01a\xff\xff\xff\xff\0\0\0\x02\xc3\xbc");
        assert_eq!(event, <Hash>::from(Sha256::digest(bytes)));
    }

    #[test]
    fn no_two_events_look_alike() {
        let alike = [
            of(&[Some("ab"), Some("c")]),
            of(&[Some("a"), Some("bc")]),
            of(&[Some("abc"), None, Some("")]),
            of(&[None, Some("abc")]),
            of(&[Some(""), Some("abc")]),
            hash(OrgId::from_uuid(uuid::Uuid::nil()), 2, &BEGINNING, &fields(&[Some("ab"), Some("c")])),
            hash(OrgId::from_uuid(uuid::Uuid::nil()), 1, &[1; 32], &fields(&[Some("ab"), Some("c")])),
            hash(OrgId::from_uuid(uuid::Uuid::max()), 1, &BEGINNING, &fields(&[Some("ab"), Some("c")])),
        ];
        for (index, one) in alike.iter().enumerate() {
            assert!(alike.iter().skip(index + 1).all(|other| other != one), "{index}");
        }
        assert_eq!(of(&[Some("a"), None]), of(&[Some("a")]), "a column that is added later is null in what is there");
    }

    #[test]
    fn an_altered_field_is_named() {
        let mut event: Fields = vec![None; FIELDS.len()];
        event[2] = Some("user".to_owned());
        let marks = marks(&event);
        assert_eq!(altered(&event, &marks), [""; 0]);
        event[2] = Some("system".to_owned());
        event[14] = Some("192.0.2.1/32".to_owned());
        assert_eq!(altered(&event, &marks), ["actor_kind", "ip"]);
    }
}
