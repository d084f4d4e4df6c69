//! One build: which tools, which flags, which environment.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, bail, ensure};

use super::{
    imports, macos,
    server::Server,
    target::{Kind, Target, WindowsKind},
    windows,
};
use crate::process;

const AGENT: &str = "gururmm-agent";
/// Debian's Rust. Another one's compiler does not fit the sources of Debian's standard library.
const CARGO: &str = "/usr/bin/cargo";
const RUSTC: &str = "/usr/bin/rustc";

/// What the programs say of themselves.
pub(crate) struct Version {
    /// `0.1.0`.
    pub(crate) number: String,
    /// The commit, shortened; with `.dirty` when the tree has changes.
    pub(crate) commit: String,
    /// When the commit was made, seconds since 1970: the only time that may appear in a program.
    made_at: String,
}

impl Version {
    pub(crate) fn of(root: &Path) -> Result<Self> {
        // sources without their history, such as an unpacked archive, have no commit
        let git = |line: &str| process::capture(process::command(root, line)).map(|text| text.trim().to_owned()).ok();
        let metadata = cargo_metadata::MetadataCommand::new().current_dir(root).no_deps().exec()?;
        let agent = metadata.packages.iter().find(|package| package.name == AGENT).context("there is no agent")?;
        let is_dirty = git("git status --porcelain --untracked-files=no").is_some_and(|changes| !changes.is_empty());
        let commit = git("git rev-parse --short=12 HEAD").unwrap_or_else(|| "unknown".to_owned());
        Ok(Self {
            number: agent.version.to_string(),
            commit: commit + if is_dirty { ".dirty" } else { "" },
            made_at: git("git log -1 --format=%ct").unwrap_or_else(|| "0".to_owned()),
        })
    }
}

#[cfg(test)]
impl Version {
    pub(crate) fn for_tests(number: &str, commit: &str) -> Self {
        Self { number: number.to_owned(), commit: commit.to_owned(), made_at: "0".to_owned() }
    }
}

/// What the agent's database is built without: it keeps records in order, and searches nothing.
const NOT_IN_SQLITE: &str = "-USQLITE_ENABLE_FTS3 -USQLITE_ENABLE_FTS3_PARENTHESIS -USQLITE_ENABLE_FTS5 -USQLITE_ENABLE_RTREE -USQLITE_ENABLE_STAT4 \
                             -USQLITE_ENABLE_DBSTAT_VTAB -USQLITE_ENABLE_LOAD_EXTENSION -DSQLITE_OMIT_LOAD_EXTENSION -DSQLITE_OMIT_JSON";

/// Builds agents of one version.
pub(crate) struct Builder<'a> {
    root: &'a Path,
    version: &'a Version,
    server: Option<&'a Server>,
    /// Where cargo builds: apart from the other builds, which another compiler makes.
    target_dir: PathBuf,
    /// Where `scripts/bootstrap.sh dist` puts zig.
    zig: PathBuf,
}

impl<'a> Builder<'a> {
    pub(crate) fn new(root: &'a Path, version: &'a Version, server: Option<&'a Server>) -> Result<Self> {
        ensure!(
            Path::new(CARGO).exists() && Path::new(RUSTC).exists(),
            "Debian's cargo-web and rustc-web are missing: run scripts/bootstrap.sh dist"
        );
        let target_dir = process::target_dir(root)?.join("cross");
        let zig = cache()?.join("cross/bin");
        Ok(Self { root, version, server, target_dir, zig })
    }

    /// Makes the program and answers where it lies.
    pub(crate) fn program(&self, target: &Target) -> Result<PathBuf> {
        match target.kind {
            Kind::Musl(triple) => self.musl(triple),
            Kind::Windows(kind) => self.windows(kind),
            Kind::Macos(triple) => self.macos(triple),
            Kind::MacosUniversal => {
                let arm64 = self.macos("aarch64-apple-darwin")?;
                let x86_64 = self.macos("x86_64-apple-darwin")?;
                macos::join(&self.target_dir.join("universal"), &[&arm64, &x86_64])
            }
        }
    }

    fn musl(&self, triple: &str) -> Result<PathBuf> {
        // Rust would bring start files of its own, which Debian's Rust has not
        let command = self.cargo("zigbuild", triple, &["-C", "link-self-contained=no"])?;
        process::run(command)?;
        self.built(triple, AGENT)
    }

    fn windows(&self, kind: WindowsKind) -> Result<PathBuf> {
        let triple = kind.triple();
        let mut flags = vec!["-C".to_owned(), "link-arg=-Wl,--no-insert-timestamp".to_owned()];
        match kind {
            WindowsKind::X86_64 => {}
            // without it a library for errors of Windows 8 is imported
            WindowsKind::Windows7 => flags.extend(["--cfg".to_owned(), "windows_slim_errors".to_owned()]),
            WindowsKind::I686 => {
                let objects = windows::start_objects(&self.target_dir, RUSTC)?;
                flags.extend(["-L".to_owned(), format!("native={}", objects.display())]);
            }
        }
        let flags: Vec<_> = flags.iter().map(String::as_str).collect();
        let mut command = self.cargo("build", triple, &flags)?;
        // cc knows no compiler for a target that it has never heard of, and would take this machine's
        let variable = triple.replace('-', "_");
        command.env(format!("CC_{variable}"), format!("{}-gcc", kind.tools()));
        command.env(format!("AR_{variable}"), format!("{}-ar", kind.tools()));
        process::run(command)?;
        let program = self.built(triple, "gururmm-agent.exe")?;
        imports::check(self.root, &program, kind)?;
        Ok(program)
    }

    fn macos(&self, triple: &str) -> Result<PathBuf> {
        let sdk = macos::write_stubs(self.root, &self.target_dir)?;
        let mut flags: Vec<String> = Vec::new();
        for argument in [
            format!("-F{}", sdk.join("System/Library/Frameworks").display()),
            format!("-L{}", sdk.join("usr/lib").display()),
            "-Wl,-dead_strip".to_owned(),
            // the newest macOS refuses a program that names a library twice
            "-Wl,-dead_strip_dylibs".to_owned(),
        ] {
            flags.extend(["-C".to_owned(), format!("link-arg={argument}")]);
        }
        let flags: Vec<_> = flags.iter().map(String::as_str).collect();
        let mut command = self.cargo("rustc", triple, &flags)?;
        // stripping for macOS needs a tool of Rust's that Debian has not; the linker leaves out where the objects lay on this machine
        command.args(["--config", "profile.dist.strip=false"]).env("MACOSX_DEPLOYMENT_TARGET", "11.0");
        command.args(["--bin", AGENT, "--", "-C", "link-arg=-Wl,-S"]);
        process::run(command)?;
        self.built(triple, AGENT)
    }

    fn cargo(&self, verb: &str, triple: &str, flags: &[&str]) -> Result<Command> {
        let mut command = if verb == "build" {
            Command::new(CARGO)
        } else {
            let zigbuild = self.zig.join("cargo-zigbuild");
            ensure!(zigbuild.exists(), "cargo-zigbuild and zig are missing: run scripts/bootstrap.sh dist");
            Command::new(zigbuild)
        };
        command.arg(verb).args([
            "--locked",
            "-Zbuild-std=std,panic_abort",
            "--profile",
            "dist",
            "-p",
            AGENT,
            "--target",
            triple,
        ]);
        command.current_dir(self.root);
        for name in ["RUSTUP_TOOLCHAIN", "RUSTC", "RUSTFLAGS", "CARGO", "CARGO_ENCODED_RUSTFLAGS", "RUSTC_WRAPPER"] {
            command.env_remove(name);
        }
        let path = env::var_os("PATH").unwrap_or_default();
        let first = [self.zig.clone(), PathBuf::from("/usr/bin")];
        command.env("PATH", env::join_paths(first.into_iter().chain(env::split_paths(&path)))?);
        // build-std is for the brave; Debian's pair of compiler and sources is the one that its browsers are built with
        command.env("RUSTC_BOOTSTRAP", "1");
        command.env("CARGO_TARGET_DIR", &self.target_dir);
        command.env("SOURCE_DATE_EPOCH", &self.version.made_at);
        command.env("LIBSQLITE3_FLAGS", NOT_IN_SQLITE);
        command.env("GURURMM_BUILD_VERSION", format!("{}+{}", self.version.number, self.version.commit));
        match self.server {
            Some(server) => command.env("GURURMM_SERVER_URL", server.as_str()),
            None => command.env_remove("GURURMM_SERVER_URL"),
        };
        self.hide_paths(&mut command, triple, flags)?;
        Ok(command)
    }

    /// Neither a person's name nor a folder of this machine belongs into a program.
    fn hide_paths(&self, command: &mut Command, triple: &str, flags: &[&str]) -> Result<()> {
        let cargo_home = match env::var_os("CARGO_HOME") {
            Some(home) => PathBuf::from(home),
            None => PathBuf::from(env::var_os("HOME").context("HOME is not set")?).join(".cargo"),
        };
        let mut rust: Vec<String> = flags.iter().map(|flag| (*flag).to_owned()).collect();
        let mut c = Vec::new();
        for (folder, shown) in
            [(self.root, "/gururmm"), (cargo_home.as_path(), "/cargo"), (&self.target_dir, "/target")]
        {
            rust.push(format!("--remap-path-prefix={}={shown}", folder.display()));
            c.push(format!("-ffile-prefix-map={}={shown}", folder.display()));
        }
        let variable = triple.replace('-', "_");
        command.env(format!("CARGO_TARGET_{}_RUSTFLAGS", variable.to_uppercase()), rust.join(" "));
        command.env(format!("CFLAGS_{variable}"), c.join(" "));
        Ok(())
    }

    fn built(&self, triple: &str, program: &str) -> Result<PathBuf> {
        let path = self.target_dir.join(triple).join("dist").join(program);
        if fs::metadata(&path).is_ok_and(|metadata| metadata.is_file()) {
            return Ok(path);
        }
        bail!("cargo made no {}", path.display())
    }
}

/// Where things are kept that are made once.
fn cache() -> Result<PathBuf> {
    let base = match env::var_os("XDG_CACHE_HOME").filter(|folder| !folder.is_empty()) {
        Some(folder) => PathBuf::from(folder),
        None => PathBuf::from(env::var_os("HOME").context("HOME is not set")?).join(".cache"),
    };
    Ok(base.join("gururmm"))
}
