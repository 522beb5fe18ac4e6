package dev.modelgate.app.sharing;

import dev.modelgate.model.Uid;
import dev.modelgate.store.ByteWriter;
import dev.modelgate.store.Digest;
import dev.modelgate.store.RowCursor;
import dev.modelgate.store.Table;
import dev.modelgate.store.row.GrantRow;
import dev.modelgate.store.row.OrgRows;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;

/**
 * The text by which a caller says which state of a thing it has read. Opaque to callers, at most 32
 * characters of the URL-safe base64 alphabet, compared as a whole.
 *
 * <p>Invariant: two states of a record have the same etag only if they are the same state, for a
 * uid is never given twice and a version changes a record at most once.
 *
 * <pre>
 *   of a record:       base64url( fixed64 uid | varint version that last changed it )
 *   of a profile:      base64url( fixed64 -1 | varint its version )
 *   of a list of rows: base64url( first 16 bytes of SHA-256( { bytes key | bytes value } in key order ) )
 * </pre>
 */
public final class Etag {
  private static final int LIST_HASH_BYTES = 16;

  /** Stands where a record has its uid, which is never negative. */
  private static final long PROFILE = -1;

  private static final byte[] START = {};

  private Etag() {}

  /**
   * The etag of a record that was last changed in that version.
   *
   * @param uid the record's; {@link Uid#ORGANIZATION} for the organization's own
   */
  public static String of(Uid uid, long changedIn) {
    return text(new ByteWriter(18).fixed64(uid.value()).varint(changedIn).toBytes());
  }

  /** The etag of that version of an organization's profile. */
  public static String ofProfile(long version) {
    return text(new ByteWriter(18).fixed64(PROFILE).varint(version).toBytes());
  }

  /**
   * The etag of the direct grants on a resource, as long as there are rows of it. Reads all of
   * them.
   *
   * @throws dev.modelgate.store.StoreException when they cannot be read
   */
  public static String ofGrants(OrgRows rows, Uid resource) {
    return ofRows(rows, Table.GRANTS, GrantRow.prefix(resource));
  }

  /**
   * The etag of all type rights of an organization, as long as there are rows of them. Reads all of
   * them.
   *
   * @throws dev.modelgate.store.StoreException when they cannot be read
   */
  public static String ofTypeRights(OrgRows rows) {
    return ofRows(rows, Table.TYPE_RIGHTS, START);
  }

  private static String ofRows(OrgRows rows, Table table, byte[] prefix) {
    MessageDigest hash = Digest.sha256();
    try (RowCursor cursor = rows.view().scan(table, prefix, START)) {
      while (cursor.next()) {
        hash.update(new ByteWriter(64).bytes(cursor.key()).bytes(cursor.value()).toBytes());
      }
    }
    return text(Arrays.copyOf(hash.digest(), LIST_HASH_BYTES));
  }

  private static String text(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
