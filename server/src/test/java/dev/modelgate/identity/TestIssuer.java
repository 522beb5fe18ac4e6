package dev.modelgate.identity;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.crypto.opts.AllowWeakRSAKey;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** An issuer of tokens on this machine, with discovery and a JWK set over HTTP. */
public final class TestIssuer implements AutoCloseable {
  /** A key of 2,048 bits that the issuer publishes at first. */
  public static final RSAKey FIRST = rsa("first", 2_048);

  /** One that it publishes later. */
  public static final RSAKey SECOND = rsa("second", 2_048);

  /** One that it never publishes, under the name of the first. */
  public static final RSAKey FORGED = rsa("first", 2_048);

  /** One on a curve. */
  public static final ECKey CURVE = curve("curve");

  private final HttpServer server;
  private final ExecutorService executor = Executors.newCachedThreadPool();
  private final AtomicInteger fetches = new AtomicInteger();
  private volatile String keys = published(FIRST);
  private volatile String discovery;
  private volatile int status = 200;
  private volatile Runnable beforeAnswer = () -> {};

  /** Publishes the first key. */
  public TestIssuer() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    discovery = "{\"issuer\":\"" + issuer() + "\",\"jwks_uri\":\"" + keysUrl() + "\"}";
    server.createContext("/.well-known/openid-configuration", e -> answer(e, 200, discovery));
    server.createContext(
        "/keys",
        exchange -> {
          fetches.incrementAndGet();
          beforeAnswer.run();
          answer(exchange, status, keys);
        });
    server.createContext(
        "/moved",
        exchange -> {
          exchange.getResponseHeaders().set("Location", keysUrl());
          answer(exchange, 302, "");
        });
    server.createContext(
        "/trickle",
        exchange -> {
          exchange.sendResponseHeaders(200, keys.length());
          exchange.getResponseBody().write(keys.getBytes(StandardCharsets.UTF_8), 0, 1);
          exchange.getResponseBody().flush();
          beforeAnswer.run();
          exchange.close();
        });
    server.setExecutor(executor);
    server.start();
  }

  /** Its name. */
  public String issuer() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** Where its keys are. */
  public String keysUrl() {
    return issuer() + "/keys";
  }

  /** How often its keys were asked for. */
  public int fetches() {
    return fetches.get();
  }

  /** Publishes these keys alone. */
  public void publish(JWK... published) {
    keys = published(published);
  }

  /** Publishes that text. */
  void publish(String document) {
    keys = document;
  }

  void discover(String document) {
    discovery = document;
  }

  /** Answers requests for its keys by that status. */
  public void answerWith(int httpStatus) {
    status = httpStatus;
  }

  /** Has something happen before keys are given out. */
  void beforeAnswer(Runnable action) {
    beforeAnswer = action;
  }

  /** Claims that are good for a minute, for audience {@code modelgate}. */
  public JWTClaimsSet.Builder claims(String subject, Instant now) {
    return new JWTClaimsSet.Builder()
        .issuer(issuer())
        .subject(subject)
        .audience("modelgate")
        .issueTime(Date.from(now))
        .expirationTime(Date.from(now.plusSeconds(60)));
  }

  /** A token of these claims, signed by a key. */
  public static String token(JWTClaimsSet claims, JWK key) {
    boolean rsa = key instanceof RSAKey;
    return token(
        new JWSHeader.Builder(rsa ? JWSAlgorithm.RS256 : JWSAlgorithm.ES256)
            .keyID(key.getKeyID())
            .type(JOSEObjectType.JWT)
            .build(),
        claims,
        key);
  }

  /** The same with that header. */
  static String token(JWSHeader header, JWTClaimsSet claims, JWK key) {
    try {
      JWSSigner signer =
          key instanceof RSAKey rsa
              ? new RSASSASigner(rsa.toPrivateKey(), Set.of(AllowWeakRSAKey.getInstance()))
              : new ECDSASigner(key.toECKey());
      SignedJWT jwt = new SignedJWT(header, claims);
      jwt.sign(signer);
      return jwt.serialize();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  static RSAKey rsa(String id, int bits) {
    try {
      return new RSAKeyGenerator(bits, true).keyID(id).generate();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  static String published(JWK... keys) {
    return new JWKSet(List.of(keys)).toString(true);
  }

  @Override
  public void close() {
    server.stop(0);
    executor.shutdownNow();
  }

  private static ECKey curve(String id) {
    try {
      return new ECKeyGenerator(Curve.P_256).keyID(id).generate();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void answer(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }
}
