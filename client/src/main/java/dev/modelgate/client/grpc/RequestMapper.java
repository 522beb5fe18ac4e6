package dev.modelgate.client.grpc;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Tells what a message asks for. It sees the very object that the handler gets, so both read the
 * same model. Called once per message, on a thread of the server; must not block.
 */
@FunctionalInterface
public interface RequestMapper {

  /**
   * What must be allowed before the message is passed on.
   *
   * @param method the full method name, such as {@code inference.GRPCInferenceService/ModelInfer}
   * @param message the parsed request
   * @return all of them must be allowed; empty: the first message of a call is denied, a later one
   *     goes with what was allowed before. Throwing denies the call
   */
  List<Target> map(String method, Object message);

  /**
   * A model and what is done with it.
   *
   * @param model full or relative name
   * @param action such as {@code predict}
   */
  record Target(String model, String action) {}

  /** Begins a mapper that goes by the method's name; a method that it does not name is denied. */
  static ByMethod byMethod() {
    return new ByMethod();
  }

  /** Collects methods. Not safe for concurrent use; the mapper that it builds is. */
  final class ByMethod {
    private final Map<String, Function<Object, List<Target>>> methods = new LinkedHashMap<>();

    private ByMethod() {}

    /**
     * A method whose messages name their model.
     *
     * @param method the full method name
     * @param type of the message; another type is denied
     * @param model reads the name; empty means that this message names none
     * @param action such as {@code predict}
     */
    public <T> ByMethod check(
        String method, Class<T> type, Function<? super T, String> model, String action) {
      methods.put(
          method,
          message -> {
            String name = model.apply(type.cast(message));
            return name.isEmpty() ? List.of() : List.of(new Target(name, action));
          });
      return this;
    }

    /** A method that always concerns one model. */
    public ByMethod check(String method, String model, String action) {
      List<Target> targets = List.of(new Target(model, action));
      methods.put(method, message -> targets);
      return this;
    }

    /** The mapper, which no later call changes. */
    public RequestMapper build() {
      Map<String, Function<Object, List<Target>>> byName = Map.copyOf(methods);
      return (method, message) -> byName.getOrDefault(method, unknown -> List.of()).apply(message);
    }
  }
}
