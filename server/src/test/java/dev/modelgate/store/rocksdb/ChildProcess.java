package dev.modelgate.store.rocksdb;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A JVM with the tests' class path that runs a writer until it is killed. */
final class ChildProcess implements AutoCloseable {
  private final Process process;
  private final BufferedReader output;

  private ChildProcess(Process process) {
    this.process = process;
    this.output =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  /**
   * Starts a writer, which waits for {@link #begin}.
   *
   * @param main gets the store as its argument
   * @param scratch where the native library is unpacked, so that a killed process leaves one copy
   */
  static ChildProcess writer(Class<?> main, Path store, Path scratch) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx128m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            main.getName(),
            store.toString());
    builder.environment().put("ROCKSDB_SHAREDLIB_DIR", scratch.toString());
    builder.redirectErrorStream(true);
    return new ChildProcess(builder.start());
  }

  /** Lets the writer open the store. */
  void begin() throws IOException {
    process.getOutputStream().write('\n');
    process.getOutputStream().flush();
  }

  /** The next line; null when the process has ended. */
  @Nullable String line() throws IOException {
    return output.readLine();
  }

  /** SIGKILL; through the handle, for the process itself would close its output too. */
  void kill() {
    process.toHandle().destroyForcibly();
    process.onExit().orTimeout(20, TimeUnit.SECONDS).join();
  }

  @Override
  public void close() throws IOException {
    kill();
    output.close();
  }
}
