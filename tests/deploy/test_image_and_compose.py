"""The image holds what it needs and no more; compose gives each process its own secrets."""

import re
import shutil
import subprocess
import sys
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest

from tests.deploy.files import DEPLOY, compose, environment

DOCKERFILE = DEPLOY / "Dockerfile"
ROOT = DEPLOY.parent
OURS = ("provision", "migrate", "web1", "web2", "worker1", "worker2")


def linter(name: str) -> str:
    found = shutil.which(name) or shutil.which(name, path=str(Path(sys.executable).parent))
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def test_hadolint_finds_nothing_in_the_dockerfile() -> None:
    found = subprocess.run([linter("hadolint"), str(DOCKERFILE)], capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout) == (0, "")


def test_what_the_build_copies_is_there_and_let_in() -> None:
    copied = re.findall(r"^COPY (?!--from)(\S+)", DOCKERFILE.read_text(), re.M)
    let_in = re.findall(r"^!(\S+)", (DEPLOY / "Dockerfile.dockerignore").read_text(), re.M)
    assert sorted(copied) == sorted(let_in)
    assert all((ROOT / source).exists() for source in copied)


def test_the_image_runs_as_a_numbered_user_with_an_entry() -> None:
    text = DOCKERFILE.read_text()
    [user] = re.findall(r"^USER (\d+):\d+$", text, re.M)
    assert f"useradd --uid {user} " in text


def test_each_process_is_given_only_its_own_secrets() -> None:
    files = {name: service.get("env_file", []) for name, service in compose()["services"].items()}
    assert {name for name, given in files.items() if "env/postgres.env" in given} == {"db", "provision"}
    assert {name for name, given in files.items() if "env/owner.env" in given} == {"migrate"}


@pytest.mark.parametrize("name", OURS)
def test_a_container_of_ours_has_no_capabilities_and_a_closed_root(name: str) -> None:
    service = compose()["services"][name]
    assert service["cap_drop"] == ["ALL"]
    assert service["read_only"] is True


def test_web_believes_the_proxys_address_and_the_proxy_knows_webs() -> None:
    services = compose()["services"]
    address = {n: services[n]["networks"]["inside"]["ipv4_address"] for n in ("nginx", "web1", "web2")}
    [subnet] = compose()["networks"]["inside"]["ipam"]["config"]
    upstream = re.findall(r"server ([\d.]+):8000", (DEPLOY / "nginx/upstream.compose.conf").read_text())
    assert environment("lianluo.env.example")["FORWARDED_ALLOW_IPS"] == address["nginx"]
    assert upstream == [address["web1"], address["web2"]]
    for fixed in address.values():
        assert ip_address(fixed) in ip_network(subnet["subnet"])
        assert ip_address(fixed) not in ip_network(subnet["ip_range"])


def test_the_database_is_made_with_a_locale_that_trigrams_understand() -> None:
    arguments = compose()["services"]["db"]["environment"]["POSTGRES_INITDB_ARGS"]
    assert "--builtin-locale=C.UTF-8" in arguments
    assert "--locale=C.UTF-8" in arguments
