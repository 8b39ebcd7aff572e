//! Where requests wait on disk while the backend is down: a file each, in a folder that processes may share.
//!
//! A file is written under another name and then renamed, so that a process that is killed leaves no half of one;
//! what a power cut has torn is known by its checksum. Whoever sends a file has its lock, and nobody else touches
//! it then. The names begin with a number that stands for the signal and the url, since a folder
//! may serve several backends.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use super::parcel::Parcel;
use super::settings::SpoolSettings;
use super::signal::Signal;

const MAGIC: [u8; 8] = *b"GTOTLP1\n";
const HEADER_BYTES: usize = 28;
const READY: &str = "otlp";
const BEING_WRITTEN: &str = "tmp";
/// Passed over until it is the oldest and room is needed.
const TORN: &str = "torn";

/// A folder in which requests for one backend wait.
#[derive(Debug)]
pub(super) struct Spool {
    folder: PathBuf,
    most_bytes: u64,
    signal: Signal,
    /// What the names of files begin with.
    prefix: String,
}

/// What was found when the oldest file was asked for.
#[derive(Debug)]
pub(super) enum Oldest {
    Parcel(Claimed),
    /// A file that is torn, which is put aside.
    Torn(PathBuf),
}

/// A parcel on disk that nobody else touches.
#[derive(Debug)]
pub(super) struct Claimed {
    pub(super) parcel: Parcel,
    path: PathBuf,
    /// Holds the lock.
    _file: File,
}

impl Claimed {
    /// The parcel need not wait any longer.
    pub(super) fn remove(self) -> io::Result<()> {
        remove(&self.path)
    }
}

/// A parcel that was put on disk.
#[derive(Debug)]
pub(super) struct Put {
    /// Nobody else touches the parcel while this is there.
    pub(super) lock: File,
    /// Names of those that had to go, and how much was in each.
    pub(super) evicted: Vec<(String, u64)>,
}

struct Entry {
    name: String,
    path: PathBuf,
    bytes: u64,
    is_ready: bool,
}

impl Spool {
    pub(super) fn new(settings: SpoolSettings, signal: Signal, url: &str) -> Self {
        // Over gRPC all signals have one url.
        let backend = format!("{} {url}", signal.path());
        Self {
            folder: settings.folder,
            most_bytes: settings.bytes,
            signal,
            prefix: format!("{:016x}-", checksum(backend.as_bytes())),
        }
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether something waits.
    pub(super) fn has_any(&self) -> bool {
        self.entries().iter().any(|entry| entry.is_ready)
    }

    /// The name of what waits longest.
    pub(super) fn oldest_name(&self) -> Option<String> {
        let mut entries = self.entries().into_iter();
        entries.find(|entry| entry.is_ready).map(|entry| entry.name)
    }

    /// What waits longest, and nobody else is sending.
    pub(super) fn oldest(&self) -> Option<Oldest> {
        let entries = self.entries();
        let mut ready = entries.into_iter().filter(|entry| entry.is_ready);
        ready.find_map(|entry| claim(entry, self.signal).ok().flatten())
    }

    /// Puts a parcel on disk; the oldest go where there is no room.
    pub(super) fn put(&self, parcel: &Parcel) -> io::Result<Put> {
        let bytes = u64::try_from(HEADER_BYTES + parcel.body.len()).unwrap_or(u64::MAX);
        if bytes > self.most_bytes {
            let room = format!(
                "{bytes} bytes are more than the {} that may wait",
                self.most_bytes
            );
            return Err(io::Error::new(ErrorKind::StorageFull, room));
        }
        fs::create_dir_all(&self.folder)?;
        let evicted = self.make_room(bytes);
        let being_written = self.path(&parcel.name, BEING_WRITTEN);
        let mut file = create(&being_written)?;
        // A file system without locks has no processes that share it.
        let _ = file.try_lock();
        let written = file
            .write_all(&header(parcel))
            .and_then(|()| file.write_all(&parcel.body))
            .and_then(|()| fs::rename(&being_written, self.path(&parcel.name, READY)));
        match written {
            Ok(()) => Ok(Put {
                lock: file,
                evicted,
            }),
            Err(error) => {
                let _ = fs::remove_file(&being_written);
                Err(error)
            }
        }
    }

    /// Takes a parcel from the disk, whoever has its lock.
    pub(super) fn remove(&self, name: &str) -> io::Result<()> {
        remove(&self.path(name, READY))
    }

    fn path(&self, name: &str, extension: &str) -> PathBuf {
        self.folder
            .join(format!("{}{name}.{extension}", self.prefix))
    }

    /// Removes the oldest until `bytes` find room, but for those that are being sent.
    fn make_room(&self, bytes: u64) -> Vec<(String, u64)> {
        let entries = self.entries();
        let mut sum: u64 = entries.iter().map(|entry| entry.bytes).sum();
        let mut evicted = Vec::new();
        for entry in entries {
            if sum.saturating_add(bytes) <= self.most_bytes {
                break;
            }
            let Ok(Some(mut file)) = locked(&entry.path) else {
                continue;
            };
            let items = read_header(&mut file).map_or(0, |header| u64::from(header.items));
            if fs::remove_file(&entry.path).is_ok() {
                sum = sum.saturating_sub(entry.bytes);
                if entry.is_ready {
                    evicted.push((entry.name, items));
                }
            }
        }
        evicted
    }

    /// What stands in the folder for this backend, the oldest first. A folder that is not there is empty.
    fn entries(&self) -> Vec<Entry> {
        let Ok(folder) = fs::read_dir(&self.folder) else {
            return Vec::new();
        };
        let mut entries: Vec<Entry> = folder
            .filter_map(|entry| {
                let entry = entry.ok()?;
                let file_name = entry.file_name().into_string().ok()?;
                let (name, extension) = file_name.strip_prefix(&self.prefix)?.split_once('.')?;
                Some(Entry {
                    name: name.to_owned(),
                    path: entry.path(),
                    bytes: entry.metadata().ok()?.len(),
                    is_ready: extension == READY,
                })
            })
            .collect();
        entries.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        entries
    }
}

/// Claims a file and reads it; none where somebody else has it, or has had it.
fn claim(entry: Entry, signal: Signal) -> io::Result<Option<Oldest>> {
    let Some(mut file) = locked(&entry.path)? else {
        return Ok(None);
    };
    let header = read_header(&mut file)?;
    let mut body = Vec::new();
    file.read_to_end(&mut body)?;
    if !header.is_of(&body) {
        fs::rename(&entry.path, entry.path.with_extension(TORN))?;
        return Ok(Some(Oldest::Torn(entry.path)));
    }
    Ok(Some(Oldest::Parcel(Claimed {
        parcel: Parcel {
            name: entry.name,
            signal,
            items: u64::from(header.items),
            body,
        },
        path: entry.path,
        _file: file,
    })))
}

/// The file with its lock; none where somebody else has that, or the file is gone.
fn locked(path: &Path) -> io::Result<Option<File>> {
    let file = match OpenOptions::new().read(true).write(true).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    if let Err(TryLockError::WouldBlock) = file.try_lock() {
        return Ok(None);
    }
    // Whoever had the lock before may have removed the file; no name is used twice.
    Ok(path.exists().then_some(file))
}

fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    // What was said may stand in it: it is for this user alone.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// What stands before a request.
#[derive(Default)]
struct Header {
    magic: [u8; 8],
    items: u32,
    bytes: u64,
    checksum: u64,
}

impl Header {
    fn is_of(&self, body: &[u8]) -> bool {
        self.magic == MAGIC
            && u64::try_from(body.len()).is_ok_and(|bytes| bytes == self.bytes)
            && checksum(body) == self.checksum
    }
}

fn header(parcel: &Parcel) -> Vec<u8> {
    let items = u32::try_from(parcel.items).unwrap_or(u32::MAX);
    let bytes = u64::try_from(parcel.body.len()).unwrap_or(u64::MAX);
    let mut header = Vec::with_capacity(HEADER_BYTES);
    header.extend_from_slice(&MAGIC);
    header.extend_from_slice(&items.to_le_bytes());
    header.extend_from_slice(&bytes.to_le_bytes());
    header.extend_from_slice(&checksum(&parcel.body).to_le_bytes());
    header
}

/// The header; where the file is too short for one, one that fits no body.
fn read_header(file: &mut File) -> io::Result<Header> {
    let mut header = Header::default();
    let (mut items, mut bytes, mut sum) = ([0; 4], [0; 8], [0; 8]);
    for part in [
        header.magic.as_mut_slice(),
        items.as_mut_slice(),
        bytes.as_mut_slice(),
        sum.as_mut_slice(),
    ] {
        match file.read_exact(part) {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(Header::default()),
            read => read?,
        }
    }
    header.items = u32::from_le_bytes(items);
    header.bytes = u64::from_le_bytes(bytes);
    header.checksum = u64::from_le_bytes(sum);
    Ok(header)
}

/// FNV-1a, which is the same in every version of every program.
fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |sum, byte| {
        (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::super::parcel::Namer;
    use super::super::request::tests::request;
    use super::*;

    /// A folder of the test's own, gone at its end.
    struct Folder(PathBuf);

    impl Folder {
        fn new() -> Self {
            static COUNT: AtomicU32 = AtomicU32::new(0);
            let count = COUNT.fetch_add(1, Ordering::Relaxed);
            let name = format!("genai-trace-spool-{}-{count}", std::process::id());
            Self(std::env::temp_dir().join(name))
        }

        fn spool(&self, bytes: u64) -> Spool {
            self.spool_of("http://a", bytes)
        }

        fn spool_of(&self, url: &str, bytes: u64) -> Spool {
            let folder = self.0.clone();
            Spool::new(SpoolSettings { folder, bytes }, Signal::Traces, url)
        }

        fn files(&self) -> Vec<PathBuf> {
            let entries = fs::read_dir(&self.0).into_iter().flatten();
            entries.map(|entry| entry.unwrap().path()).collect()
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn parcels(count: usize) -> Vec<Parcel> {
        let namer = Namer::new(Signal::Traces);
        (0..count).map(|_| namer.parcel(&request(2))).collect()
    }

    fn claimed(spool: &Spool) -> Option<Claimed> {
        match spool.oldest() {
            Some(Oldest::Parcel(claimed)) => Some(claimed),
            Some(Oldest::Torn(path)) => panic!("{path:?} is torn"),
            None => None,
        }
    }

    #[test]
    fn what_was_put_comes_back_in_order_whoever_put_it() {
        let folder = Folder::new();
        let (spool, other) = (folder.spool(1 << 20), folder.spool(1 << 20));
        let parcels = parcels(3);
        for (parcel, spool) in parcels.iter().rev().zip([&spool, &other, &spool]) {
            spool.put(parcel).unwrap();
        }
        for parcel in &parcels {
            assert_eq!(spool.oldest_name().as_ref(), Some(&parcel.name));
            let claimed = claimed(&other).unwrap();
            assert_eq!(claimed.parcel, *parcel);
            claimed.remove().unwrap();
        }
        assert!(!spool.has_any() && folder.files().is_empty());
    }

    #[test]
    fn what_somebody_is_sending_is_not_taken_twice() {
        let folder = Folder::new();
        let (spool, other) = (folder.spool(1 << 20), folder.spool(1 << 20));
        let parcels = parcels(2);
        let put = spool.put(&parcels[0]).unwrap();
        spool.put(&parcels[1]).unwrap();
        // Put and still held, then claimed.
        let second = claimed(&other).unwrap();
        assert_eq!(second.parcel, parcels[1]);
        assert!(claimed(&spool).is_none());
        drop(put);
        assert_eq!(claimed(&spool).unwrap().parcel, parcels[0]);
        drop(second);
        assert_eq!(claimed(&spool).unwrap().parcel, parcels[0]);
    }

    #[test]
    fn a_spool_of_another_url_or_another_signal_is_left_alone() {
        let folder = Folder::new();
        folder.spool(1 << 20).put(&parcels(1)[0]).unwrap();
        let other = folder.spool_of("http://b", 1);
        assert!(!other.has_any() && claimed(&other).is_none());
        let settings = SpoolSettings {
            folder: folder.0.clone(),
            bytes: 1,
        };
        assert!(!Spool::new(settings, Signal::Logs, "http://a").has_any());
    }

    #[test]
    fn the_oldest_go_where_there_is_no_room_but_not_what_is_being_sent() {
        let folder = Folder::new();
        let parcels = parcels(4);
        let one = u64::try_from(HEADER_BYTES + parcels[0].body.len()).unwrap();
        let spool = folder.spool(2 * one);
        for parcel in &parcels[..2] {
            assert!(spool.put(parcel).unwrap().evicted.is_empty());
        }
        let gone = |parcel: &Parcel| vec![(parcel.name.clone(), 2)];
        assert_eq!(spool.put(&parcels[2]).unwrap().evicted, gone(&parcels[0]));
        let sending = claimed(&spool).unwrap();
        assert_eq!(sending.parcel, parcels[1]);
        assert_eq!(spool.put(&parcels[3]).unwrap().evicted, gone(&parcels[2]));
        assert!(folder.files().len() == 2);
        let error = folder.spool(one - 1).put(&parcels[0]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::StorageFull);
    }

    #[test]
    fn a_torn_file_is_passed_over() {
        let folder = Folder::new();
        let spool = folder.spool(1 << 20);
        let parcels = parcels(4);
        for parcel in &parcels {
            spool.put(parcel).unwrap();
        }
        let torn = |parcel: &Parcel, bytes: &[u8]| {
            fs::write(spool.path(&parcel.name, READY), bytes).unwrap();
        };
        torn(&parcels[0], b"");
        torn(&parcels[1], &header(&parcels[1]));
        let zeros = vec![0; parcels[2].body.len()];
        torn(&parcels[2], &[header(&parcels[2]), zeros].concat());
        for _ in 0..3 {
            assert!(matches!(spool.oldest(), Some(Oldest::Torn(_))));
        }
        assert_eq!(claimed(&spool).unwrap().parcel, parcels[3]);
        assert_eq!(folder.files().len(), 4);
    }

    #[cfg(unix)]
    #[test]
    fn only_the_user_may_read_what_waits() {
        use std::os::unix::fs::PermissionsExt;

        let folder = Folder::new();
        folder.spool(1 << 20).put(&parcels(1)[0]).unwrap();
        let mode = fs::metadata(&folder.files()[0])
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
