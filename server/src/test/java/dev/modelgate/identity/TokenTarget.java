package dev.modelgate.identity;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import dev.modelgate.app.identity.Caller;
import dev.modelgate.fuzz.FuzzTarget;
import dev.modelgate.model.Fault;
import dev.modelgate.model.RefusedException;
import dev.modelgate.store.Micros;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Tokens: nothing is taken that the issuer's key has not signed, whoever signed it otherwise and
 * whatever its header says; what is taken is for us, for now, and nobody's administration; and
 * whatever it is, it is refused as a credential.
 *
 * <p>The first byte of an input says what the rest is: a token as it stands, edits of a good one,
 * or a header and claims that are signed by the issuer's key, by another, or with the key as a
 * secret.
 */
public final class TokenTarget implements FuzzTarget {
  private static final String ISSUER = "https://issuer.example";
  private static final String HEADER = "{\"alg\":\"ES256\",\"kid\":\"curve\"}";
  private static final String CLAIMS =
      "{\"iss\":\""
          + ISSUER
          + "\",\"sub\":\"ana\",\"aud\":\"modelgate\",\"exp\":"
          + (IdentityBed.NOW.getEpochSecond() + 60)
          + "}";

  private final ECKey key;
  private final ECKey other;
  private final IdentityBed bed;
  private final String good;

  /** One that nobody has used yet. */
  public TokenTarget() {
    try {
      // On a curve: an RSA key takes longer to make than a short run of a fuzzer has.
      key = new ECKeyGenerator(Curve.P_256).keyID("curve").generate();
      Path keys = Files.createTempFile("modelgate-fuzz", ".jwks");
      keys.toFile().deleteOnExit();
      Files.writeString(keys, new JWKSet(key).toString(true));
      bed =
          new IdentityBed(
              "issuers:\n- id: kc\n  issuer: "
                  + ISSUER
                  + "\n  audience: modelgate\n  organizations: acme\n  groups-claim: groups\n  keys: "
                  + keys
                  + "\n");
      other = new ECKeyGenerator(Curve.P_256).keyID("curve").generate();
      good = signed(HEADER.getBytes(UTF_8), CLAIMS.getBytes(UTF_8), key);
      FuzzTarget.require(ask(good).isPresent(), "a good token is taken");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (JOSEException | GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void read(byte[] input) throws Exception {
    if (input.length < 2) {
      return;
    }
    byte[] rest = Arrays.copyOfRange(input, 1, input.length);
    switch (Math.floorMod(input[0], 5)) {
      case 0 -> {
        String token = new String(rest, UTF_8);
        FuzzTarget.require(
            token.strip().equals("bootstrap") || ask(token).isEmpty(), "nobody signed " + token);
      }
      case 1 -> {
        String token = edited(rest);
        boolean same = signedPart(token).equals(signedPart(good));
        FuzzTarget.require(same || ask(token).isEmpty(), "what was signed is another: " + token);
      }
      case 2 -> ask(signed(header(rest), claims(rest), key)).ifPresent(TokenTarget::requireOurs);
      case 3 -> {
        String token = signed(header(rest), claims(rest), other);
        FuzzTarget.require(ask(token).isEmpty(), "another key signed " + token);
      }
      default -> {
        byte[] published = key.toECPublicKey().getEncoded();
        String token = maced(header(rest), claims(rest), published);
        FuzzTarget.require(ask(token).isEmpty(), "the public key is no secret: " + token);
      }
    }
  }

  private static void requireOurs(Caller caller) {
    FuzzTarget.require(!caller.isBootstrap(), "no administrator: " + caller);
    FuzzTarget.require(caller.credential().startsWith("jwt:kc:"), "of the issuer: " + caller);
    FuzzTarget.require(
        caller.principal().orElseThrow().toString().startsWith("user:"), "a user: " + caller);
    FuzzTarget.require(
        caller.organizations().equals(Optional.of(Set.of("acme"))), "bound: " + caller);
    FuzzTarget.require(
        caller.expiresAtMicros() > Micros.of(IdentityBed.NOW)
            && caller.expiresAtMicros() < Micros.NEVER,
        "for now, with an end: " + caller);
    FuzzTarget.require(
        caller.groups().stream().allMatch(group -> group.toString().startsWith("group:kc:")),
        "groups of the issuer: " + caller);
  }

  /** Who is taken for whom; empty for a refusal. Everything else is a defect. */
  private Optional<Caller> ask(String token) {
    try {
      return Optional.of(bed.caller(token));
    } catch (RefusedException e) {
      FuzzTarget.require(
          e.refusal().fault() == Fault.UNAUTHENTICATED, "a refused credential: " + e.refusal());
      return Optional.empty();
    }
  }

  /** The good token with bytes replaced: two bytes say where, one what. */
  private String edited(byte[] edits) {
    byte[] token = good.getBytes(ISO_8859_1);
    for (int i = 0; i + 2 < edits.length; i += 3) {
      token[((edits[i] & 0xff) << 8 | edits[i + 1] & 0xff) % token.length] = edits[i + 2];
    }
    return new String(token, ISO_8859_1);
  }

  /** Everything before the signature, which itself has several spellings in base64. */
  private static String signedPart(String token) {
    return token.substring(0, Math.max(0, token.lastIndexOf('.')));
  }

  /** The first byte says how long the header is; an empty one is the usual. */
  private static byte[] header(byte[] input) {
    int length = Math.min(input[0] & 0xff, input.length - 1);
    return length == 0 ? HEADER.getBytes(UTF_8) : Arrays.copyOfRange(input, 1, 1 + length);
  }

  private static byte[] claims(byte[] input) {
    int length = Math.min(input[0] & 0xff, input.length - 1);
    byte[] rest = Arrays.copyOfRange(input, 1 + length, input.length);
    return rest.length == 0 ? CLAIMS.getBytes(UTF_8) : rest;
  }

  private static String signed(byte[] header, byte[] claims, ECKey signer)
      throws GeneralSecurityException, JOSEException {
    String text = base64(header) + "." + base64(claims);
    Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
    signature.initSign(signer.toECPrivateKey());
    signature.update(text.getBytes(UTF_8));
    return text + "." + base64(signature.sign());
  }

  private static String maced(byte[] header, byte[] claims, byte[] secret)
      throws GeneralSecurityException {
    String text = base64(header) + "." + base64(claims);
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(secret, "HmacSHA256"));
    return text + "." + base64(mac.doFinal(text.getBytes(UTF_8)));
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
