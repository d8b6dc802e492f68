//! The networks that an address stands for: limits are counted by them.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// How many visitors' share a whole site of IPv6 has: enough for several people behind it, and far
/// from what all visitors together have.
const SITE_SHARE: u32 = 2;

/// What a visitor has of IPv6.
const VISITOR_BITS: u32 = 64;
/// What a site has of it.
const SITE_BITS: u32 = 48;

/// An address with its last bits set to zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Network {
    first: IpAddr,
    bits: u32,
}

impl Network {
    /// Whether no network around it is counted.
    pub(super) fn is_widest(self) -> bool {
        self.bits != VISITOR_BITS
    }
}

/// The networks of one visitor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Networks {
    /// The visitor's own: the address, or the /64 that a visitor has of IPv6.
    own: Network,
    /// The /48 around it, which one site has.
    site: Option<Network>,
}

impl Networks {
    /// Those of an address; one of IPv4 that is written as IPv6 is one of IPv4.
    pub(super) fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            first @ IpAddr::V4(_) => Self {
                own: Network { first, bits: 32 },
                site: None,
            },
            IpAddr::V6(address) => Self {
                own: prefix(address, VISITOR_BITS),
                site: Some(prefix(address, SITE_BITS)),
            },
        }
    }

    /// Each network with how many visitors' share it has.
    pub(super) fn shares(&self) -> impl Iterator<Item = (Network, u32)> {
        let site = self.site.map(|site| (site, SITE_SHARE));
        std::iter::once((self.own, 1)).chain(site)
    }

    pub(super) fn contain(&self, network: Network) -> bool {
        self.own == network || self.site == Some(network)
    }
}

fn prefix(address: Ipv6Addr, bits: u32) -> Network {
    let first = u128::from(address) & !(u128::MAX >> bits);
    Network {
        first: IpAddr::V6(first.into()),
        bits,
    }
}

/// Reads an address as proxies write it: `192.0.2.1`, `2001:db8::1`, `[2001:db8::1]`, with or without
/// a port.
pub(super) fn parse_address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'));
    let address = bare.unwrap_or(text).parse::<IpAddr>().ok();
    address.or_else(|| Some(text.parse::<SocketAddr>().ok()?.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_addresses_with_ports_and_brackets() {
        for (text, address) in [
            ("5.5.5.5", "5.5.5.5"),
            (" 5.5.5.5:80", "5.5.5.5"),
            ("::1", "::1"),
            ("[::1]", "::1"),
            ("[::1]:443 ", "::1"),
        ] {
            assert_eq!(parse_address(text), address.parse().ok(), "{text}");
        }
        for text in ["", "unknown", "5.5.5.5:", "[5.5.5.5", "_hidden"] {
            assert_eq!(parse_address(text), None, "{text}");
        }
    }

    #[test]
    fn counts_ipv6_by_its_64_and_48_bits() {
        let of = |text: &str| Networks::of(text.parse().expect("an address"));
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_eq!(of("2001:db8::1").site, of("2001:db8:0:1::1").site);
        assert_ne!(of("2001:db8::1").site, of("2001:db8:1::1").site);
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }
}
