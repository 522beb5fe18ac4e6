package dev.modelgate.client.identity;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.text.ParseException;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Loads the keys of one issuer from where its settings say. */
final class KeyLoader {
  /** How long one document may take. */
  static final Duration FETCH_MAX = Duration.ofSeconds(10);

  private final TrustedIssuer settings;
  private final Executor blocking;
  private final HttpFetch http;

  /**
   * Loads by those settings.
   *
   * @param blocking reads files, and does the work of HTTP
   * @throws IllegalArgumentException when the trusted certificates cannot be read
   */
  KeyLoader(TrustedIssuer settings, Duration fetchMax, Executor blocking) {
    this.settings = settings;
    this.blocking = blocking;
    this.http = new HttpFetch(trusted(settings.trusted()), fetchMax, blocking);
  }

  /** The keys as they are now. */
  CompletableFuture<KeySet> load() {
    CompletableFuture<byte[]> document;
    if (settings.keys() instanceof KeySource.File file) {
      document = CompletableFuture.supplyAsync(() -> read(file.path()), blocking);
    } else if (settings.keys() instanceof KeySource.Url url) {
      document = http.get(url.uri());
    } else if (settings.keys() instanceof KeySource.Discovery discovery) {
      document = http.get(discovery.document()).thenApply(this::keysOf).thenCompose(http::get);
    } else {
      throw new IllegalStateException("a source of keys has another kind: " + settings.keys());
    }
    return document.thenApply(this::parse);
  }

  /** The place of the keys; another issuer's document would give another issuer's keys. */
  private URI keysOf(byte[] document) {
    try {
      Map<String, Object> json =
          JSONObjectUtils.parse(new String(document, StandardCharsets.UTF_8));
      if (!settings.issuer().equals(json.get("issuer"))) {
        throw new IOException("the discovery document is of another issuer");
      }
      if (!(json.get("jwks_uri") instanceof String uri)) {
        throw new IOException("the discovery document names no jwks_uri");
      }
      return KeySource.safe(uri);
    } catch (ParseException e) {
      throw new UncheckedIOException(new IOException("the discovery document is no JSON", e));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private KeySet parse(byte[] document) {
    try {
      return KeySet.parse(document, settings.id());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] read(Path path) {
    try (InputStream in = Files.newInputStream(path)) {
      byte[] bytes = in.readNBytes(HttpFetch.BYTES_MAX + 1);
      if (bytes.length > HttpFetch.BYTES_MAX) {
        throw new IOException("more than " + HttpFetch.BYTES_MAX + " bytes");
      }
      return bytes;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static SSLContext trusted(Optional<Path> file) {
    try {
      if (file.isEmpty()) {
        return SSLContext.getDefault();
      }
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      try (InputStream in = Files.newInputStream(file.get())) {
        Collection<? extends Certificate> certificates =
            CertificateFactory.getInstance("X.509").generateCertificates(in);
        for (Certificate certificate : certificates) {
          store.setCertificateEntry(Integer.toString(store.size()), certificate);
        }
      }
      if (store.size() == 0) {
        throw new IllegalArgumentException(file.get() + ": has no certificate");
      }
      TrustManagerFactory managers =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      managers.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, managers.getTrustManagers(), null);
      return context;
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalArgumentException(
          file.map(Path::toString).orElse("the Java runtime")
              + ": its trusted certificates cannot be read");
    }
  }
}
