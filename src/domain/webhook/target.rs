//! Where events may be sent to: which URLs, and which addresses. What is inside our own network is nobody's to reach through
//! us (OWASP API7, server-side request forgery).

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use url::{Host, Url};

/// Networks of IPv4 that are not reachable from everywhere (IANA IPv4 Special-Purpose Address Registry), and multicast.
const SPECIAL_V4: [(Ipv4Addr, u8); 16] = [
    (Ipv4Addr::UNSPECIFIED, 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
    (Ipv4Addr::BROADCAST, 32),
];

/// The part of IPv6 that is given to anybody.
const GLOBAL_V6: (Ipv6Addr, u8) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// Networks in it that are not reachable from everywhere, or lead into IPv4 by a tunnel: Teredo and other protocols,
/// documentation, 6to4, documentation again.
const SPECIAL_V6: [(Ipv6Addr, u8); 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

/// Some addresses: `10.1.0.0/16`, `::1/128`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

impl Network {
    /// Whether an address belongs to it.
    #[must_use]
    pub fn has(self, address: IpAddr) -> bool {
        let is_same = |one: u128, other: u128, width: u8| {
            let rest = u32::from(width - self.bits);
            one.checked_shr(rest).unwrap_or(0) == other.checked_shr(rest).unwrap_or(0)
        };
        match (self.address, address) {
            (IpAddr::V4(own), IpAddr::V4(other)) => is_same(own.to_bits().into(), other.to_bits().into(), 32),
            (IpAddr::V6(own), IpAddr::V6(other)) => is_same(own.to_bits(), other.to_bits(), 128),
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (address, bits) = text.split_once('/').ok_or(())?;
        let address: IpAddr = address.parse().map_err(|_| ())?;
        let width = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.parse().ok().filter(|bits| *bits <= width).ok_or(())?;
        Ok(Self { address, bits })
    }
}

/// An address that may not be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ForbiddenAddress;

impl fmt::Display for ForbiddenAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the address is not one that webhooks may be sent to")
    }
}

impl std::error::Error for ForbiddenAddress {}

/// Why a URL is none that events are sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TargetError {
    /// It is no URL.
    Malformed,
    /// It is not `https`.
    Scheme,
    /// It has a user or a password.
    UserInfo,
    /// It has a fragment.
    Fragment,
    /// Its port is none that may be called.
    Port,
    /// Its address is none that may be called.
    Address,
}

impl TargetError {
    /// What it says to people.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Malformed => "must be an absolute URL",
            Self::Scheme => "must be an https URL",
            Self::UserInfo => "must not have a user or a password",
            Self::Fragment => "must not have a fragment",
            Self::Port => "has a port that webhooks are not sent to",
            Self::Address => "has an address that webhooks are not sent to",
        }
    }
}

/// A URL that events may be sent to. Of a name, the addresses are still to be looked at, each time that it is resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target(Url);

impl Target {
    /// The URL, as the WHATWG standard writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// What the operator allows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TargetRules {
    /// Whether `http` is allowed beside `https`.
    pub http: bool,
    /// The ports that may be called; empty: any.
    pub ports: Vec<u16>,
    /// Networks that may be called although not everybody reaches them.
    pub networks: Vec<Network>,
}

impl TargetRules {
    /// A URL that events may be sent to.
    ///
    /// # Errors
    /// The first reason why it is none.
    pub fn target(&self, text: &str) -> Result<Target, TargetError> {
        // The standard drops what surrounds a URL and what breaks its lines; whoever sends that has made a mistake.
        if text.chars().any(|letter| letter.is_control() || letter.is_whitespace()) {
            return Err(TargetError::Malformed);
        }
        let url = Url::parse(text).map_err(|_| TargetError::Malformed)?;
        if url.scheme() != "https" && !(self.http && url.scheme() == "http") {
            return Err(TargetError::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(TargetError::UserInfo);
        }
        if url.fragment().is_some() {
            return Err(TargetError::Fragment);
        }
        let port = url.port_or_known_default().ok_or(TargetError::Port)?;
        if port == 0 || !(self.ports.is_empty() || self.ports.contains(&port)) {
            return Err(TargetError::Port);
        }
        let is_allowed = match url.host().ok_or(TargetError::Malformed)? {
            Host::Domain(name) => !name.trim_end_matches('.').is_empty(),
            Host::Ipv4(address) => self.allows(address.into()),
            Host::Ipv6(address) => self.allows(address.into()),
        };
        if is_allowed { Ok(Target(url)) } else { Err(TargetError::Address) }
    }

    /// Whether an address may be called. One of IPv4 that is written as one of IPv6 is what it is.
    #[must_use]
    pub fn allows(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        is_global(address) || self.networks.iter().any(|network| network.has(address))
    }
}

fn is_global(address: IpAddr) -> bool {
    let within = |(network, bits): (IpAddr, u8)| Network { address: network, bits }.has(address);
    match address {
        IpAddr::V4(_) => !SPECIAL_V4.iter().any(|(network, bits)| within(((*network).into(), *bits))),
        IpAddr::V6(_) => {
            let (global, bits) = GLOBAL_V6;
            within((global.into(), bits))
                && !SPECIAL_V6.iter().any(|(network, bits)| within(((*network).into(), *bits)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn default() -> TargetRules {
        TargetRules { ports: vec![443, 8443], ..TargetRules::default() }
    }

    /// Both ends of each network that is not reachable from everywhere, and every form that hides one of them.
    const FORBIDDEN: &str = "\
        0.0.0.0 0.255.255.255 10.0.0.0 10.255.255.255 100.64.0.0 100.127.255.255 127.0.0.1 127.255.255.255 \
        169.254.0.0 169.254.169.254 169.254.255.255 172.16.0.0 172.31.255.255 192.0.0.0 192.0.0.255 192.0.2.1 \
        192.88.99.1 192.168.0.0 192.168.255.255 198.18.0.0 198.19.255.255 198.51.100.7 203.0.113.255 224.0.0.1 \
        239.255.255.255 240.0.0.1 255.255.255.255 :: ::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 \
        ::127.0.0.1 ::8.8.8.8 64:ff9b::8.8.8.8 64:ff9b::7f00:1 64:ff9b:1::1 100::1 1fff:ffff::1 2001::1 \
        2001:1ff:ffff::1 2001:db8::1 2002:7f00:1:: 2002:808:808::1 3fff::1 3fff:fff::1 4000::1 5f00::1 fc00::1 \
        fd12:3456::1 fe80::1 febf::1 fec0::1 ff02::1";

    /// The neighbors of those networks.
    const ALLOWED: &str = "\
        1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0 169.253.255.255 \
        169.255.0.0 172.15.255.255 172.32.0.0 191.255.255.255 192.0.1.0 192.0.3.0 192.88.98.255 192.88.100.0 \
        192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0 198.51.99.255 198.51.101.0 203.0.112.255 203.0.114.0 \
        223.255.255.255 ::ffff:8.8.8.8 2000::1 2001:200::1 2001:4860:4860::8888 2001:db7:ffff::1 2001:db9::1 2003::1 \
        2606:4700::1111 2a00:1450::1 3ffe::1 3fff:1000::1";

    #[test]
    fn only_addresses_that_everybody_reaches_may_be_called() {
        for (expected, addresses) in [(false, FORBIDDEN), (true, ALLOWED)] {
            for text in addresses.split_whitespace() {
                assert_eq!(default().allows(text.parse().expect(text)), expected, "{text}");
            }
        }
    }

    #[test]
    fn urls_that_are_sent_to_and_those_that_are_not() {
        use TargetError::{Address, Fragment, Malformed, Port, Scheme, UserInfo};
        for (text, expected) in [
            ("https://example.com", Ok("https://example.com/")),
            ("https://example.com:8443/a?b=c", Ok("https://example.com:8443/a?b=c")),
            ("HTTPS://EXAMPLE.com.:443/", Ok("https://example.com./")),
            ("https://bücher.example/", Ok("https://xn--bcher-kva.example/")),
            ("https://8.8.8.8/", Ok("https://8.8.8.8/")),
            ("https://[2606:4700::1111]/", Ok("https://[2606:4700::1111]/")),
            ("https://localhost/", Ok("https://localhost/")),
            ("", Err(Malformed)),
            ("example.com", Err(Malformed)),
            ("//example.com", Err(Malformed)),
            ("https://", Err(Malformed)),
            (" https://example.com", Err(Malformed)),
            ("https://exam\nple.com", Err(Malformed)),
            ("https://example.com/\u{7f}", Err(Malformed)),
            ("https://./", Err(Address)),
            ("http://example.com", Err(Scheme)),
            ("ftp://example.com", Err(Scheme)),
            ("file:///etc/passwd", Err(Scheme)),
            ("mailto:me@example.com", Err(Scheme)),
            ("https://me@example.com", Err(UserInfo)),
            ("https://me:secret@example.com", Err(UserInfo)),
            ("https://example.com/#x", Err(Fragment)),
            ("https://example.com:80/", Err(Port)),
            ("https://example.com:22/", Err(Port)),
            ("https://example.com:0/", Err(Port)),
            ("https://127.0.0.1/", Err(Address)),
            ("https://127.1/", Err(Address)),
            ("https://0x7f.1/", Err(Address)),
            ("https://0177.0.0.1/", Err(Address)),
            ("https://2130706433/", Err(Address)),
            ("https://0x7f000001/", Err(Address)),
            ("https://127.0.0.1./", Err(Address)),
            ("https://①②⑦.0.0.1/", Err(Address)),
            ("https://%31%32%37.0.0.1/", Err(Address)),
            ("https://0/", Err(Address)),
            ("https://[::1]/", Err(Address)),
            ("https://[::ffff:127.0.0.1]/", Err(Address)),
            ("https://[::ffff:7f00:1]/", Err(Address)),
            ("https://[64:ff9b::7f00:1]/", Err(Address)),
            ("https://[fe80::1]/", Err(Address)),
            ("https://169.254.169.254/latest/meta-data", Err(Address)),
        ] {
            let target = default().target(text);
            assert_eq!(target.as_ref().map(Target::as_str).map_err(|error| *error), expected, "{text:?}");
        }
    }

    #[test]
    fn the_operator_may_allow_more() {
        let networks = ["127.0.0.0/8", "10.1.0.0/16", "::1/128"].map(|text| text.parse().expect("a network"));
        let rules = TargetRules { http: true, ports: Vec::new(), networks: networks.to_vec() };
        for text in ["http://127.0.0.1:1234/", "https://10.1.2.3/", "http://[::1]:9/", "http://[::ffff:127.0.0.1]/"] {
            assert!(rules.target(text).is_ok(), "{text}");
        }
        for text in ["http://10.2.0.1/", "https://192.168.0.1/", "ftp://127.0.0.1/", "https://[::2]/"] {
            assert!(rules.target(text).is_err(), "{text}");
        }
        for wrong in ["", "127.0.0.1", "127.0.0.1/33", "::1/129", "10.1/16", "host/8", "10.0.0.0/-1"] {
            assert_eq!(wrong.parse::<Network>(), Err(()), "{wrong}");
        }
        let all: Network = "0.0.0.0/0".parse().expect("a network");
        assert!(all.has("1.2.3.4".parse().expect("an address")) && !all.has("::1".parse().expect("an address")));
        let all: Network = "::/0".parse().expect("a network");
        assert!(all.has("::1".parse().expect("an address")));
    }
}
