use super::*;

/// A traces file in a folder of its own, with a store beside it.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("run")).unwrap();
        Self { folder }
    }

    fn traces(&self) -> PathBuf {
        self.folder.path().join("run/traces.jsonl")
    }

    fn store(&self) -> Folder {
        Folder::beside(&self.traces())
    }

    /// Stores bytes, and gives what names them.
    fn put(&self, bytes: &[u8]) -> String {
        let digits = hash(bytes);
        let path = self.store().file(&digits);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
        format!("sha256:{digits}")
    }

    fn read(&self, reference: &str) -> (Json, Vec<String>) {
        let mut gaps = Vec::new();
        let value = Budget::default().read(&[self.store()], reference, &mut gaps);
        (value, gaps.into_iter().map(|gap| gap.words).collect())
    }
}

#[test]
fn a_list_is_read_with_what_it_lists_and_says_what_is_not_there() {
    let place = Place::new();
    let one = place.put(br#"{"role":"user"}"#);
    let gone = format!("sha256:{}", "a".repeat(64));
    let list = json!({ LIST: [one, gone] }).to_string();
    let list = place.put(list.as_bytes());
    let (value, gaps) = place.read(&list);
    assert_eq!(value[0], json!({"role": "user"}));
    assert_eq!(gaps.len(), 1);
    assert!(gaps[0].ends_with(&format!(
        "run/traces.jsonl.d/content/aa/{}.json is not there",
        "a".repeat(64)
    )));
    assert_eq!(value[1], json!({ MISSING: gaps[0] }));
}

#[test]
fn a_value_that_looks_like_a_list_is_what_it_was() {
    let place = Place::new();
    let said = json!({ LIST: ["x"] });
    let reference = place.put(json!({ VALUE: said }).to_string().as_bytes());
    assert_eq!(place.read(&reference), (said, Vec::new()));
}

#[test]
fn no_reference_leads_to_another_path() {
    let place = Place::new();
    fs::write(place.folder.path().join("secret.json"), "1").unwrap();
    for reference in [
        "../../../secret",
        "sha256:../../../secret",
        "/etc/passwd",
        "sha256:",
        "",
        &format!("sha256:{}", "A".repeat(64)),
        &format!("sha256:../{}", "a".repeat(61)),
    ] {
        let (value, gaps) = place.read(reference);
        assert!(gaps[0].contains("is no reference"), "{reference}: {gaps:?}");
        assert!(value.get(MISSING).is_some());
    }
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_folder_of_the_traces_is_not_followed() {
    let place = Place::new();
    let outside = place.folder.path().join("secret.json");
    fs::write(&outside, "\"secret\"").unwrap();
    let digits = hash(b"\"secret\"");
    let path = place.store().file(&digits);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::os::unix::fs::symlink(&outside, &path).unwrap();
    let (_, gaps) = place.read(&format!("sha256:{digits}"));
    assert!(
        gaps[0].ends_with("leads elsewhere and is not read"),
        "{gaps:?}"
    );
}

#[cfg(unix)]
#[test]
fn a_whole_store_that_is_a_link_out_of_the_folder_is_not_followed() {
    let place = Place::new();
    let reference = place.put(b"\"said\"");
    let store = place.folder.path().join("run/traces.jsonl.d");
    let elsewhere = place.folder.path().join("elsewhere");
    fs::rename(&store, &elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, &store).unwrap();
    let (_, gaps) = place.read(&reference);
    assert!(
        gaps[0].ends_with("leads elsewhere and is not read"),
        "{gaps:?}"
    );
}

#[test]
fn what_is_not_what_its_name_says_is_not_shown() {
    let place = Place::new();
    let reference = place.put(b"\"said\"");
    let digits = digits_of(&reference).unwrap().to_owned();
    fs::write(place.store().file(&digits), "\"forged\"").unwrap();
    let (_, gaps) = place.read(&reference);
    assert!(
        gaps[0].ends_with("is not what was stored under its name"),
        "{gaps:?}"
    );
}

#[test]
fn a_file_that_is_too_long_is_not_shown_and_that_is_said() {
    let place = Place::new();
    let long = format!("\"{}\"", "x".repeat(17 << 20));
    let (value, gaps) = place.read(&place.put(long.as_bytes()));
    assert!(gaps[0].ends_with("has 17 MiB, of which no more than 16 are read"));
    assert!(value.to_string().len() < 10_000);
}

#[test]
fn a_list_of_the_same_large_thing_over_and_over_takes_no_more_than_is_allowed() {
    let place = Place::new();
    let large = place.put(format!("\"{}\"", "x".repeat(10 << 20)).as_bytes());
    let list = json!({ LIST: vec![large; 1000] }).to_string();
    let (value, gaps) = place.read(&place.put(list.as_bytes()));
    assert!(value.to_string().len() < 65 << 20);
    assert!(gaps[0].ends_with("is not read: 64 MiB of what is stored have been"));
    assert!((MOST_GAPS..MOST_GAPS + 2).contains(&gaps.len()));
    assert!(gaps.last().unwrap().ends_with(" more are not read"));
}
