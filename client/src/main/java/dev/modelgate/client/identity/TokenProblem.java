package dev.modelgate.client.identity;

/** Why a token is refused. */
public enum TokenProblem {
  /** It is no signed JWT, or one for another use. */
  MALFORMED,
  /** It is of an issuer that is not trusted. */
  ISSUER,
  /** It is signed by an algorithm that its issuer is not trusted with. */
  ALGORITHM,
  /** It is signed by a key that its issuer does not publish. */
  KEY,
  /** Its signature is wrong. */
  SIGNATURE,
  /** It is meant for another audience. */
  AUDIENCE,
  /** It has ended. */
  EXPIRED,
  /** It has not begun. */
  NOT_YET_VALID,
  /** It lacks a claim, or has one that cannot be. */
  CLAIMS,
  /** The issuer's keys could not be had, or are too old. */
  KEYS_UNAVAILABLE,
  /** Too many tokens wait to be verified. */
  OVERLOADED
}
