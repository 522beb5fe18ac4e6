package dev.modelgate.store.row;

import dev.modelgate.model.Uid;
import dev.modelgate.model.profile.Depth;
import dev.modelgate.model.profile.Effect;
import dev.modelgate.store.ByteReader;
import dev.modelgate.store.ByteWriter;
import dev.modelgate.store.Table;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * What one principal may do with every resource of a kind, whoever shared it.
 *
 * @param principal whose
 * @param kind the kind's name in the profile
 * @param rights at least one; several differ in depth or effects
 */
public record TypeRightRow(Uid principal, String kind, List<Right> rights) implements Row {
  /** The most rights of one principal for one kind. */
  public static final int RIGHTS_MAX = 16;

  private static final Depth[] DEPTHS = Depth.values();
  private static final Effect[] EFFECTS = Effect.values();

  /**
   * One right.
   *
   * @param mask the permissions
   * @param depth how far an allowing one reaches
   * @param effects what it does, one thing at least
   * @param grantedBy who gave it; {@link Uid#NONE} for the system administrator
   * @param grantedAtMicros when
   */
  public record Right(
      long mask, Depth depth, Set<Effect> effects, Uid grantedBy, long grantedAtMicros) {
    /** Copies the set and refuses an empty one. */
    public Right {
      effects = Set.copyOf(effects);
      if (effects.isEmpty()) {
        throw new IllegalArgumentException("a type right without an effect");
      }
    }

    /** Whether it does that. */
    public boolean has(Effect effect) {
      return effects.contains(effect);
    }

    private void encode(ByteWriter out) {
      int bits = 0;
      for (Effect effect : effects) {
        bits |= 1 << effect.ordinal();
      }
      out.varint(mask).varint(depth.ordinal()).varint(bits);
      out.varint(grantedBy.value()).varint(grantedAtMicros);
    }

    private static Right decode(ByteReader in) {
      long mask = in.varint();
      Depth depth = Layout.constant(DEPTHS, in);
      int bits = in.varint((1 << EFFECTS.length) - 1);
      Set<Effect> effects = EnumSet.noneOf(Effect.class);
      for (Effect effect : EFFECTS) {
        if ((bits >> effect.ordinal() & 1) != 0) {
          effects.add(effect);
        }
      }
      return new Right(mask, depth, effects, Layout.uid(in.varint()), in.varint());
    }
  }

  /** Copies the list and refuses an empty one. */
  public TypeRightRow {
    rights = List.copyOf(rights);
    if (rights.isEmpty() || rights.size() > RIGHTS_MAX) {
      throw new IllegalArgumentException(
          rights.size() + " type rights (expected: 1.." + RIGHTS_MAX + ")");
    }
  }

  /** The key of a principal and a kind. */
  public static byte[] key(Uid principal, String kind) {
    byte[] name = kind.getBytes(StandardCharsets.UTF_8);
    return new ByteWriter(8 + name.length).fixed64(principal.value()).raw(name).toBytes();
  }

  /** What the keys of all rights of a principal begin with. */
  public static byte[] prefix(Uid principal) {
    return Layout.key(principal);
  }

  /** The kind in a key. */
  public static String kindIn(byte[] key) {
    return new String(key, Long.BYTES, key.length - Long.BYTES, StandardCharsets.UTF_8);
  }

  @Override
  public Table table() {
    return Table.TYPE_RIGHTS;
  }

  @Override
  public byte[] key() {
    return key(principal, kind);
  }

  @Override
  public byte[] value() {
    ByteWriter out = Layout.begin().fixed64(principal.value()).text(kind).varint(rights.size());
    rights.forEach(right -> right.encode(out));
    return out.toBytes();
  }

  /** Reads a stored value. */
  public static TypeRightRow decode(byte[] value) {
    return Layout.strictly(
        in -> new TypeRightRow(Layout.uid(in.fixed64()), in.text(), Layout.list(in, Right::decode)),
        value);
  }
}
