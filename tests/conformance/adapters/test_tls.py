"""Servers that speak TLS with a certificate of their own, or do not speak it at all."""

import socket
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sessionproof.conformance.adapters.network import Network
from sessionproof.conformance.adapters.problems import TlsFailed

Serve = Callable[[Callable[[socket.socket], None]], str]


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A file with a key and a certificate of its own for 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    form = serialization.PrivateFormat.PKCS8
    pem = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    (tmp_path / "own.pem").write_bytes(pem + made.public_bytes(serialization.Encoding.PEM))
    return tmp_path / "own.pem"


@pytest.fixture
def secure(serve: Serve, certificate: Path) -> str:
    """The origin of a server with that certificate."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)

    def talk(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as stream:
            while stream.recv(65536):
                stream.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")

    return serve(talk).replace("http:", "https:")


def status(network: Network, origin: str) -> int:
    network.reach(origin)
    return network.run(network.send(httpx.Request("GET", origin + "/"))).status


def test_certificate_of_their_own_is_refused_unless_named(secure: str, certificate: Path) -> None:
    with Network() as network, pytest.raises(TlsFailed, match=r"certificate.*`ca_file`"):
        status(network, secure)
    with Network(ca_file=certificate) as network:
        assert [status(network, secure) for _ in range(2)] == [200, 200]


def test_certificate_for_another_name_is_refused(secure: str, certificate: Path) -> None:
    with Network(ca_file=certificate) as network, pytest.raises(TlsFailed):
        status(network, secure.replace("127.0.0.1", "localhost"))


def test_plain_http_where_tls_is_expected(network: Network, serve: Serve) -> None:
    def talk(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with pytest.raises(TlsFailed):
        status(network, serve(talk).replace("http:", "https:"))


def test_unreadable_certificates(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")
    with Network(ca_file=tmp_path / "ca.pem") as network, pytest.raises(TlsFailed, match=r"ca\.pem"):
        status(network, "https://127.0.0.1:1")
