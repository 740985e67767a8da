//! When the team is there: shifts of a week, in a time zone that the caller looks up.

use crate::wire::site::{Hours, Shift, Weekday};

/// Shifts of a site at the most: four a day.
pub const SHIFTS_MAX: usize = 28;

const DAY_MINUTES: u32 = 24 * 60;
const WEEK_MINUTES: u32 = 7 * DAY_MINUTES;

/// Why hours were refused, as the end of a sentence that begins with the field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HoursError {
    /// Shifts without a zone mean nothing.
    #[error("must have a `time_zone` for its shifts")]
    NoZone,
    /// Too many of them.
    #[error("must have at most {SHIFTS_MAX} shifts")]
    TooMany,
    /// A shift on no day.
    #[error("has a shift on no day")]
    NoDay,
    /// Not a time of day.
    #[error("has a time that is not written `HH:MM`, 00:00 to 24:00")]
    Time,
    /// A shift that is over when it begins.
    #[error("has a shift that ends when it begins")]
    Empty,
}

/// Checks everything but the name of the zone, which only the caller's clock knows.
///
/// # Errors
/// [`HoursError`].
pub fn check(hours: &Hours) -> Result<(), HoursError> {
    let Hours { time_zone, shifts } = hours;
    if shifts.is_empty() {
        return Ok(());
    }
    if time_zone.is_empty() {
        return Err(HoursError::NoZone);
    }
    if shifts.len() > SHIFTS_MAX {
        return Err(HoursError::TooMany);
    }
    for Shift { days, from, until } in shifts {
        if days.is_empty() {
            return Err(HoursError::NoDay);
        }
        let (from, length) = span(from, until).ok_or(HoursError::Time)?;
        if from == DAY_MINUTES {
            return Err(HoursError::Time);
        }
        if length == 0 {
            return Err(HoursError::Empty);
        }
    }
    Ok(())
}

/// Tells whether somebody is there at a minute of a day, both in the zone of the hours. Hours without shifts mean
/// always.
pub fn is_staffed(hours: &Hours, day: Weekday, minute: u32) -> bool {
    let now = day as u32 * DAY_MINUTES + minute;
    hours.shifts.is_empty()
        || hours.shifts.iter().any(|shift| {
            span(&shift.from, &shift.until).is_some_and(|(from, length)| {
                shift.days.iter().any(|begins| {
                    let start = *begins as u32 * DAY_MINUTES + from;
                    // Round the week: what begins on Sunday night may end on Monday.
                    (now + WEEK_MINUTES - start) % WEEK_MINUTES < length
                })
            })
        })
}

/// Returns the minute of the day on which a shift begins, and how many minutes it has.
fn span(from: &str, until: &str) -> Option<(u32, u32)> {
    let (from, until) = (minute(from)?, minute(until)?);
    let length = if until < from {
        DAY_MINUTES - from + until
    } else {
        until - from
    };
    Some((from, length))
}

fn minute(text: &str) -> Option<u32> {
    let (hour, minute) = text.split_once(':')?;
    let number = |digits: &str, max: u32| -> Option<u32> {
        let is_two = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_two
            .then(|| digits.parse().ok())
            .flatten()
            .filter(|number| *number <= max)
    };
    let minute = number(hour, 24)? * 60 + number(minute, 59)?;
    (minute <= DAY_MINUTES).then_some(minute)
}

#[cfg(test)]
mod tests {
    use Weekday::{Friday, Monday, Saturday, Sunday, Tuesday};

    use super::*;

    fn hours(days: &[Weekday], from: &str, until: &str) -> Hours {
        Hours {
            time_zone: "Europe/Berlin".into(),
            shifts: vec![Shift {
                days: days.to_vec(),
                from: from.into(),
                until: until.into(),
            }],
        }
    }

    #[test]
    fn somebody_is_there_from_the_first_minute_to_before_the_last() {
        let office = hours(&[Monday, Friday], "09:00", "17:30");
        let night = hours(&[Sunday], "22:00", "06:00");
        let day = hours(&[Saturday], "00:00", "24:00");
        for (hours, day, hour, minute, expected) in [
            (&office, Monday, 8, 59, false),
            (&office, Monday, 9, 0, true),
            (&office, Monday, 17, 29, true),
            (&office, Monday, 17, 30, false),
            (&office, Tuesday, 10, 0, false),
            (&night, Sunday, 23, 0, true),
            (&night, Monday, 5, 59, true),
            (&night, Monday, 6, 0, false),
            (&night, Monday, 22, 0, false),
            (&day, Saturday, 0, 0, true),
            (&day, Saturday, 23, 59, true),
            (&day, Sunday, 0, 0, false),
            (&Hours::default(), Sunday, 3, 0, true),
        ] {
            assert_eq!(
                is_staffed(hours, day, hour * 60 + minute),
                expected,
                "{day:?} {hour}:{minute}"
            );
        }
    }

    #[test]
    fn hours_that_mean_nothing_are_refused() {
        let mut no_zone = hours(&[Monday], "09:00", "17:00");
        no_zone.time_zone.clear();
        let mut many = hours(&[Monday], "09:00", "17:00");
        many.shifts = vec![many.shifts[0].clone(); SHIFTS_MAX + 1];
        for (hours, error) in [
            (no_zone, HoursError::NoZone),
            (many, HoursError::TooMany),
            (hours(&[], "09:00", "17:00"), HoursError::NoDay),
            (hours(&[Monday], "9:00", "17:00"), HoursError::Time),
            (hours(&[Monday], "09:60", "17:00"), HoursError::Time),
            (hours(&[Monday], "+9:00", "17:00"), HoursError::Time),
            (hours(&[Monday], "09:00", "24:01"), HoursError::Time),
            (hours(&[Monday], "24:00", "06:00"), HoursError::Time),
            (hours(&[Monday], "09:00", "09:00"), HoursError::Empty),
        ] {
            assert_eq!(check(&hours), Err(error), "{hours:?}");
        }
        assert_eq!(check(&hours(&[Monday], "09:00", "24:00")), Ok(()));
        assert_eq!(check(&Hours::default()), Ok(()));
    }
}
