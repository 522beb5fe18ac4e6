package dev.modelgate.model;

/**
 * Carries a {@link Refusal} through layers that have nothing to say about it. Has no stack trace:
 * it is no defect.
 */
public final class RefusedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Refusal refusal;

  RefusedException(Refusal refusal) {
    super(refusal.fault() + ": " + refusal.message(), null, false, false);
    this.refusal = refusal;
  }

  /** Why the request was refused. */
  public Refusal refusal() {
    return refusal;
  }
}
