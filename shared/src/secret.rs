//! Confidential values as types: what has this type cannot get into a log line or an answer by accident.

/// A key or a secret. It has no `Debug`, no `Display`, no `Serialize` and no `Clone`: code that would print it, log it
/// or send it does not compile. Whoever needs the value says [`Secret::expose`], which can be searched for.
///
/// ```compile_fail
/// let key = oriel_shared::secret::Secret::new("whsec".to_owned());
/// println!("{key}");
/// ```
/// ```compile_fail
/// let key = oriel_shared::secret::Secret::new("whsec".to_owned());
/// println!("{key:?}");
/// ```
/// ```compile_fail
/// let key = oriel_shared::secret::Secret::new("whsec".to_owned());
/// serde_json::to_string(&key);
/// ```
pub struct Secret<T>(T);

impl<T> Secret<T> {
    /// Takes a value in.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// Lets the value out, for the one call that needs it.
    pub const fn expose(&self) -> &T {
        &self.0
    }
}
