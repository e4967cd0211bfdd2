import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.webhooks.addresses import Policy, check_addresses, check_url, is_public
from app.webhooks.errors import AddressNotPublic, UrlUnfit

STRICT = Policy()
HERE = Policy(allow_http=True, allow_private=True)


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example.org",
        "https://hooks.example.org:8443/in?a=1&b=%20",
        "https://1.1.1.1/in",
        "https://[2606:4700:4700::1111]/in",
        "https://a-b.example.org:80/",
        "https://xn--fiqs8s/in",
    ],
)
def test_public_places_may_be_told(url: str) -> None:
    assert check_url(url, STRICT) == url


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "https://127.8.9.10/",
        "https://0.0.0.0/",
        "https://10.0.0.8/",
        "https://172.16.0.1/",
        "https://192.168.1.1/",
        "https://100.64.0.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://192.0.2.1/",
        "https://198.18.0.1/",
        "https://192.88.99.1/",
        "https://224.0.0.1/",
        "https://240.0.0.1/",
        "https://255.255.255.255/",
        "https://[::1]/",
        "https://[::]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::ffff:7f00:1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://[::127.0.0.1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[2002:7f00:1::]/",
        "https://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/",
        "https://[fe80::1]/",
        "https://[fe80::1%25eth0]/",
        "https://[fc00::1]/",
        "https://[fec0::1]/",
        "https://[ff02::1]/",
        "https://[2001:db8::1]/",
    ],
)
def test_addresses_that_are_not_public_are_refused(url: str) -> None:
    with pytest.raises(AddressNotPublic):
        check_url(url, STRICT)


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.org/",
        "ftp://hooks.example.org/",
        "file:///etc/passwd",
        "//hooks.example.org/",
        "hooks.example.org",
        "",
        "https://",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0x7f.1/",
        "https://0177.0.0.1/",
        "https://127.1/",
        "https://127.0.0.1./",
        "https://1.1.1.1.1/",
        "https://１２７.0.0.1/",
        "https://例子.中国/",
        "https://user@hooks.example.org/",
        "https://user:pass@hooks.example.org/",
        "https://@hooks.example.org/",
        "https://hooks.example.org#@10.0.0.1/",
        "https://hooks.example.org\\@10.0.0.1/",
        "https://hooks.example.org /",
        "https://hooks.example.org/\r\nX-Injected: 1",
        "https://hooks%2eexample.org/",
        "https://[::1/",
        "https://hooks.example.org:22/",
        "https://hooks.example.org:0/",
        "https://hooks.example.org:70000/",
        "https://-a.example.org/",
        "https://a..example.org/",
        "https://hooks.example.org/" + "a" * 500,
    ],
)
def test_urls_written_to_deceive_are_refused(url: str) -> None:
    with pytest.raises(UrlUnfit):
        check_url(url, STRICT)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8001/in", "http://[::1]:8001/", "https://10.1.2.3/", "http://localhost:9000/"]
)
def test_development_may_tell_this_machine_and_private_networks(url: str) -> None:
    assert check_url(url, HERE) == url


@pytest.mark.parametrize("url", ["http://169.254.169.254/", "http://0.0.0.0/", "http://[ff02::1]/"])
def test_cloud_metadata_stays_closed_even_in_development(url: str) -> None:
    with pytest.raises(AddressNotPublic):
        check_url(url, HERE)


def test_one_private_address_among_a_names_public_ones_spoils_it() -> None:
    assert check_addresses(["1.1.1.1", "8.8.8.8"], STRICT) == "1.1.1.1"
    for found in (["1.1.1.1", "127.0.0.1"], ["::ffff:10.0.0.1"], []):
        with pytest.raises(AddressNotPublic):
            check_addresses(found, STRICT)


@given(st.ip_addresses(v=4))
def test_an_address_is_as_public_mapped_into_ipv6_as_it_is_plainly(address: ipaddress.IPv4Address) -> None:
    mapped = ipaddress.IPv6Address(f"::ffff:{address}")

    assert _may(str(address)) == _may(str(mapped)) == is_public(address)


def _may(address: str) -> bool:
    try:
        check_addresses([address], STRICT)
    except AddressNotPublic:
        return False
    return True
