package dev.modelgate.store;

import java.util.List;

/** Takes what the log delivers: applies it to the replica and publishes it. */
@FunctionalInterface
public interface BatchSink {
  /**
   * Takes a batch; on return it is durable and every reader sees it.
   *
   * @param batch in log order, at least once per record
   * @throws StoreException when the outcome is unknown
   */
  void accept(List<Positioned> batch);
}
