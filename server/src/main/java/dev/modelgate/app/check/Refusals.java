package dev.modelgate.app.check;

import dev.modelgate.model.Fault;
import dev.modelgate.model.InvalidNameException;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.RefusedException;
import dev.modelgate.store.CorruptionException;
import dev.modelgate.store.StoreException;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a failed evaluation is to the caller; never an allow. */
final class Refusals {
  private static final Logger log = LoggerFactory.getLogger(Refusals.class);

  private Refusals() {}

  static Refusal of(RuntimeException e) {
    if (e instanceof RefusedException refused) {
      return refused.refusal();
    }
    if (e instanceof InvalidNameException name) {
      String field = name.what().equals("resource") ? "model" : "principal";
      return Refusal.ofField(
          Fault.INVALID_FIELD,
          field,
          name.value(),
          name.expected().replaceFirst("^expected: ", ""));
    }
    String id = UUID.randomUUID().toString();
    if (e instanceof CorruptionException) {
      log.error("check failed, error id {}", id, e);
      return Refusal.of(Fault.STORE_DAMAGED, "stored data is damaged, error id `" + id + "`")
          .with("id", id);
    }
    if (e instanceof StoreException) {
      log.warn("check failed, error id {}", id, e);
      return Refusal.of(Fault.STORE_UNAVAILABLE, "the store cannot be read, error id `" + id + "`");
    }
    log.error("check failed, error id {}", id, e);
    return Refusal.of(Fault.INTERNAL, "internal error, error id `" + id + "`").with("id", id);
  }
}
