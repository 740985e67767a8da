//! Numbers as text. Not `to_string`: that brings along how numbers are padded, signed and aligned, which every visitor
//! would load.

/// Writes a number in decimal.
pub fn decimal(number: u32) -> String {
    let mut text = if number > 9 {
        decimal(number / 10)
    } else {
        String::new()
    };
    text.push_str(digit(number % 10));
    text
}

/// Writes a hexadecimal digit, in lower case; nothing for a larger number. Not a `char`: that brings along how those
/// are encoded.
pub fn digit(value: u32) -> &'static str {
    let place = value as usize;
    "0123456789abcdef".get(place..=place).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_written_as_people_write_it() {
        for number in [0, 7, 9, 10, 99, 100, 4_294_967_295] {
            assert_eq!(decimal(number), number.to_string());
        }
        assert_eq!(
            [digit(0), digit(10), digit(15), digit(16)],
            ["0", "a", "f", ""]
        );
    }
}
