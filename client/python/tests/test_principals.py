"""Who calls, by each kind of credential. Whatever proves nobody is refused, whatever else is there."""

from __future__ import annotations

import asyncio
import datetime
import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from modelgate.principals import Call, Caller, Principals, UnprovenError
from modelgate.protect import Protection, ProtectionError

ANA = "user:ana@acme.com"


def principals(principal: str, acting_through: str = "") -> Principals:
    chain = f"acting-through: {acting_through}\n" if acting_through else ""
    text = f"parent: organizations/acme\nprotocols: [openai]\nprincipal: {principal}\n{chain}"
    return Principals.of(Protection.parse(text))


def call(*certificates: bytes, local: bool = False, **headers: str | list[str]) -> Call:
    values = {name.replace("_", "-"): [value] if isinstance(value, str) else value for name, value in headers.items()}
    return Call(values, lambda: certificates, local)


def unproven(proving: Principals, shown: Call) -> None:
    with pytest.raises(UnprovenError):
        proving.caller(shown)


class TestHeader:
    def test_value_is_the_principal(self) -> None:
        assert principals("{header: x-user}").caller(call(x_user=ANA)) == Caller(ANA)

    def test_kind_makes_a_name_of_an_id(self) -> None:
        assert principals("{header: x-user, kind: app}").caller(call(x_user="claims")).principal == "app:claims"

    @pytest.mark.parametrize(
        "value", [[], "", [ANA, ANA], f"{ANA},user:eve", "group:all", "ana", "user:", "user:a b", "user:a\x80", "link:x"]
    )
    def test_anything_else_proves_nobody(self, value: Any) -> None:
        unproven(principals("{header: x-user}"), call(x_user=value))

    def test_value_of_an_untrusted_hop_proves_nobody(self) -> None:
        proving = principals("{header: x-user, trusted-hop: local}")
        unproven(proving, call(x_user=ANA))
        assert proving.caller(call(x_user=ANA, local=True)).principal == ANA

    def test_first_alternative_that_is_there_counts(self) -> None:
        proving = principals("[{header: x-a}, {header: x-b}]")
        assert proving.caller(call(x_b="user:b")).principal == "user:b"
        assert proving.caller(call(x_a="user:a", x_b="user:b")).principal == "user:a"

    def test_bad_credential_is_not_passed_over(self) -> None:
        unproven(principals("[{header: x-a}, {header: x-b}]"), call(x_a=["user:a", "user:c"], x_b="user:b"))

    def test_chain_must_be_proven_whole(self) -> None:
        proving = principals("{header: x-user}", "[{header: x-app}, {header: x-hop}]")
        shown = call(x_user=ANA, x_app="app:claims", x_hop="serviceAccount:s")
        assert proving.caller(shown) == Caller(ANA, ("app:claims", "serviceAccount:s"))
        unproven(proving, call(x_user=ANA, x_app="app:claims"))


class _Issuer:
    """An issuer with a key, whose set can be fetched."""

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
        self.keys = [self.jwk(self.key, "k1")]
        self.fetched = 0
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.fetched += 1
                documents = {
                    "/.well-known/openid-configuration": {"issuer": issuer.url, "jwks_uri": f"{issuer.url}/keys"},
                    "/keys": {"keys": issuer.keys},
                }
                if self.path == "/moved":
                    self.send_response(302)
                    self.send_header("location", "/keys")
                    self.end_headers()
                    return
                self.send_response(200)
                self.end_headers()
                self.wfile.write(json.dumps(documents[self.path]).encode())

            def log_message(self, *unused: Any) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,)).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    @staticmethod
    def jwk(key: Any, name: str) -> dict[str, Any]:
        algorithm = jwt.algorithms.RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else jwt.algorithms.ECAlgorithm
        described: dict[str, Any] = json.loads(algorithm.to_jwk(key.public_key()))
        return {"kty": described["kty"], "kid": name, **{k: described[k] for k in ("n", "e", "crv", "x", "y") if k in described}}

    def token(self, key: Any = None, algorithm: str = "RS256", headers: Any = None, **claims: Any) -> str:
        now = int(time.time())
        said = {"iss": self.url, "aud": "models", "sub": "ana", "exp": now + 600, "iat": now, **claims}
        present = {name: value for name, value in said.items() if value is not None}
        return jwt.encode(present, key or self.key, algorithm, headers={"kid": "k1", **(headers or {})})


@pytest.fixture(scope="module")
def shared_issuer() -> Iterator[_Issuer]:
    made = _Issuer()
    yield made
    made.close()


@pytest.fixture
def issuer(shared_issuer: _Issuer) -> _Issuer:
    shared_issuer.keys = [shared_issuer.jwk(shared_issuer.key, "k1")]
    shared_issuer.fetched = 0
    return shared_issuer


class TestToken:
    @staticmethod
    def proving(issuer: _Issuer, more: str = "") -> Principals:
        return principals(f"{{jwt: {{issuer: '{issuer.url}', audience: models{more}}}}}")

    @staticmethod
    def shown(token: str) -> Call:
        return call(authorization=f"Bearer {token}")

    def test_subject_is_the_user_until_the_token_ends(self, issuer: _Issuer) -> None:
        end = int(time.time()) + 100
        assert self.proving(issuer).caller(self.shown(issuer.token(exp=end))) == Caller("user:ana", (), end)

    def test_claim_and_kind_are_chosen(self, issuer: _Issuer) -> None:
        proving = self.proving(issuer, ", principal-claim: azp, principal-kind: app")
        assert proving.caller(self.shown(issuer.token(azp="claims"))).principal == "app:claims"

    def test_email_counts_only_when_it_is_verified(self, issuer: _Issuer) -> None:
        proving = self.proving(issuer, ", principal-claim: email")
        unproven(proving, self.shown(issuer.token(email="ana@acme.com")))
        verified = issuer.token(email="ana@acme.com", email_verified=True)
        assert proving.caller(self.shown(verified)).principal == ANA
        unverified = self.proving(issuer, ", principal-claim: email, any-email: true")
        assert unverified.caller(self.shown(issuer.token(email="ana@acme.com"))).principal == ANA

    @pytest.mark.parametrize(
        "claims",
        [
            {"iss": "https://other"},
            {"aud": "other"},
            {"aud": None},
            {"exp": None},
            {"exp": 1},
            {"exp": 1e300},
            {"exp": True},
            {"nbf": int(time.time()) + 3_600},
            {"iat": int(time.time()) + 3_600},
            {"sub": None},
            {"sub": ""},
            {"sub": "a\x00"},
            {"sub": "a,b"},
            {"cnf": {"jkt": "x"}},
        ],
        ids=str,
    )
    def test_token_that_is_not_for_us_or_now_proves_nobody(self, issuer: _Issuer, claims: dict[str, Any]) -> None:
        unproven(self.proving(issuer), self.shown(issuer.token(**claims)))

    @pytest.mark.parametrize("headers", [{"typ": "logout+jwt"}, {"kid": "k2"}, {"crit": ["x"], "x": 1}], ids=str)
    def test_token_of_another_type_or_key_proves_nobody(self, issuer: _Issuer, headers: dict[str, Any]) -> None:
        unproven(self.proving(issuer), self.shown(issuer.token(headers=headers)))

    def test_token_of_another_signer_proves_nobody(self, issuer: _Issuer) -> None:
        other = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
        unproven(self.proving(issuer), self.shown(issuer.token(other)))

    def test_unsigned_token_proves_nobody(self, issuer: _Issuer) -> None:
        unsigned = jwt.encode({"iss": issuer.url, "aud": "models", "sub": "ana", "exp": time.time() + 99}, "", "none")
        unproven(self.proving(issuer), self.shown(unsigned))

    def test_algorithm_that_is_not_trusted_proves_nobody(self, issuer: _Issuer) -> None:
        token = issuer.token(algorithm="RS512")
        unproven(self.proving(issuer), self.shown(token))
        assert self.proving(issuer, ", algorithms: [RS512]").caller(self.shown(token))

    def test_mac_with_the_public_key_proves_nobody(self, issuer: _Issuer) -> None:
        token = issuer.token("k" * 64, "HS256")
        unproven(self.proving(issuer), self.shown(token))

    def test_elliptic_key_verifies(self, issuer: _Issuer) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        issuer.keys = [issuer.jwk(key, "k1")]
        assert self.proving(issuer).caller(self.shown(issuer.token(key, "ES256"))).principal == "user:ana"

    @pytest.mark.filterwarnings("ignore:.*key.*")
    def test_short_key_verifies_nothing(self, issuer: _Issuer) -> None:
        key = rsa.generate_private_key(public_exponent=65_537, key_size=1_024)
        issuer.keys = [issuer.jwk(key, "k1")]
        unproven(self.proving(issuer), self.shown(issuer.token(key)))

    def test_key_for_encryption_verifies_nothing(self, issuer: _Issuer) -> None:
        issuer.keys = [{**issuer.keys[0], "use": "enc"}]
        unproven(self.proving(issuer), self.shown(issuer.token()))

    @pytest.mark.parametrize("value", ["", "Bearer", "Basic x", "Bearer x", "Bearer a b", "Bearer " + "x" * 9_000])
    def test_header_that_is_no_token_proves_nobody(self, issuer: _Issuer, value: str) -> None:
        unproven(self.proving(issuer), call(authorization=value))

    def test_two_tokens_prove_nobody(self, issuer: _Issuer) -> None:
        unproven(self.proving(issuer), call(authorization=[f"Bearer {issuer.token()}"] * 2))

    def test_keys_are_read_from_a_file(self, issuer: _Issuer, tmp_path: Path) -> None:
        (tmp_path / "keys.json").write_text(json.dumps({"keys": issuer.keys}))
        proving = self.proving(issuer, f", keys: '{tmp_path}/keys.json'")
        assert proving.caller(self.shown(issuer.token())).principal == "user:ana"
        assert issuer.fetched == 0

    def test_redirect_of_keys_is_not_followed(self, issuer: _Issuer) -> None:
        unproven(self.proving(issuer, f", keys: '{issuer.url}/moved'"), self.shown(issuer.token()))

    def test_new_key_is_fetched_but_not_at_every_token(self, issuer: _Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
        now = [1_000.0]
        monkeypatch.setattr("modelgate.principals._tokens.monotonic", lambda: now[0])
        proving = self.proving(issuer, f", keys: '{issuer.url}/keys'")
        assert proving.caller(self.shown(issuer.token()))
        other = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
        issuer.keys.append(issuer.jwk(other, "k2"))
        token = issuer.token(other, headers={"kid": "k2"})
        unproven(proving, self.shown(token))
        assert issuer.fetched == 1
        now[0] += 10
        assert proving.caller(self.shown(token))
        assert issuer.fetched == 2

    def test_keys_that_are_stale_verify_nothing(self, issuer: _Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
        now = [1_000.0]
        monkeypatch.setattr("modelgate.principals._tokens.monotonic", lambda: now[0])
        proving = self.proving(issuer, f", keys: '{issuer.url}/keys', stale-seconds: 60")
        assert proving.caller(self.shown(issuer.token()))
        issuer.keys = []
        now[0] += 61
        unproven(proving, self.shown(issuer.token()))


def certificate(
    uris: tuple[str, ...] = (), dns: tuple[str, ...] = (), subject: str = "CN=ana,O=Acme", days: int = 1
) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.datetime.now(datetime.timezone.utc)
    organization, common = subject.split(",")[1][2:], subject.split(",")[0][3:]
    attributes = [
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
        x509.NameAttribute(NameOID.COMMON_NAME, common),
    ]
    builder = x509.CertificateBuilder(x509.Name(attributes), x509.Name(attributes), key.public_key(), 1)
    builder = builder.not_valid_before(now - datetime.timedelta(days=2)).not_valid_after(now + datetime.timedelta(days=days))
    names: list[x509.GeneralName] = [x509.UniformResourceIdentifier(each) for each in uris]
    names += [x509.DNSName(each) for each in dns]
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


class TestCertificate:
    URI = "{certificate: {uri: 'spiffe://acme/user/{id}', principal: 'user:{id}'}}"

    def test_name_maps_to_a_principal_until_the_certificate_ends(self) -> None:
        caller = principals(self.URI).caller(call(certificate(("spiffe://acme/user/ana",))))
        assert caller.principal == "user:ana"
        assert caller.until < time.time() + 86_401

    @pytest.mark.parametrize(
        "uris",
        [
            (),
            ("spiffe://acme/user/ana/x",),
            ("spiffe://acme/user/",),
            ("spiffe://other/user/ana",),
            ("xspiffe://acme/user/ana",),
            ("spiffe://acme/user/ana", "spiffe://acme/user/eve"),
            ("spiffe://acme/user/a,b",),
        ],
        ids=str,
    )
    def test_name_that_does_not_fit_proves_nobody(self, uris: tuple[str, ...]) -> None:
        unproven(principals(self.URI), call(certificate(uris)))

    def test_no_certificate_proves_nobody(self) -> None:
        unproven(principals(self.URI), call())

    def test_certificate_that_has_ended_proves_nobody(self) -> None:
        unproven(principals(self.URI), call(certificate(("spiffe://acme/user/ana",), days=-1)))

    def test_certificate_that_cannot_be_read_proves_nobody(self) -> None:
        unproven(principals(self.URI), call(b"-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n"))

    def test_dns_name_is_one_label_in_any_case(self) -> None:
        proving = principals("{certificate: {dns: '{id}.acme.internal', principal: 'serviceAccount:{id}'}}")
        assert proving.caller(call(certificate(dns=("Scorer.Acme.internal",)))).principal == "serviceAccount:scorer"
        unproven(proving, call(certificate(dns=("a.b.acme.internal",))))

    def test_subject_fits_attribute_by_attribute(self) -> None:
        proving = principals("{certificate: {subject: 'CN={id},O=Acme', principal: 'user:{id}'}}")
        assert proving.caller(call(certificate())).principal == "user:ana"
        unproven(proving, call(certificate(subject="CN=ana,O=Other")))

    def test_whole_name_maps_without_a_place(self) -> None:
        proving = principals("{certificate: [{dns: a.b, principal: 'app:one'}, {dns: c.d, principal: 'app:two'}]}")
        assert proving.caller(call(certificate(dns=("c.d",)))).principal == "app:two"


class TestForwarded:
    RULE = "{forwarded-certificate: {uri: 'spiffe://acme/user/{id}', principal: 'user:{id}'}, trusted-hop: local}"

    @pytest.mark.parametrize(
        "header",
        [
            "URI=spiffe://acme/user/ana",
            'By=spiffe://acme/envoy;Hash=0a;Subject="CN=ana,O=\\"Acme\\"";URI=spiffe://acme/user/ana;DNS=ana.acme',
        ],
    )
    def test_name_maps_to_a_principal(self, header: str) -> None:
        caller = principals(self.RULE).caller(call(x_forwarded_client_cert=header, local=True))
        assert caller.principal == "user:ana"

    @pytest.mark.parametrize(
        "header",
        [
            "",
            "URI=",
            "spiffe://acme/user/ana",
            "URI=spiffe://acme/user/ana,URI=spiffe://acme/user/eve",
            "URI=spiffe://acme/user/eve,By=x;URI=spiffe://acme/user/ana",
            "URI=spiffe://acme/user/ana;URI=spiffe://acme/user/eve",
            'URI="spiffe://acme/user/ana',
            'URI=spiffe://acme/user/ana;Subject="a";Subject="b"',
            "URI=spiffe://acme/user/ana;Other=x",
            "URI=spiffe://acme/user/ana;",
            "URI=spiffe://acme/user/a=b",
            "URI=spiffe://acme/user/\x80",
            "URI=spiffe://acme/user/ana" + ";By=x" * 5_000,
        ],
    )
    def test_anything_but_one_element_proves_nobody(self, header: str) -> None:
        unproven(principals(self.RULE), call(x_forwarded_client_cert=header, local=True))

    def test_header_of_an_untrusted_hop_proves_nobody(self) -> None:
        shown = "URI=spiffe://acme/user/ana"
        unproven(principals(self.RULE), call(x_forwarded_client_cert=shown))
        by_certificate = self.RULE.replace("local", "{uri: 'spiffe://acme/envoy'}")
        envoy, other = certificate(("spiffe://acme/envoy",)), certificate(("spiffe://acme/other",))
        assert principals(by_certificate).caller(call(envoy, x_forwarded_client_cert=shown)).principal == "user:ana"
        unproven(principals(by_certificate), call(other, x_forwarded_client_cert=shown))
        unproven(principals(by_certificate), call(local=True, x_forwarded_client_cert=shown))


def test_challenge_asks_for_a_token_where_one_is_taken() -> None:
    jwt = "{jwt: {issuer: 'https://sso.acme.com', audience: models}}"
    for document, challenge in {
        "principal: {header: x-user}": 'Modelgate realm="modelgate"',
        f"principal: {jwt}": 'Bearer realm="modelgate"',
        f"principal: {{header: x-user}}\nacting-through: [{jwt}]": 'Bearer realm="modelgate"',
    }.items():
        protection = Protection.parse(f"parent: organizations/acme\nprotocols: [openai]\n{document}\n")
        assert Principals.of(protection).challenge == challenge


class TestLocal:
    """Which connections come from this machine."""

    class Context:
        def __init__(self, peer: str) -> None:
            self.peer = lambda: peer
            self.invocation_metadata = lambda: ()
            self.auth_context: Callable[[], dict[str, list[bytes]]] = dict

    @pytest.mark.parametrize(
        ("peer", "local"),
        [
            ("unix:", True),
            ("unix:/run/s", True),
            ("ipv4:127.0.0.1:5", True),
            ("ipv6:%5B::1%5D:5", True),
            ("ipv6:[::1]:5", True),
            ("ipv4:10.0.0.1:5", False),
            ("ipv4:128.0.0.1:5", False),
            ("ipv6:%5B::2%5D:5", False),
            ("ipv6:%5B2001:db8::1%5D:5", False),
            ("", False),
        ],
    )
    def test_grpc(self, peer: str, local: bool) -> None:
        assert Call.of_grpc(self.Context(peer)).is_local is local

    @pytest.mark.parametrize(
        ("client", "local"),
        [
            (("127.0.0.1", 1), True),
            (("::1", 1), True),
            (("127.0.0.1", 0), False),
            (("10.0.0.1", 1), False),
            (("x", 1), False),
            (None, False),
        ],
    )
    def test_http(self, client: Any, local: bool) -> None:
        assert Call.of_http({"client": client}).is_local is local

    def test_http_peer_that_a_header_names_is_not_known_to_be_local(self) -> None:
        """uvicorn told to believe every hop writes what the client says; the connection is from elsewhere."""
        found: list[bool] = []

        async def application(scope: Any, receive: Any, send: Any) -> None:
            found.append(Call.of_http(scope).is_local)

        scope = {"type": "http", "client": ("10.0.0.1", 40_000), "headers": [(b"x-forwarded-for", b"127.0.0.1")]}
        middleware: Any = ProxyHeadersMiddleware(application, trusted_hosts="*")
        asyncio.run(middleware(scope, None, None))
        assert found == [False]

    def test_http_certificates_are_those_of_the_server(self) -> None:
        tls = {"client_cert_chain": ["a"], "client_cert_error": None}
        assert Call.of_http({"extensions": {"tls": tls}}).certificates() == (b"a",)
        assert Call.of_http({"extensions": {"tls": {**tls, "client_cert_error": "expired"}}}).certificates() == ()


@pytest.mark.parametrize(
    "principal",
    [
        "{}",
        "[]",
        "x-user",
        "{header: X-User}",
        "{header: x-bin}",
        "{header: x-user, kind: group}",
        "{header: x-user, jwt: {issuer: 'https://a', audience: m}}",
        "{header: x-user, trusted-hop: remote}",
        "{kind: user}",
        "{jwt: sidecar}",
        "{jwt: {issuer: 'https://a'}}",
        "{jwt: {audience: m}}",
        "{jwt: {issuer: 'http://a', audience: m}}",
        "{jwt: {issuer: a, audience: m, keys: 'http://a/keys'}}",
        "{jwt: {issuer: 'https://a', audience: m, algorithms: [HS256]}}",
        "{jwt: {issuer: 'https://a', audience: m, algorithms: []}}",
        "{jwt: {issuer: 'https://a', audience: m, refresh-seconds: 1}}",
        "{certificate: sidecar}",
        "{certificate: {principal: 'user:a'}}",
        "{certificate: {uri: 'spiffe://a/{id}', principal: 'user:a'}}",
        "{certificate: {uri: 'spiffe://{id}/{id}', principal: 'user:{id}{id}'}}",
        "{certificate: {uri: 'spiffe://a/{id}', principal: 'group:{id}'}}",
        "{certificate: {subject: 'x', principal: 'user:a'}}",
        "{forwarded-certificate: {dns: a, principal: 'user:a'}}",
    ],
)
def test_document_that_is_wrong_is_refused(principal: str) -> None:
    with pytest.raises(ProtectionError, match="^protect.yaml, line 3: "):
        principals(principal)


def test_document_that_names_nobody_is_refused() -> None:
    with pytest.raises(ProtectionError, match="`principal` is missing"):
        Principals.of(Protection.parse("parent: organizations/acme\nprotocols: [openai]"))
