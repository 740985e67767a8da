//! Numbers and times as the visitor's language and place write them; `when.js` asks `Intl`. Times are as the wire
//! has them.

use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen(module = "/src/when.js")]
extern "C" {
    /// The plural category of a number: `one`, `few`, …
    pub fn category(number: f64) -> String;
    /// A number in digits.
    pub fn digits(number: f64) -> String;
    /// `14:05`.
    #[wasm_bindgen(js_name = timeOfDay)]
    pub fn time_of_day(at: &str) -> String;
    /// Day and time, in full.
    #[wasm_bindgen(js_name = inFull)]
    pub fn in_full(at: &str) -> String;
    /// Days since 1970 where the visitor is; of now, without a time.
    pub fn day(at: &str) -> f64;
    /// A line of its own for a day: `Today`, `Yesterday`, `Monday, March 3`, and with the year when that is another
    /// one.
    #[wasm_bindgen(js_name = dayLine)]
    pub fn day_line(at: &str) -> String;
}
