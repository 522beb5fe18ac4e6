package dev.modelgate.client.protect;

import java.util.Optional;

/** The rule of one gRPC method, as a document has it. */
sealed interface GrpcEntry {
  /** {@code {open: true}}. */
  record Open() implements GrpcEntry {}

  /**
   * {@code {action, model, version?, version-type?, label?}}.
   *
   * @param action of the organization's profile
   * @param model the path of its field, as are the other two
   */
  record Asking(
      String action,
      String model,
      Optional<String> version,
      boolean integerVersion,
      Optional<String> label)
      implements GrpcEntry {}

  /** What it does. */
  default MethodRule rule(ResourceNames names) {
    if (this instanceof Asking asking) {
      FieldTree fields =
          FieldTree.of(asking.model(), asking.version(), asking.label(), asking.integerVersion());
      return MethodRule.of(fields, names, asking.action());
    }
    return MethodRule.OPEN;
  }
}
