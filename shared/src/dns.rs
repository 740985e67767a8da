//! Answers of a DNS resolver over HTTPS in the JSON form that Cloudflare and Google give
//! (`?name=…&type=…`, `accept: application/dns-json`).
//!
//! Keeps true: an answer that cannot be understood is an error and never "no address". Follows no aliases: the resolver
//! does, and sends the records of the whole chain. Source: developers.google.com/speed/public-dns/docs/doh/json.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde::Deserialize;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Record {
    /// IPv4 addresses.
    A,
    /// IPv6 addresses.
    Aaaa,
}

impl Record {
    /// As the query names it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::Aaaa => "AAAA",
        }
    }

    /// Returns its number. Source: IANA DNS Parameters.
    const fn number(self) -> u16 {
        match self {
            Self::A => 1,
            Self::Aaaa => 28,
        }
    }
}

/// The resolver failed, or said something that is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the resolver gave no answer that can be read")]
pub struct DnsError;

#[derive(Deserialize)]
struct Reply {
    #[serde(rename = "Status")]
    status: u16,
    /// Cut short on the way; the rest of the addresses is unknown.
    #[serde(rename = "TC", default)]
    is_cut: bool,
    #[serde(rename = "Answer", default)]
    answers: Vec<Answer>,
}

#[derive(Deserialize)]
struct Answer {
    #[serde(rename = "type")]
    number: u16,
    data: String,
}

/// Response codes. Source: IANA DNS Parameters.
const NO_ERROR: u16 = 0;
const NO_SUCH_NAME: u16 = 3;

/// Returns the addresses in a resolver's answer; none when the name has none of this kind.
///
/// # Errors
/// [`DnsError`] for a failure of the resolver, an answer that was cut, and an address that cannot be read.
pub fn addresses(record: Record, body: &[u8]) -> Result<Vec<IpAddr>, DnsError> {
    let reply: Reply = std::str::from_utf8(body)
        .ok()
        .and_then(|text| serde_json::from_str(text).ok())
        .ok_or(DnsError)?;
    if reply.is_cut || !matches!(reply.status, NO_ERROR | NO_SUCH_NAME) {
        return Err(DnsError);
    }
    let of_this_kind = |answer: &&Answer| answer.number == record.number();
    let parse = |answer: &Answer| {
        let address = match record {
            Record::A => answer.data.parse::<Ipv4Addr>().map(IpAddr::from),
            Record::Aaaa => answer.data.parse::<Ipv6Addr>().map(IpAddr::from),
        };
        address.map_err(|_| DnsError)
    };
    reply
        .answers
        .iter()
        .filter(of_this_kind)
        .map(parse)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_example_is_read() {
        // From the documentation of dns.google, shortened.
        let body = br#"{"Status": 0, "TC": false, "RD": true, "RA": true, "AD": false, "CD": false,
            "Question": [{"name": "apple.com.", "type": 1}],
            "Answer": [{"name": "apple.com.", "type": 1, "TTL": 3599, "data": "17.178.96.59"},
                       {"name": "apple.com.", "type": 1, "TTL": 3599, "data": "17.172.224.47"}]}"#;
        let expected: Vec<IpAddr> = ["17.178.96.59", "17.172.224.47"]
            .iter()
            .filter_map(|text| text.parse().ok())
            .collect();
        assert_eq!(addresses(Record::A, body), Ok(expected));
    }

    #[test]
    fn aliases_are_passed_over_and_no_address_is_no_error() {
        let body = br#"{"Status":0,"Answer":[{"type":5,"data":"b.example.net."},{"type":28,"data":"2606:4700::1"}]}"#;
        assert_eq!(
            addresses(Record::Aaaa, body).map(|found| found.len()),
            Ok(1)
        );
        assert_eq!(addresses(Record::A, body), Ok(vec![]));
        assert_eq!(addresses(Record::A, br#"{"Status":3}"#), Ok(vec![]));
    }

    #[test]
    fn what_is_no_answer_is_an_error() {
        for body in [
            "",
            "[]",
            "<html>",
            "{}",
            r#"{"Status":2}"#,
            r#"{"Status":5}"#,
            r#"{"Status":0,"TC":true,"Answer":[{"type":1,"data":"1.1.1.1"}]}"#,
            r#"{"Status":0,"Answer":[{"type":1,"data":"1.1.1.1"},{"type":1,"data":"0x7f.1"}]}"#,
            r#"{"Status":0,"Answer":[{"type":1,"data":"::1"}]}"#,
            r#"{"Status":0,"Answer":[{"type":1}]}"#,
        ] {
            assert_eq!(
                addresses(Record::A, body.as_bytes()),
                Err(DnsError),
                "{body}"
            );
        }
    }
}
