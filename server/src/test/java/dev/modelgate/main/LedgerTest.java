package dev.modelgate.main;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.config.SettingException;
import dev.modelgate.metrics.PrometheusTelemetry;
import dev.modelgate.model.Uid;
import dev.modelgate.store.Changes;
import dev.modelgate.store.Micros;
import dev.modelgate.store.OrgHead;
import dev.modelgate.store.RequestId;
import dev.modelgate.store.rocksdb.RocksOptions;
import dev.modelgate.store.rocksdb.RocksReplica;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Hazard 6: a start on a machine whose clock is behind what was committed. */
final class LedgerTest {
  @TempDir Path directory;

  @Test
  void open_clockFarBehindTheLastChange_isRefused() {
    commit(Instant.now().plus(Duration.ofMinutes(10)));
    try (Parts parts = new Parts()) {
      SettingException refused =
          assertThrows(
              SettingException.class,
              () -> Ledger.open(options(), Duration.ZERO, new PrometheusTelemetry(), parts));
      assertTrue(
          String.valueOf(refused.getMessage()).contains("behind the last committed change"),
          refused.getMessage());
    }
  }

  @Test
  void open_clockALittleBehindTheLastChange_beginsWithTheTimeOfThat() {
    Instant last = Instant.now().plus(Duration.ofMinutes(2));
    commit(last);
    try (Parts parts = new Parts()) {
      Ledger ledger = Ledger.open(options(), Duration.ZERO, new PrometheusTelemetry(), parts);
      assertTrue(ledger.clock().nowMicros() >= Micros.of(last));
    }
  }

  private RocksOptions options() {
    return RocksOptions.of(directory.resolve("store")).withBlockCacheBytes(16 << 20);
  }

  private void commit(Instant at) {
    try (RocksReplica replica = RocksReplica.open(options())) {
      var change = Changes.next(OrgHead.empty(Uid.SYSTEM), RequestId.NONE, at);
      replica.apply(List.of(Changes.at(1, change)));
    }
  }
}
