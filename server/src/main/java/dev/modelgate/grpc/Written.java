package dev.modelgate.grpc;

import dev.modelgate.app.commit.Outcome;
import dev.modelgate.store.Mutation.Put;
import dev.modelgate.store.Table;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Function;

/**
 * Finds the row that a command wrote in its own change set, so that a repeated request id repeats
 * the answer whatever has happened since.
 */
final class Written {
  private Written() {}

  /** The last row of that table; empty when the command wrote none. */
  static <R> Optional<R> only(Outcome outcome, Table table, Function<byte[], R> decoder) {
    return outcome.changeSet().stream()
        .flatMap(changeSet -> changeSet.mutations().stream())
        .filter(Put.class::isInstance)
        .map(Put.class::cast)
        .filter(put -> put.table() == table)
        .map(put -> decoder.apply(put.value()))
        .reduce((first, last) -> last);
  }

  /** The row of that key; empty when the command left it as it was. */
  static <R> Optional<R> row(
      Outcome outcome, Table table, byte[] key, Function<byte[], R> decoder) {
    return outcome.changeSet().stream()
        .flatMap(changeSet -> changeSet.mutations().stream())
        .filter(Put.class::isInstance)
        .map(Put.class::cast)
        .filter(put -> put.table() == table && Arrays.equals(put.key(), key))
        .map(put -> decoder.apply(put.value()))
        .reduce((first, last) -> last);
  }
}
