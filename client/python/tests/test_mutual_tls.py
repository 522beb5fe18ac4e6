"""A real connection with client certificates: who calls is who his certificate says."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from scoring import Server, ask
from sidecar import FakeSidecar

DOCUMENT = """
parent: organizations/acme
principal: {certificate: {uri: "spiffe://acme.org/sa/{id}", principal: "serviceAccount:{id}"}}
grpc:
  test.Scoring:
    UnaryUnary: {action: predict, model: "1"}
    StreamStream: {action: predict, model: "1"}
"""


class Authority:
    """Vouches for the certificates of one test."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority")])
        self._certificate = self._sign(self._name, self._key, x509.BasicConstraints(ca=True, path_length=None))
        self.pem = self._certificate.public_bytes(Encoding.PEM)

    def issue(self, name: x509.GeneralName) -> tuple[bytes, bytes]:
        """A key and a certificate, in PEM."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "holder")])
        certificate = self._sign(subject, key, x509.SubjectAlternativeName([name]))
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return private, certificate.public_bytes(Encoding.PEM)

    def _sign(self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, extension: x509.ExtensionType) -> x509.Certificate:
        now = datetime.datetime.now(datetime.timezone.utc)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(extension, critical=False)
            .sign(self._key, hashes.SHA256())
        )


@pytest.fixture(name="authority")
def new_authority() -> Authority:
    return Authority()


@pytest.fixture(name="server", params=["threads", "aio", "aio-threads"])
def start(request: pytest.FixtureRequest, sidecar: FakeSidecar, authority: Authority) -> Iterator[Server]:
    pair = authority.issue(x509.DNSName("localhost"))
    credentials = grpc.ssl_server_credentials([pair], authority.pem, require_client_auth=True)
    server = Server(request.param, sidecar.address, DOCUMENT, credentials=credentials)
    yield server
    server.close()


def call(server: Server, authority: Authority, name: str, method: str) -> Any:
    key, certificate = authority.issue(x509.UniformResourceIdentifier(name))
    credentials = grpc.ssl_channel_credentials(authority.pem, key, certificate)
    with grpc.secure_channel(server.address, credentials) as channel:
        begin: Any = channel.stream_stream(f"/test.Scoring/{method}")
        return list(begin(iter([ask("fraud")]), timeout=20))


@pytest.mark.parametrize("method", ["UnaryUnary", "StreamStream"])
def test_caller_is_who_his_certificate_says(
    sidecar: FakeSidecar, server: Server, authority: Authority, method: str
) -> None:
    sidecar.allow("serviceAccount:scorer", "organizations/acme/models/fraud", "predict")
    server.handlers.end.set()
    assert call(server, authority, "spiffe://acme.org/sa/scorer", method)
    for name, code in {
        "spiffe://acme.org/sa/other": grpc.StatusCode.PERMISSION_DENIED,
        "spiffe://acme.org/scorer": grpc.StatusCode.UNAUTHENTICATED,
    }.items():
        with pytest.raises(grpc.RpcError) as raised:
            call(server, authority, name, method)
        error: Any = raised.value
        assert error.code() is code, error


def test_stranger_does_not_get_through_the_handshake(server: Server, authority: Authority) -> None:
    stranger = Authority()
    key, certificate = stranger.issue(x509.UniformResourceIdentifier("spiffe://acme.org/sa/scorer"))
    credentials = grpc.ssl_channel_credentials(authority.pem, key, certificate)
    with grpc.secure_channel(server.address, credentials) as channel:
        begin: Any = channel.unary_unary("/test.Scoring/UnaryUnary")
        with pytest.raises(grpc.RpcError) as raised:
            begin(ask("fraud"), timeout=20)
        error: Any = raised.value
        assert error.code() is grpc.StatusCode.UNAVAILABLE
