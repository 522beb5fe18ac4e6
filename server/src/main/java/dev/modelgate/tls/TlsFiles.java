package dev.modelgate.tls;

import dev.modelgate.client.internal.PemException;
import dev.modelgate.client.internal.PemFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * The files that TLS is made of.
 *
 * @param certificate the listeners' chain, their own certificate first
 * @param key its private key
 * @param clientCa who may vouch for clients; empty: nobody
 * @param anyKeyMode whether the key may be open to other users of the machine
 */
public record TlsFiles(Path certificate, Path key, Optional<Path> clientCa, boolean anyKeyMode) {
  /** Members of the file's group may read: so Kubernetes gives a secret to a user of a pod. */
  private static final Set<PosixFilePermission> KEY_MODE =
      PosixFilePermissions.fromString("rwxr-x---");

  private static final int NARROW = 0;

  /**
   * Reads all files once.
   *
   * @throws PemException if one is missing or malformed, the key is not the certificate's, or is
   *     open to others
   */
  TlsMaterial read() throws PemException {
    int mode = keyMode();
    if (mode != NARROW && !anyKeyMode) {
      throw new PemException(
          key,
          String.format(
              Locale.ROOT,
              "its mode is %04o (expected: 0750 or narrower; insecure-tls-key allows it all the"
                  + " same)",
              mode));
    }
    PemFile chain = PemFile.read(certificate);
    PemFile keyFile = PemFile.read(key);
    List<X509Certificate> certificates = chain.certificates();
    PrivateKey privateKey = keyFile.privateKey();
    PemFile.requirePair(chain, certificates.get(0), privateKey);
    List<X509Certificate> authorities =
        clientCa.isPresent() ? PemFile.read(clientCa.get()).certificates() : List.of();
    return new TlsMaterial(certificates, privateKey, authorities);
  }

  /** Whether others than the key's owner and group have a right on it, or the group may write. */
  boolean keyIsOpen() {
    try {
      return keyMode() != NARROW;
    } catch (PemException e) {
      return false; // Gone: reading it again says so.
    }
  }

  /** The mode of the key's file when it gives more than it should; else {@link #NARROW}. */
  private int keyMode() throws PemException {
    if (!key.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      return NARROW;
    }
    try {
      Set<PosixFilePermission> mode = Files.getPosixFilePermissions(key);
      if (KEY_MODE.containsAll(mode)) {
        return NARROW;
      }
      int bits = 0;
      for (PosixFilePermission permission : mode) {
        bits |= 1 << (8 - permission.ordinal());
      }
      return bits;
    } catch (NoSuchFileException e) {
      throw new PemException(key, "there is no such file");
    } catch (IOException e) {
      throw new PemException(key, "cannot be read");
    }
  }
}
