package dev.modelgate.grpc;

import dev.modelgate.app.sharing.Requester;
import dev.modelgate.model.Fault;
import dev.modelgate.model.InvalidNameException;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.RefusedException;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.StatusRuntimeException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Authenticates the admin plane: the bootstrap token is the system administrator, and acts for a
 * principal when the call says so. Security metadata with more than one value is refused (hazard
 * 19).
 */
public final class AdminAuthInterceptor implements ServerInterceptor {
  static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
  static final Metadata.Key<String> ON_BEHALF_OF =
      Metadata.Key.of("x-modelgate-on-behalf-of", Metadata.ASCII_STRING_MARSHALLER);

  private static final String BEARER = "Bearer ";

  private final byte[] tokenDigest;
  private final ErrorMapper errors;

  /**
   * Accepts one token.
   *
   * @param tokenDigest SHA-256 of the token; compared in constant time
   */
  public AdminAuthInterceptor(byte[] tokenDigest, ErrorMapper errors) {
    this.tokenDigest = tokenDigest.clone();
    this.errors = errors;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    try {
      Requester requester = requester(headers);
      Context context = Context.current().withValue(RequesterContext.KEY, requester);
      return Contexts.interceptCall(context, call, headers, next);
    } catch (RefusedException e) {
      StatusRuntimeException status = errors.toException(e);
      Metadata trailers = status.getTrailers();
      call.close(status.getStatus(), trailers == null ? new Metadata() : trailers);
      return new ServerCall.Listener<>() {};
    }
  }

  private Requester requester(Metadata headers) {
    List<String> credentials = values(headers, AUTHORIZATION);
    if (credentials.size() != 1 || !isToken(credentials.get(0))) {
      throw Refusal.of(
              Fault.UNAUTHENTICATED,
              "a valid token is needed: metadata `authorization: Bearer <token>`, once")
          .asException();
    }
    List<String> principals = values(headers, ON_BEHALF_OF);
    if (principals.isEmpty()) {
      return Requester.SYSTEM_ADMINISTRATOR;
    }
    if (principals.size() > 1) {
      throw refused(Integer.toString(principals.size()) + " values", "exactly one value")
          .asException();
    }
    try {
      PrincipalName name = PrincipalName.parse(principals.get(0));
      if (!name.kind().canCall()) {
        throw refused(principals.get(0), "an account").asException();
      }
      return Requester.onBehalfOf(name);
    } catch (InvalidNameException e) {
      throw refused(e.value(), "one canonical principal").asException();
    }
  }

  private boolean isToken(String credential) {
    if (!credential.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
      return false;
    }
    String token = credential.substring(BEARER.length()).strip();
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
      return MessageDigest.isEqual(digest, tokenDigest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static Refusal refused(String value, String expected) {
    return Refusal.ofField(Fault.ON_BEHALF_OF_INVALID, ON_BEHALF_OF.name(), value, expected);
  }

  private static List<String> values(Metadata headers, Metadata.Key<String> key) {
    List<String> values = new ArrayList<>();
    @Nullable Iterable<String> all = headers.getAll(key);
    if (all != null) {
      all.forEach(values::add);
    }
    return values;
  }
}
