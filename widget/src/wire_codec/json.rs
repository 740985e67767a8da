//! Reading JSON values that the browser has parsed, and writing JSON text.

use oriel_shared::{
    digits::{decimal, digit},
    id::Seq,
};
use wasm_bindgen::JsValue;

/// A parsed JSON value, of the browser or of `serde_json`. A value that is no object has no members.
pub trait Json: Sized {
    /// Any member; something empty when there is none.
    fn get(&self, name: &str) -> Self;
    /// A member that is a string.
    fn text(&self, name: &str) -> Option<String>;
    /// The strings of a member that is an array.
    fn texts(&self, name: &str) -> Vec<String>;
    /// A member that is a number.
    fn number(&self, name: &str) -> Option<f64>;
    /// A member that is true or false.
    fn flag(&self, name: &str) -> Option<bool>;
    /// The items of this array; none of anything else.
    fn items(&self) -> Vec<Self>;
}

/// A member that is a string; empty without one.
pub fn text(json: &impl Json, name: &str) -> String {
    json.text(name).unwrap_or_default()
}

/// Whether a member is true.
pub fn is_true(json: &impl Json, name: &str) -> bool {
    json.flag(name) == Some(true)
}

/// A member that is a sequence number.
pub fn seq(json: &impl Json, name: &str) -> Option<Seq> {
    Some(Seq(json.number(name)? as u32))
}

/// The items of an array that can be read. A loop: `collect` is compiled anew for every kind of item.
pub fn all<J: Json, T>(json: &J, read: impl Fn(&J) -> Option<T>) -> Vec<T> {
    let mut all = Vec::new();
    for item in &json.items() {
        if let Some(item) = read(item) {
            all.push(item);
        }
    }
    all
}

/// An object of texts as JSON.
pub fn object(fields: &[(&str, &str)]) -> String {
    let mut json = open_object(fields);
    json.push_str("}");
    json
}

/// An object of texts and one sequence number as JSON. `end` follows the number and ends the object.
pub fn object_with_seq(fields: &[(&str, &str)], name: &str, seq: Seq, end: &str) -> String {
    let mut json = open_object(fields);
    for part in &[",\"", name, "\":", &decimal(seq.0), end] {
        json.push_str(part);
    }
    json
}

/// An object of texts as JSON, without its end.
pub fn open_object(fields: &[(&str, &str)]) -> String {
    let mut json = String::new();
    for (name, value) in fields {
        json.push_str(if json.is_empty() { "{" } else { "," });
        quote(name, &mut json);
        json.push_str(":");
        quote(value, &mut json);
    }
    json
}

/// A text as a JSON string. What has to be escaped is one byte in UTF-8, and part of no other character.
///
/// Source: RFC 8259 section 7.
fn quote(text: &str, json: &mut String) {
    let mut done = 0;
    json.push_str("\"");
    for (place, byte) in text.bytes().enumerate() {
        if byte < b' ' || byte == b'"' || byte == b'\\' {
            json.push_str(text.get(done..place).unwrap_or_default());
            json.push_str("\\u00");
            json.push_str(digit(u32::from(byte / 16)));
            json.push_str(digit(u32::from(byte % 16)));
            done = place + 1;
        }
    }
    json.push_str(text.get(done..).unwrap_or_default());
    json.push_str("\"");
}

/// What `JSON.parse` made, and what `Response.json()` gives.
impl Json for JsValue {
    fn get(&self, name: &str) -> Self {
        js::get(self, name)
    }

    fn text(&self, name: &str) -> Option<String> {
        js::text(self, name)
    }

    fn texts(&self, name: &str) -> Vec<String> {
        let list = self.get(name);
        let mut texts = Vec::new();
        for place in 0..js::count(&list) {
            if let Some(text) = js::text_at(&list, place) {
                texts.push(text);
            }
        }
        texts
    }

    fn number(&self, name: &str) -> Option<f64> {
        let number = js::number(self, name);
        (!number.is_nan()).then_some(number)
    }

    fn flag(&self, name: &str) -> Option<bool> {
        js::flag(self, name)
    }

    fn items(&self) -> Vec<Self> {
        let mut items = Vec::new();
        for place in 0..js::count(self) {
            items.push(js::item(self, place));
        }
        items
    }
}

mod js {
    use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

    #[wasm_bindgen(module = "/src/browser.js")]
    extern "C" {
        pub fn get(value: &JsValue, name: &str) -> JsValue;
        pub fn text(value: &JsValue, name: &str) -> Option<String>;
        pub fn number(value: &JsValue, name: &str) -> f64;
        pub fn flag(value: &JsValue, name: &str) -> Option<bool>;
        pub fn count(value: &JsValue) -> i32;
        #[wasm_bindgen(js_name = text)]
        pub fn text_at(value: &JsValue, place: i32) -> Option<String>;
        #[wasm_bindgen(js_name = get)]
        pub fn item(value: &JsValue, place: i32) -> JsValue;
    }
}

/// What the other tests of this folder parse with.
#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::Json;

    impl Json for Value {
        fn get(&self, name: &str) -> Self {
            Self::get(self, name).cloned().unwrap_or(Self::Null)
        }

        fn text(&self, name: &str) -> Option<String> {
            self[name].as_str().map(str::to_owned)
        }

        fn texts(&self, name: &str) -> Vec<String> {
            let texts = self[name].as_array().into_iter().flatten();
            texts
                .filter_map(|text| Some(text.as_str()?.to_owned()))
                .collect()
        }

        fn number(&self, name: &str) -> Option<f64> {
            self[name].as_f64()
        }

        fn flag(&self, name: &str) -> Option<bool> {
            self[name].as_bool()
        }

        fn items(&self) -> Vec<Self> {
            self.as_array().cloned().unwrap_or_default()
        }
    }
}
