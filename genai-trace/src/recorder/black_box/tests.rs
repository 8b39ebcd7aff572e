use std::fs::File;
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::path::PathBuf;

use super::*;
use crate::recorder::black_box::layout::part;

/// A folder that is removed with the test.
pub(super) struct Folder(pub(super) PathBuf);

impl Folder {
    pub(super) fn new(name: &str) -> Self {
        let name = format!("genai-trace-box-{name}-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        let _ = std::fs::remove_dir_all(&path);
        Self(path)
    }

    fn files(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(&self.0).into_iter().flatten();
        entries.map(|entry| entry.unwrap().path()).collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn create(folder: &Folder, most_bytes: u64) -> io::Result<Arc<BlackBox>> {
    BlackBox::create(
        &folder.0,
        most_bytes,
        &Attributes::default(),
        Written::default(),
        7,
    )
}

#[test]
fn a_box_is_its_owners_alone_and_held_while_it_lives() {
    let folder = Folder::new("held");
    let made = create(&folder, MOST_BYTES).unwrap();
    let [path] = folder.files().try_into().unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&folder.0), mode(&path)), (0o700, 0o600));
    let other = File::open(&path).unwrap();
    assert!(other.try_lock().is_err());
    drop(made);
    assert!(other.try_lock().is_ok());
}

#[test]
fn a_clean_end_leaves_neither_file_nor_folder() {
    let folder = Folder::new("clean");
    let (first, second) = (create(&folder, MOST_BYTES), create(&folder, MOST_BYTES));
    first.unwrap().remove();
    assert_eq!(folder.files().len(), 1);
    second.unwrap().remove();
    assert!(!folder.0.exists());
}

#[test]
fn a_segment_holds_what_was_committed_and_is_used_again() {
    let folder = Folder::new("segment");
    let made = create(&folder, MOST_BYTES).unwrap();
    let mut segment = made.segment(5000).unwrap();
    let before = std::fs::metadata(&folder.files()[0]).unwrap().len();
    segment.bytes_mut()[..3].copy_from_slice(b"abc");
    segment.commit(3);
    assert_eq!(
        (segment.bytes().len(), &segment.bytes()[..3]),
        (5000, &b"abc"[..])
    );
    let file = File::open(&folder.files()[0]).unwrap();
    let mut read = [0; part::BYTES + 3];
    file.read_exact_at(&mut read, before - 8192).unwrap();
    assert_eq!(read[part::COMMITTED * 8], 3);
    assert_eq!(&read[part::BYTES..], b"abc");
    drop(segment);
    file.read_exact_at(&mut read, before - 8192).unwrap();
    assert_eq!(read[part::COMMITTED * 8], 0, "cleared");
    assert_eq!(made.segment(4000).unwrap().bytes().len(), 4000);
    assert_eq!(std::fs::metadata(&folder.files()[0]).unwrap().len(), before);
}

#[test]
fn a_box_that_is_full_says_so_and_keeps_what_it_has() {
    let folder = Folder::new("full");
    let made = create(&folder, 1 << 20).unwrap();
    let error = made.segment(1 << 20).unwrap_err().to_string();
    assert!(error.ends_with(" bytes, 786432 are allowed"), "{error}");
    assert!(made.segment(1 << 16).is_ok());
    // Segments leave room for pages.
    while made.segment(1 << 16).map(std::mem::forget).is_ok() {}
    let slots: Vec<_> = std::iter::from_fn(|| made.pages().slot()).collect();
    assert!(slots.len() > 1000);
    assert_eq!(made.pages().untracked(), 1);
}

#[test]
fn a_folder_that_cannot_be_made_is_an_error() {
    let folder = Folder(PathBuf::from("/proc/genai-trace.d"));
    assert!(create(&folder, MOST_BYTES).is_err());
}

#[test]
fn names_are_written_before_they_are_used() {
    use self::names::Name;
    use crate::span::callsite::{Callsite, StaticValue};
    use crate::span::operation::Operation;
    static BEFORE: Callsite = Callsite::new(Operation::Tool, "known before the box");
    static AFTER: Callsite = Callsite::new(Operation::Chat, "known after the box")
        .with(&[("app.static", StaticValue::Int(5))]);
    let folder = Folder::new("names");
    let before = BEFORE.registered().id;
    let made = create(&folder, MOST_BYTES).unwrap();
    let after = AFTER.registered().id;
    let symbol = crate::metrics::intern("a symbol after the box");
    let log = (0..10).find_map(|page| in_flight::read::log(&**made.pages(), page, Kind::Names));
    let log = log.unwrap();
    let found = |wanted: u32, subject: &str| {
        names::read(&log).any(|name| {
            matches!(name, Name::Callsite { number, subject: said, .. }
                if number == wanted && said == subject)
        })
    };
    assert!(found(before, "known before the box"));
    assert!(found(after, "known after the box"));
    let mut all = names::read(&log);
    assert!(all.any(|name| name == Name::Symbol(symbol.number(), "a symbol after the box")));
}

/// A child that shared memory or lock with its parent would spoil the box, or keep it alive.
#[test]
fn a_forked_child_has_no_part_in_the_box() {
    let folder = Folder::new("fork");
    let made = create(&folder, MOST_BYTES).unwrap();
    let mut slot = made.pages().slot().unwrap();
    slot.begin(&crate::recorder::in_flight::tests::head(3), b"parent");
    let mut segment = made.segment(100).unwrap();
    let (mut pipe, mut ready) = ([0; 2], [0; 2]);
    #[allow(unsafe_code)]
    // SAFETY: the child only touches what lies on its stack, and waits without the standard library.
    let child = unsafe {
        assert_eq!(libc::pipe(pipe.as_mut_ptr()), 0);
        assert_eq!(libc::pipe(ready.as_mut_ptr()), 0);
        let child = libc::fork();
        assert!(child >= 0);
        if child == 0 {
            slot.append(b"child");
            slot.end();
            let empty = segment.bytes_mut().is_empty();
            segment.commit(50);
            made.remove();
            libc::close(pipe[1]);
            let mut byte = 0_u8;
            libc::write(ready[1], (&raw const byte).cast(), 1);
            // Until the parent is through.
            libc::read(pipe[0], (&raw mut byte).cast(), 1);
            libc::_exit(i32::from(!empty));
        }
        let mut byte = 0_u8;
        assert_eq!(libc::read(ready[0], (&raw mut byte).cast(), 1), 1);
        child
    };
    let open: Vec<_> = made
        .pages()
        .open()
        .into_iter()
        .map(|(_, items)| items)
        .collect();
    assert_eq!(open, [b"parent"]);
    let path = folder.files().pop().unwrap();
    drop((slot, segment, made));
    // Dropped by the parent, held by no child.
    assert!(File::open(path).unwrap().try_lock().is_ok());
    #[allow(unsafe_code)]
    // SAFETY: closes the pipe and waits for the child that was started above.
    let status = unsafe {
        libc::close(pipe[1]);
        let mut status = -1;
        assert_eq!(libc::waitpid(child, &raw mut status, 0), child);
        for end in [pipe[0], ready[0], ready[1]] {
            libc::close(end);
        }
        status
    };
    assert_eq!(status, 0);
}
