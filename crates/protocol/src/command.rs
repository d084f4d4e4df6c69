//! Commands: the signed order, and what becomes of it.
//!
//! An order is signed over the exact bytes that travel ([`SignedOrder`]); the agent checks the signature, that the order is
//! meant for it, that it has not expired and that it has not seen the id before, and only then looks at what it asks.

use std::collections::BTreeMap;

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use gururmm_ids::{AgentId, CommandId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::limits;
use crate::secret::{base64_bytes, key_id};

const DOMAIN: &[u8] = b"gururmm.command.v1\0";

/// What a command is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CommandType {
    /// A text for the system's shell: `sh` on Unix, `cmd` on Windows.
    Shell,
    /// A text for PowerShell: the system's own on Windows, `pwsh` elsewhere.
    Powershell,
    /// A text for Python 3.
    Python,
    /// A text for the interpreter that the order names.
    Script,
    /// A task for the program that somebody has set up for them on the machine.
    ClaudeTask,
    /// As `shell`, with arguments or variables: who does not know those does not know this type, and runs nothing without them.
    ShellWith,
    /// A later version's type; refused.
    #[serde(other)]
    Unknown,
}

impl CommandType {
    /// All that there are.
    pub const ALL: [Self; 6] =
        [Self::Shell, Self::Powershell, Self::Python, Self::Script, Self::ClaudeTask, Self::ShellWith];

    /// The name in SQL and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Shell => "shell",
            Self::Powershell => "powershell",
            Self::Python => "python",
            Self::Script => "script",
            Self::ClaudeTask => "claude_task",
            Self::ShellWith => "shell_with",
            Self::Unknown => "unknown",
        }
    }
}

/// In whose session a command runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CommandContext {
    /// As the system.
    System,
    /// As the person who sits at the machine, in their session.
    UserSession,
    /// A later version's context; refused.
    #[serde(other)]
    Unknown,
}

impl CommandContext {
    /// The name in SQL and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::UserSession => "user_session",
            Self::Unknown => "unknown",
        }
    }
}

/// What happens to a running command when the connection is lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnDisconnect {
    /// It goes on and delivers later.
    #[default]
    Continue,
    /// It is ended.
    Abort,
}

impl OnDisconnect {
    /// The name in SQL and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Continue => "continue",
            Self::Abort => "abort",
        }
    }
}

/// An order to run one command on one agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// The command; an agent runs each id at most once.
    pub command_id: CommandId,
    /// The only agent that may run it.
    pub agent_id: AgentId,
    /// What it is.
    pub command_type: CommandType,
    /// Its text.
    pub command: String,
    /// What reads the text of a `script`: a program's name, or where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interpreter: Option<String>,
    /// What the text is given, one by one; never a part of a line that a shell reads.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub arguments: Vec<String>,
    /// Variables of its environment, besides those of the machine.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub environment: BTreeMap<String, String>,
    /// In whose session it runs.
    pub context: CommandContext,
    /// Ended after this many seconds.
    pub timeout_seconds: u32,
    /// Whether it runs with the agent's own rights.
    pub elevated: bool,
    /// What a lost connection does to it.
    #[serde(default)]
    pub on_disconnect: OnDisconnect,
    /// When the server signed it, server time.
    pub issued_at: Timestamp,
    /// Not started after this, server time.
    pub expires_at: Timestamp,
    /// Makes the signed bytes unique.
    #[serde(with = "base64_bytes")]
    pub nonce: [u8; 16],
    /// Which of the server's keys signs ([`key_id`]): an order of one key is never taken for another's.
    pub key_id: String,
}

/// Longest name of a variable, and of an interpreter.
const NAME_MAX: usize = 64;
/// How variables of ours begin, which nobody sets.
const OURS: &str = "GURURMM_";

/// What is wrong with the arguments and variables of an order, as a sentence without its first capital.
pub fn parameters_fault(arguments: &[String], environment: &BTreeMap<String, String>) -> Option<String> {
    let texts = arguments.iter().chain(environment.values());
    let size = texts.clone().chain(environment.keys()).map(String::len).sum::<usize>();
    if arguments.len() > limits::ARGUMENTS_MAX {
        return Some(format!("there are more than {} arguments", limits::ARGUMENTS_MAX));
    }
    if environment.len() > limits::ENVIRONMENT_MAX {
        return Some(format!("there are more than {} variables", limits::ENVIRONMENT_MAX));
    }
    if let Some(name) = environment.keys().find(|name| !is_variable(name)) {
        return Some(format!(
            "{name:?} is no name of a variable: letters, digits and _, no digit first, at most {NAME_MAX}, and not one that begins with {OURS}"
        ));
    }
    if texts.clone().any(|text| text.contains('\0')) {
        return Some("a NUL character cannot be part of an argument or a variable".to_owned());
    }
    if environment.values().any(|text| text.chars().any(is_unreadable)) {
        return Some(
            "a variable cannot have control characters but tab and line feed, nor what Unicode says is no character"
                .to_owned(),
        );
    }
    if texts.clone().any(|text| text.len() > limits::ARGUMENT_MAX) {
        return Some(format!("an argument or a variable is longer than {} bytes", limits::ARGUMENT_MAX));
    }
    (size > limits::PARAMETERS_TEXT_MAX)
        .then(|| format!("arguments and variables together are longer than {} bytes", limits::PARAMETERS_TEXT_MAX))
}

/// What systemd does not read from a file of variables.
fn is_unreadable(character: char) -> bool {
    let code = character as u32;
    (character.is_control() && !matches!(character, '\t' | '\n'))
        || (0xfdd0..=0xfdef).contains(&code)
        || code & 0xfffe == 0xfffe
}

fn is_variable(name: &str) -> bool {
    let begins = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    let is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    begins && is_plain && name.len() <= NAME_MAX && !name.to_ascii_uppercase().starts_with(OURS)
}

/// Whether a text can name an interpreter: a program's name, or the full path of one.
pub fn is_interpreter(name: &str) -> bool {
    let is_path = name.starts_with('/') || name.get(1..3) == Some(":\\");
    let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._+-".contains(&byte));
    !name.is_empty()
        && !name.starts_with('-')
        && !name.chars().any(char::is_control)
        && if is_path { name.len() <= limits::SHORT_TEXT_MAX } else { is_name && name.len() <= NAME_MAX }
}

/// An order and the server's signature over its exact bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedOrder {
    /// The order as JSON text: exactly what was signed.
    pub order: String,
    /// The same id as inside, for who must find the key first.
    pub key_id: String,
    /// Ed25519 over the domain and the order's bytes.
    #[serde(with = "base64_bytes")]
    pub signature: [u8; 64],
}

/// Why a signed order was not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OrderError {
    /// The signature is not the server's.
    #[error("the command is not signed by this agent's server")]
    Signature,
    /// The order names a key that is not the one it is signed with.
    #[error("the command names another key of the server than the one that signed it")]
    Key,
    /// The signed bytes are no order.
    #[error("the signed command cannot be read")]
    Malformed,
}

impl SignedOrder {
    /// Signs `order`, which names `key`.
    pub fn sign(order: &Order, key: &SigningKey) -> Result<Self, serde_json::Error> {
        let text = serde_json::to_string(order)?;
        let signature = key.sign(&[DOMAIN, text.as_bytes()].concat()).to_bytes();
        Ok(Self { order: text, key_id: order.key_id.clone(), signature })
    }

    /// Checks the signature, then reads the order and checks that it names `key`.
    pub fn open(&self, key: &VerifyingKey) -> Result<Order, OrderError> {
        let bytes = [DOMAIN, self.order.as_bytes()].concat();
        key.verify_strict(&bytes, &Signature::from_bytes(&self.signature)).map_err(|_| OrderError::Signature)?;
        let order: Order = serde_json::from_str(&self.order).map_err(|_| OrderError::Malformed)?;
        let named = order.key_id == self.key_id && order.key_id == key_id(key);
        named.then_some(order).ok_or(OrderError::Key)
    }
}

/// How a command ended, as the agent saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It exited with 0.
    Completed,
    /// It exited otherwise, was killed by a signal, could not start, or was refused.
    Failed,
    /// It ran into its time limit and was ended with all its children.
    Timeout,
    /// It was cancelled and ended with all its children.
    Cancelled,
    /// The agent lost it: the agent or the machine stopped while it ran.
    Interrupted,
    /// It had expired before it could start.
    Expired,
}

/// One of the two output streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

impl Stream {
    /// The name used in SQL and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stdout => "stdout",
            Self::Stderr => "stderr",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(key: &SigningKey) -> Order {
        Order {
            command_id: CommandId::generate(),
            agent_id: AgentId::generate(),
            command_type: CommandType::Shell,
            command: "uname -a".to_owned(),
            interpreter: None,
            arguments: Vec::new(),
            environment: BTreeMap::new(),
            context: CommandContext::System,
            timeout_seconds: 60,
            elevated: true,
            on_disconnect: OnDisconnect::Continue,
            issued_at: Timestamp::UNIX_EPOCH,
            expires_at: Timestamp::from_second(60).unwrap(),
            nonce: [5; 16],
            key_id: key_id(&key.verifying_key()),
        }
    }

    #[test]
    fn only_the_exact_bytes_open() {
        let key = SigningKey::from_bytes(&[4; 32]);
        let signed = SignedOrder::sign(&order(&key), &key).unwrap();
        assert!(signed.open(&key.verifying_key()).is_ok());

        let changed = SignedOrder { order: signed.order.replace("uname -a", "uname -r"), ..signed.clone() };
        assert_eq!(changed.open(&key.verifying_key()), Err(OrderError::Signature));
        let stranger = SigningKey::from_bytes(&[5; 32]).verifying_key();
        assert_eq!(signed.open(&stranger), Err(OrderError::Signature));
    }

    #[test]
    fn an_order_names_the_key_that_signed_it() {
        let (key, other) = (SigningKey::from_bytes(&[4; 32]), SigningKey::from_bytes(&[5; 32]));
        let of_other = SignedOrder::sign(&order(&other), &key).unwrap();
        assert_eq!(of_other.open(&key.verifying_key()), Err(OrderError::Key));
        let relabelled = SignedOrder { key_id: "another".to_owned(), ..SignedOrder::sign(&order(&key), &key).unwrap() };
        assert_eq!(relabelled.open(&key.verifying_key()), Err(OrderError::Key));
    }

    #[test]
    fn variables_and_interpreters_have_plain_names() {
        let fault = |name: &str| parameters_fault(&[], &BTreeMap::from([(name.to_owned(), String::new())]));
        for name in ["A", "_a", "PATH", "a1"] {
            assert_eq!(fault(name), None, "{name}");
        }
        for name in ["", "1a", "a-b", "a=b", "ä", "GURURMM_COMMAND_ID", "gururmm_x", &"a".repeat(65)] {
            assert!(fault(name).is_some(), "{name}");
        }
        for name in ["bash", "python3.11", "/usr/bin/perl", "C:\\Tools\\a.exe"] {
            assert!(is_interpreter(name), "{name}");
        }
        for name in ["", "-c", "bin/sh", "a b", "/bin/sh\n", "..\\a", &"a".repeat(65)] {
            assert!(!is_interpreter(name), "{name}");
        }
    }

    #[test]
    fn names_are_those_of_the_wire() {
        for kind in CommandType::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
        for context in [CommandContext::System, CommandContext::UserSession] {
            assert_eq!(serde_json::to_value(context).unwrap(), context.as_str());
        }
        for choice in [OnDisconnect::Continue, OnDisconnect::Abort] {
            assert_eq!(serde_json::to_value(choice).unwrap(), choice.as_str());
        }
    }

    #[test]
    fn a_later_command_type_is_read_and_told_apart() {
        assert_eq!(serde_json::from_str::<CommandType>("\"telepathy\"").unwrap(), CommandType::Unknown);
    }
}
