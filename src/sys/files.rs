//! Files and folders that only their owner may read, whole or not at all.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// Makes `folder` and its parents; what is made is 0700 from birth.
///
/// # Errors
/// What the operating system says, for example that the disk is read-only.
pub fn ensure_private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(folder)
}

/// Opens `path` for reading and writing; a new file is 0600 from birth.
///
/// # Errors
/// What the operating system says.
pub fn open_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path)
}

/// Makes the empty file `path`, 0600 from birth, where there is none. An existing one is not
/// opened: closing it would drop the locks that SQLite has on it in this process.
///
/// # Errors
/// What the operating system says, for example that an existing file may not be written.
pub fn ensure_private(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    match options.open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        other => return other.map(|_| ()),
    }
    #[cfg(unix)]
    {
        use rustix::fs::Access;
        rustix::fs::access(path, Access::READ_OK | Access::WRITE_OK)?;
    }
    Ok(())
}

/// Which file it is, whatever its name: its device and its number there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileId {
    /// The device; it may change when the machine restarts.
    pub device: u64,
    /// The number of the file on the device.
    pub inode: u64,
}

impl FileId {
    /// Which file `path` leads to; `None` where there is none.
    ///
    /// # Errors
    /// What the operating system says, but for a missing file.
    pub fn at(path: &Path) -> io::Result<Option<Self>> {
        let found = match path.metadata() {
            Ok(found) => found,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            Ok(Some(Self {
                device: found.dev(),
                inode: found.ino(),
            }))
        }
        #[cfg(not(unix))]
        {
            // An open file can be neither moved nor deleted there.
            let _ = found;
            Ok(Some(Self {
                device: 0,
                inode: 0,
            }))
        }
    }
}

/// A file that is written beside the one it is going to replace, 0600 from birth.
#[derive(Debug)]
pub struct Replacement {
    file: BufWriter<tempfile::NamedTempFile>,
    path: PathBuf,
}

impl Replacement {
    /// Begins one; until its end nothing of it is seen under `path`.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn begin(path: &Path) -> io::Result<Self> {
        let folder = folder_of(path);
        ensure_private_folder(folder)?;
        // `tempfile` makes its files 0600.
        let file = tempfile::NamedTempFile::new_in(folder)?;
        Ok(Self {
            file: BufWriter::new(file),
            path: path.to_owned(),
        })
    }

    /// Puts it in its place, durably.
    ///
    /// # Errors
    /// What the operating system says; the former content then still stands.
    pub fn finish(self) -> io::Result<()> {
        let file = self
            .file
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?;
        file.as_file().sync_all()?;
        file.persist(&self.path).map_err(|error| error.error)?;
        #[cfg(unix)]
        File::open(folder_of(&self.path))?.sync_all()?;
        Ok(())
    }
}

impl Write for Replacement {
    fn write(&mut self, content: &[u8]) -> io::Result<usize> {
        self.file.write(content)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        // A bare file name has the empty path as its parent, which no system call opens.
        _ => Path::new("."),
    }
}

/// Replaces the content of `path` in one step, 0600 from birth and durable on return.
///
/// # Errors
/// What the operating system says; the former content then still stands.
pub fn replace_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = Replacement::begin(path)?;
    file.write_all(content)?;
    file.finish()
}

/// A file or a stream is longer than what is read of it; within an [`io::Error`] of the kind
/// `FileTooLarge`.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("it is longer than {}, the most that is read", self.words())]
pub struct TooLong {
    /// How many bytes are read at most.
    pub limit: u64,
}

impl TooLong {
    /// The same out of an error, if it is that.
    #[must_use]
    pub fn of(error: &io::Error) -> Option<Self> {
        error.get_ref()?.downcast_ref().copied()
    }

    /// The limit in words: `4 MiB`.
    #[must_use]
    pub fn words(self) -> String {
        let units = [(30, "GiB"), (20, "MiB"), (10, "KiB")];
        let whole = units
            .into_iter()
            .find(|(shift, _)| self.limit >= 1 << shift && self.limit.is_multiple_of(1 << shift));
        match whole {
            Some((shift, unit)) => format!("{} {unit}", self.limit >> shift),
            None => format!("{} bytes", self.limit),
        }
    }

    fn error(limit: u64) -> io::Error {
        io::Error::new(io::ErrorKind::FileTooLarge, Self { limit })
    }
}

/// All of `source`, which has no more than `limit` bytes. Every reader of files and streams comes
/// here: nothing that is given is read without end.
///
/// # Errors
/// What the operating system says, and [`TooLong`].
pub fn read_all(source: impl Read, limit: u64) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    source
        .take(limit.saturating_add(1))
        .read_to_end(&mut content)?;
    match content.len() as u64 > limit {
        true => Err(TooLong::error(limit)),
        false => Ok(content),
    }
}

/// The same as text.
///
/// # Errors
/// As [`read_all`]; `InvalidData` where it is not UTF-8.
pub fn read_all_text(source: impl Read, limit: u64) -> io::Result<String> {
    String::from_utf8(read_all(source, limit)?)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not in UTF-8"))
}

/// Opens `path` to be read from any place in it, as [`kept`] does where it can be read only once.
///
/// # Errors
/// As [`kept`].
pub fn open_to_read(path: &Path, is_wanted: impl Fn(&[u8]) -> bool) -> io::Result<File> {
    let mut file = File::open(path)?;
    match file.metadata()?.is_file() {
        true => Ok(file),
        false => kept(&mut file, is_wanted),
    }
}

/// The most that is copied of a stream.
const MOST_KEPT: u64 = 8 << 30;

/// Everything that `source` gives, in a nameless file that goes with the process; its beginning
/// alone where that is not wanted.
///
/// # Errors
/// What the operating system says, and [`TooLong`] beyond 8 GiB.
pub fn kept(source: &mut impl Read, is_wanted: impl Fn(&[u8]) -> bool) -> io::Result<File> {
    use std::io::Seek;

    let mut file = tempfile::tempfile()?;
    let mut beginning = Vec::new();
    source.take(4096).read_to_end(&mut beginning)?;
    file.write_all(&beginning)?;
    if is_wanted(&beginning) {
        let copied = io::copy(&mut source.take(MOST_KEPT + 1), &mut file)?;
        if copied > MOST_KEPT {
            return Err(TooLong::error(MOST_KEPT));
        }
    }
    file.rewind()?;
    Ok(file)
}

/// Writes `content`, which is for everybody, to `path`.
///
/// # Errors
/// What the operating system says.
#[allow(clippy::disallowed_methods, reason = "the one place that writes files")]
pub fn replace_public(path: &Path, content: &[u8]) -> io::Result<()> {
    std::fs::write(path, content)
}

/// The whole text of `path`, or nothing when there is no such file.
///
/// # Errors
/// As [`read_all_text`], but for a missing file.
pub fn read_text(path: &Path, limit: u64) -> io::Result<Option<String>> {
    match File::open(path) {
        Ok(file) => read_all_text(file, limit).map(Some),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The whole content of `path`.
///
/// # Errors
/// As [`read_all`].
pub fn read_bytes(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    read_all(File::open(path)?, limit)
}

/// Removes the file `path`; a missing one is fine.
///
/// # Errors
/// What the operating system says.
pub fn remove(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// The files directly in `folder`, each with the Unix time in milliseconds of its last change.
///
/// # Errors
/// What the operating system says, for example that there is no such folder.
pub fn list(folder: &Path) -> io::Result<Vec<(PathBuf, i64)>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let changed = entry.metadata()?.modified()?;
        let since_epoch = changed.duration_since(UNIX_EPOCH).unwrap_or_default();
        let milliseconds = i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX);
        files.push((entry.path(), milliseconds));
    }
    Ok(files)
}

/// The permission bits of `path` that let others than its owner in, if any.
#[must_use]
pub fn open_to_others(path: &Path) -> Option<u32> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = path.metadata().ok()?.permissions().mode() & 0o077;
        (mode != 0).then_some(mode)
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        None
    }
}

/// The permission bits of `path`, sticky bit included; `None` where there is no such file or no bits.
///
/// # Errors
/// What the operating system says, but for a missing file.
pub fn mode(path: &Path) -> io::Result<Option<u32>> {
    let found = match path.metadata() {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        Ok(Some(found.permissions().mode() & 0o7777))
    }
    #[cfg(not(unix))]
    {
        let _ = found;
        Ok(None)
    }
}

/// Takes every permission from everybody but the owner: 0700 for a folder, 0600 for a file.
///
/// # Errors
/// What the operating system says, for example that it is somebody else's.
pub fn make_private(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = if path.is_dir() { 0o700 } else { 0o600 };
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode))
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        Ok(())
    }
}

/// A lock on a file, held until dropped or until the process ends.
#[derive(Debug)]
pub struct FileLock {
    file: File,
}

impl FileLock {
    /// Replaces what is in the locked file.
    ///
    /// # Errors
    /// What the operating system says, for example that the disk is full.
    pub fn write(&mut self, content: &[u8]) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.write_all(content)
    }

    /// Takes the lock if nobody holds it; `None` when somebody does.
    ///
    /// # Errors
    /// What the operating system says, for example that the folder is read-only.
    pub fn try_exclusive(path: &Path) -> io::Result<Option<Self>> {
        // Opened for reading and writing: NFS refuses an exclusive lock on a read-only handle.
        let file = open_private(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { file })),
            Err(std::fs::TryLockError::WouldBlock) => Ok(None),
            Err(std::fs::TryLockError::Error(error)) => Err(error),
        }
    }

    /// Takes the lock beside others who share it; `None` when somebody has it alone.
    ///
    /// # Errors
    /// What the operating system says, for example that the folder is read-only.
    pub fn try_shared(path: &Path) -> io::Result<Option<Self>> {
        let file = open_private(path)?;
        match file.try_lock_shared() {
            Ok(()) => Ok(Some(Self { file })),
            Err(std::fs::TryLockError::WouldBlock) => Ok(None),
            Err(std::fs::TryLockError::Error(error)) => Err(error),
        }
    }

    /// Takes the lock alone, waiting for everybody else to let go; blocks the thread.
    ///
    /// # Errors
    /// What the operating system says, for example that the folder is read-only.
    pub fn exclusive(path: &Path) -> io::Result<Self> {
        let file = open_private(path)?;
        file.lock()?;
        Ok(Self { file })
    }
}
