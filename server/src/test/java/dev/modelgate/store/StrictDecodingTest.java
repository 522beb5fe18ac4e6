package dev.modelgate.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.model.Uid;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Hazard 28: what is decoded is what the encoder would have written, so that a digest over stored
 * bytes is one over what was understood of them.
 */
final class StrictDecodingTest {
  private static final OrgHead HEAD = OrgHead.empty(new Uid(0x100001));
  private static final ChangeSet CHANGE =
      Changes.next(
          HEAD,
          new RequestId("r-1"),
          Changes.T0,
          Changes.grant(1, 2).put(),
          Changes.member(3, 4).delete());

  @Test
  void changeSet_withAnyByteChanged_isRefusedOrWhatTheEncoderWrites() {
    byte[] stored = ChangeSetCodec.encode(CHANGE);
    int refused = 0;
    for (int at = 0; at < stored.length; at++) {
      for (int value = 0; value < 256; value++) {
        byte[] changed = stored.clone();
        changed[at] = (byte) value;
        refused += isRefused(changed) ? 1 : 0;
      }
    }
    assertTrue(refused > 1_000, "only " + refused + " were refused");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void changeSet_withBytesPutInOrLeftOut_isRefusedOrWhatTheEncoderWrites(long seed) {
    Random random = new Random(seed);
    byte[] stored = ChangeSetCodec.encode(CHANGE);
    for (int i = 0; i < 20_000; i++) {
      int from = random.nextInt(stored.length);
      int to = Math.min(stored.length, from + random.nextInt(3));
      byte[] more = new byte[random.nextInt(3)];
      random.nextBytes(more);
      byte[] changed = Arrays.copyOf(stored, from + more.length + stored.length - to);
      System.arraycopy(more, 0, changed, from, more.length);
      System.arraycopy(stored, to, changed, from + more.length, stored.length - to);
      isRefused(changed);
    }
  }

  private static boolean isRefused(byte[] stored) {
    ChangeSet read;
    try {
      read = ChangeSetCodec.decode(stored);
    } catch (UndecodableException e) {
      return true;
    }
    assertArrayEquals(stored, ChangeSetCodec.encode(read), HexFormat.of().formatHex(stored));
    return false;
  }

  @Test
  void changeSet_withBytesBehindIt_isRefused() {
    byte[] stored = ChangeSetCodec.encode(CHANGE);
    byte[] longer = Arrays.copyOf(stored, stored.length + 1);
    assertThrows(UndecodableException.class, () -> ChangeSetCodec.decode(longer));
  }

  @Test
  void number_thatIsNotInItsShortestForm_isRefused() {
    for (byte[] bytes : List.of(new byte[] {(byte) 0x81, 0}, new byte[] {(byte) 0x80, 0})) {
      assertThrows(UndecodableException.class, () -> new ByteReader(bytes).varint());
    }
  }

  /** The chain is frozen: these bytes have this digest on every node, for ever. */
  @Test
  void digest_ofStoredBytes_isFrozen() {
    assertEquals(
        "835b66f9271603b9c97511567624ac67",
        Digest.ZERO.advance(ChangeSetCodec.encode(CHANGE)).toString());
    assertEquals(
        Digest.ZERO.advance(ChangeSetCodec.encode(CHANGE)),
        Acceptor.advance(HEAD, CHANGE, ChangeSetCodec.encode(CHANGE)).digest());
    byte[] other = ChangeSetCodec.encode(CHANGE);
    other[other.length - 1]++;
    assertEquals(Digest.ZERO.advance(other), Acceptor.advance(HEAD, CHANGE, other).digest());
  }
}
