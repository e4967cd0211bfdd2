"""Where we are willing to connect on somebody else's word (pure): the SSRF guard's rules.

A URL is checked when it is given; the addresses its name stands for are checked each time, just before
connecting to exactly those, so that a name that changes its mind (DNS rebinding) gets nowhere.
"""

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from urllib.parse import urlsplit

from app.webhooks.errors import AddressNotPublic, UrlUnfit

Address = IPv4Address | IPv6Address

DEFAULT_PORTS = {"https": 443, "http": 80}
FIRST_FREE_PORT = 1024
LONGEST_URL = 500
HOST = re.compile(
    r"(?=.{1,253}\Z)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.?"
)
NUMBER = re.compile(r"\d+|0x[0-9a-f]*")  # a last label like this makes C libraries read an IPv4 address
UNICAST = IPv6Network("2000::/3")
# Inside it, but they lead to an IPv4 address of the sender's choice: Teredo, 6to4.
TUNNELS = (IPv6Network("2001::/32"), IPv6Network("2002::/16"))
PRIVATE = (
    IPv4Network("127.0.0.0/8"),
    IPv4Network("10.0.0.0/8"),
    IPv4Network("172.16.0.0/12"),
    IPv4Network("192.168.0.0/16"),
    IPv6Network("::1/128"),
    IPv6Network("fc00::/7"),
)


@dataclass(frozen=True)
class Policy:
    """`allow_http`: not only https (development). `allow_private`: this machine and private networks."""

    allow_http: bool = False
    allow_private: bool = False


def check_url(url: str, policy: Policy) -> str:
    """The URL, if it may be an endpoint's. Raises UrlUnfit, AddressNotPublic."""
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or set(url) & set(' \\"<>^`{|}'):
        raise UrlUnfit("网址只能含英文字母、数字和常用符号，最长 500 个字符")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise UrlUnfit("网址写法不对，请检查") from error
    _check_form(parts.scheme, policy)
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise UrlUnfit("网址里不能带用户名、密码或 # 片段")
    check_host(host or "", policy)
    check_port(DEFAULT_PORTS[parts.scheme] if port is None else port)
    return url


def _check_form(scheme: str, policy: Policy) -> None:
    if scheme != "https" and not (scheme == "http" and policy.allow_http):
        raise UrlUnfit("网址须以 https:// 开头")


def check_port(port: int) -> None:
    if port not in DEFAULT_PORTS.values() and port < FIRST_FREE_PORT:
        raise UrlUnfit("端口只能是 443、80 或 1024 以上")


def check_host(host: str, policy: Policy) -> None:
    """A name, or an address written the one usual way. What the name stands for is seen later."""
    literal = literal_address(host)
    if literal is not None:
        check_address(literal, policy)
    elif not HOST.fullmatch(host.lower()):
        raise UrlUnfit("网址里的主机名写法不对，请检查")


def literal_address(host: str) -> Address | None:
    """The address a host is written as; None for a name. Raises UrlUnfit for 0x7f000001, 127.1, …"""
    last = host.rstrip(".").rpartition(".")[2].lower()
    if ":" not in host and not NUMBER.fullmatch(last):
        return None
    try:
        return ipaddress.ip_address(host)
    except ValueError as error:
        raise UrlUnfit("IP 地址须写成 203.0.113.7 或 [2001:db8::7] 的形式") from error


def check_addresses(found: Iterable[str], policy: Policy) -> str:
    """The first of the addresses a name stands for, if every one is public. Raises AddressNotPublic."""
    addresses = [ipaddress.ip_address(address) for address in found]
    for address in addresses:
        check_address(address, policy)
    if not addresses:
        raise AddressNotPublic
    return str(addresses[0])


def check_address(address: Address, policy: Policy) -> None:
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    plain = mapped or address
    if is_public(plain) or (policy.allow_private and _in(plain, PRIVATE)):
        return
    raise AddressNotPublic


def is_public(address: Address) -> bool:
    """Reachable by everybody, and one host: no multicast, no way round into IPv4."""
    if address.is_multicast or not address.is_global:
        return False
    if isinstance(address, IPv4Address):
        return address not in IPv4Network("192.88.99.0/24")  # 6to4 relays
    return address in UNICAST and not _in(address, TUNNELS) and address.scope_id is None


def _in(address: Address, networks: Iterable[IPv4Network | IPv6Network]) -> bool:
    return any(address.version == network.version and address in network for network in networks)
