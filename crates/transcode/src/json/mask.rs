//! Field masks as text. In: both spellings of every name, since clients see proto names in the JSON; out: the
//! lower camel case that `ProtoJSON` prescribes.

/// The paths of a mask, in proto names; nothing when the text is no mask.
pub(crate) fn parse(text: &str) -> Option<Vec<String>> {
    if text.is_empty() {
        return Some(Vec::new());
    }
    text.split(',').map(path_from_json).collect()
}

/// The text of a mask; nothing when a path would not come back the same.
pub(crate) fn format<'p>(paths: impl Iterator<Item = &'p str>) -> Option<String> {
    let paths: Option<Vec<String>> = paths.map(path_to_json).collect();
    Some(paths?.join(","))
}

fn path_from_json(path: &str) -> Option<String> {
    // AIP-134: the one path that stands for all fields.
    if path == "*" {
        return Some(path.to_owned());
    }
    let legal = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    if !path.split('.').all(legal) {
        return None;
    }
    let mut out = String::with_capacity(path.len() + 4);
    for c in path.chars() {
        if c.is_ascii_uppercase() {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    // What could not be written back is refused here, where the client can mend it, and not when a reply is written.
    path_to_json(&out).map(|_| out)
}

fn path_to_json(path: &str) -> Option<String> {
    let mut out = String::with_capacity(path.len());
    let mut raise = false;
    for c in path.chars() {
        match c {
            '_' if raise => return None,
            '_' => raise = true,
            'a'..='z' if raise => {
                out.push(c.to_ascii_uppercase());
                raise = false;
            }
            _ if raise || c.is_ascii_uppercase() => return None,
            _ => out.push(c),
        }
    }
    if raise { None } else { Some(out) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_in() {
        let paths = parse("displayName,display_name,a.bC.d1,*").unwrap_or_default();
        assert_eq!(paths, ["display_name", "display_name", "a.b_c.d1", "*"]);
        assert_eq!(parse(""), Some(Vec::new()));
        for text in [",", "a,", "a..b", ".a", "a b", "é", "1a", "a,*b", "a-b", "a__b", "a_1", "a_", "a.b_"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn camel_case_out_or_nothing() {
        assert_eq!(format(["display_name", "a.b_c", "x1", "*"].into_iter()).as_deref(), Some("displayName,a.bC,x1,*"));
        for path in ["fooBar", "foo__bar", "foo_", "foo_3", "foo_.b"] {
            assert_eq!(format([path].into_iter()), None, "{path}");
        }
    }
}
