package dev.modelgate.cel;

import dev.cel.common.types.CelType;
import dev.cel.common.types.SimpleType;
import dev.modelgate.app.ConditionLanguage;
import dev.modelgate.app.ConditionLanguage.Request;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What conditions see of one request. The context is asked for once, at the first attribute. */
final class RequestVariables {
  /** The time of the request. */
  static final String TIME = "request.time";

  /** The variables beside the context, with their types. */
  static final Map<String, CelType> TYPES =
      Map.of(
          TIME,
          SimpleType.TIMESTAMP,
          ConditionLanguage.PRINCIPAL,
          SimpleType.STRING,
          "resource.name",
          SimpleType.STRING,
          "resource.type",
          SimpleType.STRING,
          "resource.service",
          SimpleType.STRING);

  private static final String SERVICE = "modelgate.dev";

  private final Request request;
  private volatile @Nullable Map<String, Object> context;

  RequestVariables(Request request) {
    this.request = request;
  }

  /** The value of one of the variables of {@link #TYPES}. */
  Object value(String name) {
    return switch (name) {
      case TIME -> Instant.EPOCH.plus(request.nowMicros(), ChronoUnit.MICROS);
      case ConditionLanguage.PRINCIPAL -> request.principal();
      case "resource.name" -> request.resource();
      case "resource.type" -> collection(request.resource());
      case "resource.service" -> SERVICE;
      default -> throw new IllegalStateException("no variable: " + name);
    };
  }

  /** The attributes of the request. */
  Map<String, Object> context() {
    Map<String, Object> known = context;
    if (known == null) {
      known = request.context().get();
      context = known;
    }
    return known;
  }

  /** The last collection of a name: {@code models} of {@code organizations/acme/models/fraud}. */
  private static String collection(String name) {
    int end = name.lastIndexOf('/');
    return name.substring(name.lastIndexOf('/', end - 1) + 1, end);
  }
}
