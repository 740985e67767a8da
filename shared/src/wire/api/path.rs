//! The path of an endpoint, and the requests that it is the path of.

/// A path as it is declared, with its parameters in braces. A parameter stands for one segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Path {
    declared: &'static str,
    n_segments: usize,
}

impl Path {
    pub(super) const fn new(declared: &'static str) -> Self {
        Self {
            declared,
            n_segments: n_slashes(declared),
        }
    }

    /// As it is declared.
    pub const fn as_str(&self) -> &'static str {
        self.declared
    }

    /// Whether a request with this path, which has so many segments, is for it. `path` is without the slash that begins
    /// it, here and below.
    pub fn matches(&self, path: &str, n_segments: usize) -> bool {
        self.n_segments == n_segments
            && self
                .pairs(path)
                .all(|(declared, asked)| declared == asked || name(declared).is_some())
    }

    /// The value of a parameter in a path that matches.
    pub fn parameter<'p>(&self, path: &'p str, parameter: &str) -> Option<&'p str> {
        self.pairs(path)
            .find(|(declared, _)| name(declared) == Some(parameter))
            .map(|(_, asked)| asked)
    }

    /// The value of the last parameter in a path that matches.
    pub fn last_parameter<'p>(&self, path: &'p str) -> Option<&'p str> {
        self.pairs(path)
            .filter(|(declared, _)| name(declared).is_some())
            .last()
            .map(|(_, asked)| asked)
    }

    /// The names of its parameters, in order.
    pub fn parameters(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.segments().filter_map(name)
    }

    fn segments(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.declared.trim_start_matches('/').split('/')
    }

    fn pairs<'p>(&self, path: &'p str) -> impl Iterator<Item = (&'static str, &'p str)> + use<'p> {
        self.segments().zip(path.split('/'))
    }
}

fn name(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

/// A path that begins with a slash has as many segments as slashes.
const fn n_slashes(path: &str) -> usize {
    let (bytes, mut at, mut n) = (path.as_bytes(), 0, 0);
    while at < bytes.len() {
        if bytes[at] == b'/' {
            n += 1;
        }
        at += 1;
    }
    n
}

#[cfg(test)]
mod tests {
    use super::Path;

    #[test]
    fn a_parameter_stands_for_one_segment() {
        let path = Path::new("/v1/admin/sites/{site}/documents/{document}");
        let asked = "v1/admin/sites/site_a/documents/doc_b";
        assert!(path.matches(asked, 6));
        assert!(path.matches("v1/admin/sites//documents/", 6));
        assert!(!path.matches("v1/admin/sites/site_a/imports/imp_b", 6));
        assert!(!path.matches("v1/admin/sites/site_a/documents", 5));
        assert_eq!(path.parameter(asked, "site"), Some("site_a"));
        assert_eq!(path.parameter(asked, "document"), Some("doc_b"));
        assert_eq!(path.parameter(asked, "kid"), None);
        assert_eq!(path.last_parameter(asked), Some("doc_b"));
        assert_eq!(Path::new("/healthz").last_parameter("healthz"), None);
        assert_eq!(path.parameters().collect::<Vec<_>>(), ["site", "document"]);
    }
}
