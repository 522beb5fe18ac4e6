package dev.modelgate.main;

import dev.modelgate.config.LogSettings;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;

/** A sidecar as the work of a process: SIGTERM, SIGINT and SIGHUP stop it. */
final class Serving {
  private final Sidecar sidecar;
  private final ServeOptions options;

  private Serving(Sidecar sidecar, ServeOptions options) {
    this.sidecar = sidecar;
    this.options = options;
  }

  /**
   * Checks the settings, and runs the whole command in a child with the right heap when this
   * process has not got it.
   *
   * @return the child's exit code; empty when this process is the one to do the work
   */
  static OptionalInt prepare(ServeOptions options, String[] args)
      throws IOException, InterruptedException {
    SettingRules.require(options);
    if (Relaunch.isNeeded()) {
      SettingRules.requireRoom(options, SettingRules.heapBytes(options.heap));
      return OptionalInt.of(Relaunch.run(options.heap, args));
    }
    if (Relaunch.isChild()) {
      Relaunch.endWithParent();
    } else {
      SettingRules.requireRoom(options, Runtime.getRuntime().maxMemory());
    }
    LogSettings.apply(options.logFormat, options.logLevel);
    return OptionalInt.empty();
  }

  /** Starts the sidecar. */
  static Serving start(ServeOptions options) throws IOException {
    return new Serving(new Sidecar(options), options);
  }

  /** From now on the end of the process stops the sidecar and decides the exit code. */
  void stopWithProcess() {
    Stopping.withProcess(sidecar, options.drainSeconds, sidecar::closedCleanly);
  }

  Sidecar sidecar() {
    return sidecar;
  }

  /** Says where everything is, a line each, in words that a program can read. */
  static void announce(Sidecar sidecar, ServeOptions options, PrintWriter out) {
    announcePlaces(sidecar, options, "", out);
    out.println("serving");
    out.flush();
  }

  /**
   * The same without the line that says that it serves.
   *
   * @param owner before what else there is of in the process
   */
  static void announcePlaces(Sidecar sidecar, ServeOptions options, String owner, PrintWriter out) {
    out.println("data plane " + options.listen + ":" + sidecar.servers().dataPort());
    sidecar
        .servers()
        .socket()
        .ifPresent(path -> out.println("data plane unix:" + path.toAbsolutePath()));
    out.println("admin plane " + options.adminListen + ":" + sidecar.servers().adminPort());
    out.println(owner + "http " + options.httpListen + ":" + sidecar.httpPort());
    sidecar.forwardAddress().ifPresent(address -> out.println("forward-auth " + shown(address)));
    String state =
        sidecar.token().isDisabled() ? " (off)" : sidecar.token().isNew() ? " (new)" : "";
    out.println("admin token " + sidecar.token().path().toAbsolutePath() + state);
  }

  private static String shown(SocketAddress address) {
    return address instanceof InetSocketAddress port
        ? port.getHostString() + ":" + port.getPort()
        : "unix:" + Path.of(address.toString()).toAbsolutePath();
  }

  /** Waits until the process ends, which the stopping thread brings about. */
  void awaitStop() throws InterruptedException {
    new CountDownLatch(1).await();
  }
}
