package dev.modelgate.client.identity;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.JSONObjectUtils;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.interfaces.RSAPublicKey;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The public keys of an issuer that are fit to verify signatures by.
 *
 * <p>Left out, with a line in the log: symmetric and private keys, keys for encryption, RSA below
 * 2,048 or above 8,192 bits or with an exponent that is even, 1 or longer than 64 bits, curves
 * other than P-256, P-384 and P-521, and what cannot be read. The algorithm of a token picks among
 * keys of its own type, so that no public key is ever taken for the secret of a MAC.
 */
final class KeySet {
  /** The most keys of an issuer that are looked at. */
  static final int KEYS_MAX = 64;

  /** The most keys that a signature is tried with, when the token does not name its key. */
  static final int TRIES_MAX = 8;

  private static final Logger log = LoggerFactory.getLogger(KeySet.class);
  private static final int RSA_BITS_MIN = 2_048;
  private static final int RSA_BITS_MAX = 8_192;
  private static final int EXPONENT_BITS_MAX = 64;
  private static final Set<Curve> CURVES = Set.of(Curve.P_256, Curve.P_384, Curve.P_521);

  private record Key(JWK jwk, JWSVerifier verifier, String fingerprint) {}

  private final List<Key> keys;

  private KeySet(List<Key> keys) {
    this.keys = List.copyOf(keys);
  }

  /**
   * Reads a JWK set.
   *
   * @param issuer for the log
   * @throws IOException when it is none
   */
  static KeySet parse(byte[] document, String issuer) throws IOException {
    List<Key> keys = new ArrayList<>();
    try {
      Map<String, Object> json =
          JSONObjectUtils.parse(new String(document, StandardCharsets.UTF_8));
      if (!(json.get("keys") instanceof List<?> list) || list.size() > KEYS_MAX) {
        throw new IOException("is no JWK set of at most " + KEYS_MAX + " keys");
      }
      for (Object item : list) {
        key(item, issuer).ifPresent(keys::add);
      }
    } catch (ParseException e) {
      throw new IOException("is no JSON", e);
    }
    return new KeySet(keys);
  }

  /** These keys, but where another set has the same key, that one's verifier. */
  KeySet after(KeySet before) {
    List<Key> merged = new ArrayList<>();
    for (Key key : keys) {
      Key same = key;
      for (Key old : before.keys) {
        same = old.fingerprint().equals(key.fingerprint()) ? old : same;
      }
      merged.add(same);
    }
    return new KeySet(merged);
  }

  /** Whether that verifier, and no other of the same key, is one of these. */
  boolean has(JWSVerifier verifier) {
    for (Key key : keys) {
      if (key.verifier() == verifier) {
        return true;
      }
    }
    return false;
  }

  /** Whether both have the same keys. */
  boolean isSameAs(KeySet other) {
    return fingerprints().equals(other.fingerprints());
  }

  int size() {
    return keys.size();
  }

  /** The verifiers that a token's header fits, few. */
  List<JWSVerifier> verifiers(JWSHeader header) {
    JWKMatcher matcher = JWKMatcher.forJWSHeader(header);
    List<JWSVerifier> fitting = new ArrayList<>();
    for (Key key : keys) {
      if (matcher != null
          && matcher.matches(key.jwk())
          && key.verifier().supportedJWSAlgorithms().contains(header.getAlgorithm())
          && fitting.size() < TRIES_MAX) {
        fitting.add(key.verifier());
      }
    }
    return fitting;
  }

  private Set<String> fingerprints() {
    Set<String> fingerprints = new HashSet<>();
    keys.forEach(key -> fingerprints.add(key.fingerprint()));
    return fingerprints;
  }

  private static Optional<Key> key(Object item, String issuer) {
    String problem;
    try {
      if (!(item instanceof Map<?, ?> map)) {
        throw new ParseException("no object", 0);
      }
      @SuppressWarnings("unchecked") // The parser makes no other maps.
      JWK jwk = JWK.parse((Map<String, Object>) map);
      problem = problem(jwk);
      if (problem.isEmpty()) {
        String fingerprint =
            jwk.computeThumbprint() + " " + jwk.getKeyID() + " " + jwk.getAlgorithm();
        return Optional.of(new Key(jwk, verifier(jwk), fingerprint));
      }
    } catch (ParseException | JOSEException | IllegalArgumentException | IllegalStateException e) {
      problem = "cannot be read";
    }
    log.warn("a key of issuer {} is left out: it {}", issuer, problem);
    return Optional.empty();
  }

  private static String problem(JWK jwk) throws JOSEException {
    if (jwk.isPrivate()) {
      return "is not public";
    }
    if (jwk.getKeyUse() != null && !jwk.getKeyUse().equals(KeyUse.SIGNATURE)) {
      return "is not for signatures";
    }
    if (jwk instanceof ECKey ec) {
      return CURVES.contains(ec.getCurve()) ? "" : "is on another curve";
    }
    if (!(jwk instanceof RSAKey rsa)) {
      return "is neither RSA nor on a curve";
    }
    RSAPublicKey key = rsa.toRSAPublicKey();
    int bits = key.getModulus().bitLength();
    BigInteger exponent = key.getPublicExponent();
    boolean exponentFits =
        exponent.compareTo(BigInteger.TWO) > 0
            && exponent.testBit(0)
            && exponent.bitLength() <= EXPONENT_BITS_MAX;
    return bits >= RSA_BITS_MIN && bits <= RSA_BITS_MAX && exponentFits ? "" : "is weak";
  }

  private static JWSVerifier verifier(JWK jwk) throws JOSEException {
    return jwk instanceof ECKey ec
        ? new ECDSAVerifier(ec)
        : new RSASSAVerifier(jwk.toRSAKey().toRSAPublicKey());
  }
}
