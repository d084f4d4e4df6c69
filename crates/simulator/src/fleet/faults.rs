//! What goes wrong in a fleet, and how often.

/// Rates of failures; nothing goes wrong unless told.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Faults {
    /// Share of the connections that are cut each minute, 0 to 1.
    pub disconnects_per_minute: f64,
    /// Share of the machines that read slowly: a message each second.
    pub slow_readers: f64,
    /// Share of the acknowledgements that a machine does not hear: it sends again after the next connection.
    pub lost_acknowledgements: f64,
    /// Share of the commands that fail.
    pub command_failures: f64,
    /// Share of the commands that go on until their time is up.
    pub command_timeouts: f64,
    /// Share of the machines that are switched off as soon as they have told their past.
    pub switched_off: f64,
}
