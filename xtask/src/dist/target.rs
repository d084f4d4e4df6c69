//! What agents are built for.

/// One program that `make dist` makes.
#[derive(Debug)]
pub(crate) struct Target {
    /// How people name it, and how its file is called.
    pub(crate) name: &'static str,
    /// The server's names for it: folders below `agents`. Empty for one that the server does not hand out by itself.
    pub(crate) places: &'static [(&'static str, &'static str)],
    /// How it is made.
    pub(crate) kind: Kind,
    /// Largest size, millions of bytes.
    pub(crate) budget_mb: u64,
}

/// The ways to make one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Static, with zig's musl.
    Musl(&'static str),
    /// With Debian's mingw.
    Windows(WindowsKind),
    /// With zig's linker and a list of what the system's libraries offer.
    Macos(&'static str),
    /// Both of macOS in one file.
    MacosUniversal,
}

/// Targets of Windows differ in what they need beside the compiler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WindowsKind {
    X86_64,
    /// Windows 7 and Server 2008 R2, whose libraries lack much that newer ones have.
    Windows7,
    I686,
}

impl WindowsKind {
    /// Rust's name.
    pub(crate) fn triple(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64-pc-windows-gnu",
            Self::Windows7 => "x86_64-win7-windows-gnu",
            Self::I686 => "i686-pc-windows-gnu",
        }
    }

    /// What the names of mingw's programs begin with.
    pub(crate) fn tools(self) -> &'static str {
        if self == Self::I686 { "i686-w64-mingw32" } else { "x86_64-w64-mingw32" }
    }
}

impl Target {
    /// The name of the program.
    pub(crate) fn program(&self) -> &'static str {
        if matches!(self.kind, Kind::Windows(_)) { "gururmm-agent.exe" } else { "gururmm-agent" }
    }
}

/// All of them, in the order in which they are made.
pub(crate) const TARGETS: [Target; 8] = [
    Target {
        name: "linux-x86_64",
        places: &[("linux", "x86_64")],
        kind: Kind::Musl("x86_64-unknown-linux-musl"),
        budget_mb: 6,
    },
    Target {
        name: "linux-aarch64",
        places: &[("linux", "aarch64")],
        kind: Kind::Musl("aarch64-unknown-linux-musl"),
        budget_mb: 6,
    },
    Target {
        name: "windows-x86_64",
        places: &[("windows", "x86_64")],
        kind: Kind::Windows(WindowsKind::X86_64),
        budget_mb: 8,
    },
    Target { name: "windows-x86_64-win7", places: &[], kind: Kind::Windows(WindowsKind::Windows7), budget_mb: 8 },
    Target {
        name: "windows-i686",
        places: &[("windows", "i686")],
        kind: Kind::Windows(WindowsKind::I686),
        budget_mb: 8,
    },
    Target { name: "macos-x86_64", places: &[], kind: Kind::Macos("x86_64-apple-darwin"), budget_mb: 8 },
    Target { name: "macos-aarch64", places: &[], kind: Kind::Macos("aarch64-apple-darwin"), budget_mb: 8 },
    Target {
        name: "macos-universal",
        places: &[("macos", "x86_64"), ("macos", "aarch64")],
        kind: Kind::MacosUniversal,
        budget_mb: 16,
    },
];
