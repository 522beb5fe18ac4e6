package dev.modelgate.proxy;

import com.google.gson.JsonObject;
import dev.modelgate.model.Fault;
import dev.modelgate.model.Refusal;

/**
 * What a proxy is to do with a request.
 *
 * @param outcome whether it passes, and as what it is refused otherwise
 * @param reason why not, in UPPER_SNAKE; empty when it passes
 * @param message the same for people, with nothing of the request in it; empty when it passes
 * @param principal who asks, as proven; empty when nobody was asked for
 * @param resource what was asked about: the only one, or the first that is denied; empty for none,
 *     or several that all pass
 * @param action what was asked for; empty for none
 * @param revision at which this holds; empty when nothing was decided on
 */
public record Verdict(
    Outcome outcome,
    String reason,
    String message,
    String principal,
    String resource,
    String action,
    String revision) {

  /** The ways in which it ends; each is one status of gRPC and of HTTP. */
  public enum Outcome {
    /** It passes. */
    ALLOWED(0, "OK", 200),
    /** It can be read in more than one way, or in none. */
    MALFORMED(3, "INVALID_ARGUMENT", 400),
    /** It was decided on, or no rule matches it. */
    DENIED(7, "PERMISSION_DENIED", 403),
    /** There is no answer now. */
    UNAVAILABLE(14, "UNAVAILABLE", 503),
    /** Nobody is proven to ask. */
    UNAUTHENTICATED(16, "UNAUTHENTICATED", 401);

    private final int grpcCode;
    private final String grpcName;
    private final int httpCode;

    Outcome(int grpcCode, String grpcName, int httpCode) {
      this.grpcCode = grpcCode;
      this.grpcName = grpcName;
      this.httpCode = httpCode;
    }

    /** The number of the gRPC status. */
    public int grpcCode() {
      return grpcCode;
    }

    /** The name of the gRPC status. */
    public String grpcName() {
      return grpcName;
    }

    /** The status of HTTP. */
    public int httpCode() {
      return httpCode;
    }
  }

  /** It passes, and nothing was decided on. */
  static Verdict open() {
    return new Verdict(Outcome.ALLOWED, "", "", "", "", "", "");
  }

  /** It can be read in more than one way, or in none; {@code why} has nothing of it. */
  public static Verdict malformed(String why) {
    return refused(Outcome.MALFORMED, "REQUEST_MALFORMED", why);
  }

  /** No rule matches it, or it names no model; {@code why} has nothing of it. */
  public static Verdict unmapped(String why) {
    return refused(Outcome.DENIED, "NO_MODEL", why);
  }

  /** Nobody is proven to ask. */
  static Verdict unauthenticated() {
    return refused(Outcome.UNAUTHENTICATED, "UNAUTHENTICATED", "no authenticated principal");
  }

  /** There is no answer now. */
  public static Verdict unavailable() {
    return refused(Outcome.UNAVAILABLE, "AUTHORIZATION_UNAVAILABLE", "authorization unavailable");
  }

  /** The proxy itself may not ask that. */
  public static Verdict refused(Refusal refusal) {
    Fault.Category category = refusal.fault().category();
    boolean isLasting =
        category == Fault.Category.DENIED || category == Fault.Category.UNAUTHENTICATED;
    return isLasting
        ? refused(Outcome.DENIED, refusal.fault().name(), "the proxy may not ask that")
        : unavailable();
  }

  private static Verdict refused(Outcome outcome, String reason, String message) {
    return new Verdict(outcome, reason, message, "", "", "", "");
  }

  /** Whether the request passes. */
  public boolean allowed() {
    return outcome == Outcome.ALLOWED;
  }

  /** The body of an answer over HTTP: a JSON object and a line feed. */
  public String json() {
    JsonObject error = new JsonObject();
    error.addProperty("code", outcome.httpCode());
    error.addProperty("status", outcome.grpcName());
    error.addProperty("reason", reason);
    error.addProperty("message", message);
    JsonObject body = new JsonObject();
    body.add("error", error);
    return body + "\n";
  }
}
