//! Names of spans: patterns with `*`, and the nearest of those that there are.

/// Whether `name` is what `glob` says, in which each `*` stands for any characters, or none.
pub(super) fn matches(glob: &str, name: &str) -> bool {
    let Some((front, rest)) = glob.split_once('*') else {
        return glob == name;
    };
    let Some(mut left) = name.strip_prefix(front) else {
        return false;
    };
    let mut parts = rest.split('*').peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return left.ends_with(part);
        }
        // What stands between two stars is best taken where it comes first.
        match left.find(part) {
            Some(at) => left = left.get(at + part.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    true
}

/// The one of `names` that was probably meant by `wanted`, where one is near enough.
pub(super) fn nearest<'a>(
    wanted: &str,
    names: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let meant: String = wanted.chars().filter(|c| *c != '*').collect();
    let tolerated = meant.chars().count() / 3;
    names
        .into_iter()
        .map(|name| (distance(&meant, name), name))
        .filter(|(distance, _)| *distance <= tolerated)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// How many characters are to be put in, taken out or replaced to make one of the other.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (above, from) in from.chars().enumerate() {
        let (mut diagonal, mut left) = (above, above + 1);
        let mut next = vec![left];
        for (cost, to) in row.iter().skip(1).zip(&to) {
            left = (left + 1)
                .min(cost + 1)
                .min(diagonal + usize::from(from != *to));
            diagonal = *cost;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything() {
        for (glob, name) in [
            ("chat gpt-4o", "chat gpt-4o"),
            ("chat *", "chat gpt-4o"),
            ("*", ""),
            ("*", "anything"),
            ("execute_tool *_file", "execute_tool read_file"),
            ("*a*b*", "xaybz"),
            ("a*", "a"),
            ("a**b", "ab"),
            ("*ab", "aab"),
        ] {
            assert!(matches(glob, name), "{glob} {name}");
        }
        for (glob, name) in [
            ("chat", "chat gpt-4o"),
            ("chat *", "chat"),
            ("a*a", "a"),
            ("*a*b*", "ba"),
            ("execute_tool delete_*", "execute_tool read_delete_"),
            ("", "a"),
        ] {
            assert!(!matches(glob, name), "{glob} {name}");
        }
    }

    #[test]
    fn the_nearest_name_is_offered_if_it_is_near() {
        let names = ["execute_tool read_file", "chat gpt-4o"];
        assert_eq!(nearest("execute_tool raed_file", names), Some(names[0]));
        assert_eq!(nearest("chat gpt-4*", names), Some(names[1]));
        assert_eq!(nearest("gate", names), None);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!((distance("", "abc"), distance("abc", "")), (3, 3));
    }
}
