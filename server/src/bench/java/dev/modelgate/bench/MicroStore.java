package dev.modelgate.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A crowd with 20,000 grants in a store of its own, open while a benchmark's process runs. */
@State(Scope.Benchmark)
public class MicroStore {
  private static final int GRANTS = 20_000;

  private final Path directory;
  private final BenchServer server;

  /** Fills it. */
  public MicroStore() {
    try {
      this.directory = Files.createTempDirectory("modelgate-micro");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    this.server = new BenchServer(directory, new Crowd(GRANTS));
  }

  BenchServer server() {
    return server;
  }

  /** Removes it. */
  @TearDown
  public void close() throws IOException {
    server.close();
    Stage.delete(directory);
  }
}
