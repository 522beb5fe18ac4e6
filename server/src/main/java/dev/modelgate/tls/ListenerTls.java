package dev.modelgate.tls;

import dev.modelgate.client.internal.LatestSslContext;
import dev.modelgate.client.internal.PemException;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * TLS 1.2 and 1.3 for all listeners, from files that are read again and again; what changed counts
 * for new connections, and costs those that are open nothing.
 *
 * <p>All listeners change together and only to something usable: while the files are missing,
 * broken, half replaced or expired, everything stays as it was, which is logged once and counted
 * with each attempt. The content decides and not the time of a file, so a link that is swapped (as
 * Kubernetes does) or a file restored with its old time is seen too.
 */
public final class ListenerTls implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ListenerTls.class);

  private final TlsFiles files;
  private final Clock clock;
  private final List<Listener> listeners = new ArrayList<>();
  private final AtomicLong reloads = new AtomicLong();
  private volatile BiConsumer<Instant, Instant> reloaded = (before, after) -> {};
  private final AtomicLong failures = new AtomicLong();
  private final ScheduledExecutorService reader =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "modelgate-tls");
            thread.setDaemon(true);
            return thread;
          });
  private volatile TlsMaterial material;
  private String failure = "";

  private ListenerTls(TlsFiles files, Clock clock, TlsMaterial material) {
    this.files = files;
    this.clock = clock;
    this.material = material;
  }

  /** Makes the context of one listener from what was read. */
  @FunctionalInterface
  private interface Recipe {
    SslContext make(TlsMaterial material) throws IOException;
  }

  private static final class Listener {
    private final Recipe recipe;
    private volatile SslContext latest;

    Listener(Recipe recipe, SslContext first) {
      this.recipe = recipe;
      this.latest = first;
    }
  }

  /**
   * Reads the files. A certificate that is not valid now is accepted with a warning, so that the
   * socket serves and a new file mends the rest without another start.
   *
   * @throws PemException in one line: a file is missing or malformed, the key is not the
   *     certificate's or is open to others
   */
  public static ListenerTls open(TlsFiles files, Clock clock) throws PemException {
    TlsMaterial material = files.read();
    try {
      material.requireValid(files, clock.instant());
    } catch (PemException e) {
      log.warn("clients will turn away from the certificate: {}", e.getMessage());
    }
    if (files.keyIsOpen()) {
      log.warn("insecure-tls-key: other users of this machine have rights on {}", files.key());
    }
    return new ListenerTls(files, clock, material);
  }

  /**
   * For a listener of gRPC.
   *
   * @throws PemException if the TLS library refuses certificates or key
   */
  public SslContext forGrpc(ClientCertificates clients) throws PemException {
    return add(read -> read.forGrpc(clients));
  }

  /**
   * For a listener of HTTP/1.1.
   *
   * @throws PemException if the TLS library refuses certificates or key
   */
  public SslContext forHttp(ClientCertificates clients) throws PemException {
    return add(read -> read.forHttp(clients));
  }

  /** From now on reads the files again after each pause. */
  public void reloadEvery(Duration pause) {
    Future<?> unused =
        reader.scheduleWithFixedDelay(
            this::reload, pause.toMillis(), pause.toMillis(), TimeUnit.MILLISECONDS);
  }

  /**
   * Has somebody told when other certificates come into use.
   *
   * @param told when the ones before expire, and when the new ones do; must not throw
   */
  public void whenReloaded(BiConsumer<Instant, Instant> told) {
    reloaded = told;
  }

  /** How often new files came into use. */
  public long reloads() {
    return reloads.get();
  }

  /** How often files that were read again were of no use. */
  public long failures() {
    return failures.get();
  }

  /** When the first certificate of the chain in use expires. */
  public Instant expires() {
    return TlsMaterial.firstExpiry(material.chain());
  }

  /** When the first of the clients' authorities in use expires; empty if there are none. */
  public Optional<Instant> clientCaExpires() {
    List<X509Certificate> authorities = material.clientAuthorities();
    return authorities.isEmpty()
        ? Optional.empty()
        : Optional.of(TlsMaterial.firstExpiry(authorities));
  }

  /** Whether the key in use is open to other users of the machine. */
  public boolean keyIsOpen() {
    return files.keyIsOpen();
  }

  @Override
  public void close() {
    reader.shutdownNow();
  }

  /** Reads the files and uses them if they are new and good. Never throws. */
  synchronized void reload() {
    try {
      TlsMaterial read = files.read();
      if (!read.equals(material)) {
        read.requireValid(files, clock.instant());
        Instant before = expires();
        use(read);
        reloads.incrementAndGet();
        reloaded.accept(before, expires());
        log.info("TLS uses the new certificate, which expires at {}", expires());
      } else if (!failure.isEmpty()) {
        log.info("the files of TLS are good again");
      }
      failure = "";
    } catch (IOException | RuntimeException e) {
      failures.incrementAndGet();
      String message = String.valueOf(e.getMessage());
      if (!message.equals(failure)) {
        failure = message;
        log.error("TLS keeps what it has, which expires at {}: {}", expires(), message);
        log.debug("the failed reading", e);
      }
    }
  }

  private synchronized SslContext add(Recipe recipe) throws PemException {
    try {
      Listener listener = new Listener(recipe, recipe.make(material));
      listeners.add(listener);
      return new LatestSslContext(listener.latest, () -> listener.latest);
    } catch (IOException e) {
      log.debug("the refused certificate", e);
      throw new PemException(files.certificate(), "cannot be used, " + e.getMessage());
    }
  }

  /** Makes all contexts before it changes the first. */
  private void use(TlsMaterial read) throws IOException {
    List<SslContext> fresh = new ArrayList<>();
    for (Listener listener : listeners) {
      fresh.add(listener.recipe.make(read));
    }
    for (int i = 0; i < fresh.size(); i++) {
      listeners.get(i).latest = fresh.get(i);
    }
    material = read;
  }
}
