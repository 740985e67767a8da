//! Time and randomness, read here and passed to the rules as arguments.

use oriel_shared::id::UnixMs;
use oriel_shared::wire::site::Weekday;
use wasm_bindgen::{JsCast, JsValue};
use worker::js_sys::{self, Array, Function, Intl, Object, Reflect};

/// Now. The runtime's clock stands still between I/O.
pub fn now() -> UnixMs {
    UnixMs(js_sys::Date::now() as u64)
}

/// Random bytes from the runtime's generator.
///
/// # Errors
/// When the runtime's generator fails; `?` makes a problem of ours of it.
pub fn random<const N: usize>() -> Result<[u8; N], getrandom::Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

/// The day of the week and the minute of the day, now, in a zone of the IANA database; `None` when there is no such
/// zone. The platform's own tables: carrying them would double the program.
pub fn local(time_zone: &str) -> Option<(Weekday, u32)> {
    const DAYS: [(&str, Weekday); 7] = [
        ("Mon", Weekday::Monday),
        ("Tue", Weekday::Tuesday),
        ("Wed", Weekday::Wednesday),
        ("Thu", Weekday::Thursday),
        ("Fri", Weekday::Friday),
        ("Sat", Weekday::Saturday),
        ("Sun", Weekday::Sunday),
    ];
    let options = Object::new();
    for (name, value) in [
        ("timeZone", time_zone),
        ("weekday", "short"),
        ("hour", "2-digit"),
        ("minute", "2-digit"),
        ("hourCycle", "h23"),
    ] {
        Reflect::set(&options, &name.into(), &value.into()).ok()?;
    }
    // The constructor throws for a zone that it does not know, and the binding would take that for a crash.
    let intl = Reflect::get(&js_sys::global(), &"Intl".into()).ok()?;
    let maker: Function = Reflect::get(&intl, &"DateTimeFormat".into())
        .ok()?
        .dyn_into()
        .ok()?;
    let format: Intl::DateTimeFormat =
        Reflect::construct(&maker, &Array::of2(&"en-US".into(), &options))
            .ok()?
            .unchecked_into();
    // `Mon 09:05`.
    let text = format
        .format()
        .call1(&JsValue::UNDEFINED, &js_sys::Date::new_0())
        .ok()?
        .as_string()?;
    let (day, time) = text.split_once([' ', ','])?;
    let (hour, minute) = time.trim().split_once(':')?;
    let (_, day) = DAYS.into_iter().find(|(name, _)| *name == day)?;
    Some((
        day,
        hour.parse::<u32>().ok()? * 60 + minute.parse::<u32>().ok()?,
    ))
}
