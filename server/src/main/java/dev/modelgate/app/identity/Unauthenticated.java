package dev.modelgate.app.identity;

import dev.modelgate.model.Fault;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.RefusedException;
import java.util.Locale;
import java.util.Map;

/** Why a credential is refused: what the caller, the log and the metrics are told, and no more. */
public enum Unauthenticated {
  MISSING("a credential is needed: metadata `authorization: Bearer <token>`, once"),
  REPEATED("the metadata `authorization` stands more than once"),
  SCHEME("the metadata `authorization` is not `Bearer <token>`"),
  TOO_LONG("the token is longer than " + Authenticator.TOKEN_CHARS_MAX + " characters"),
  TOKEN("the token is none that this server knows"),
  MALFORMED("the token is no signed JWT"),
  ISSUER("the token is of an issuer that this server does not trust"),
  ALGORITHM("the token is signed by an algorithm that its issuer is not trusted with"),
  KEY("the token is signed by a key that its issuer does not publish"),
  SIGNATURE("the token's signature is wrong"),
  AUDIENCE("the token is meant for another audience"),
  EXPIRED("the credential has expired"),
  NOT_YET_VALID("the token is not valid yet"),
  CLAIMS("the token lacks a claim, or has one that names nobody"),
  CERTIFICATE("the client certificate maps to nobody"),
  KEYS_UNAVAILABLE("the issuer's keys could not be had, or are too old");

  private final String message;

  Unauthenticated(String message) {
    this.message = message;
  }

  /** The refusal, whose variable {@code problem} is this in lower case. */
  public RefusedException asException() {
    return new Refusal(Fault.UNAUTHENTICATED, message, "", Map.of("problem", problem()))
        .asException();
  }

  /** This in lower case, as metadata and metrics name it. */
  public String problem() {
    return name().toLowerCase(Locale.ROOT);
  }
}
