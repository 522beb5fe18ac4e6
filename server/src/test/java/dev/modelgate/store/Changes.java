package dev.modelgate.store;

import dev.modelgate.model.Uid;
import dev.modelgate.store.row.Grant;
import dev.modelgate.store.row.GrantRow;
import dev.modelgate.store.row.MemberRow;
import dev.modelgate.store.row.ResourceRow;
import dev.modelgate.store.row.SuspensionRow;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;

/** Makes the change sets and rows of the store's tests. */
public final class Changes {
  public static final Actor ANA = new Actor("token:bootstrap", "user:ana@acme.com");
  public static final Instant T0 = Instant.parse("2030-01-01T00:00:00Z");
  public static final byte[] NONE = {};

  private Changes() {}

  /** The next change set of that head, without a request id. */
  public static ChangeSet next(OrgHead head, Mutation... mutations) {
    return next(head, RequestId.NONE, T0.plusSeconds(head.version()), mutations);
  }

  public static ChangeSet next(
      OrgHead head, RequestId requestId, Instant at, Mutation... mutations) {
    byte[] command =
        requestId.isPresent()
            ? Digest.sha256().digest(requestId.text().getBytes(StandardCharsets.UTF_8))
            : NONE;
    return new ChangeSet(
        head.org(),
        head.version(),
        head.digest(),
        ANA,
        requestId,
        command,
        at,
        "because",
        List.of(mutations));
  }

  /** The head behind a change set. */
  public static OrgHead after(OrgHead head, ChangeSet changeSet) {
    return Acceptor.advance(head, changeSet, ChangeSetCodec.encode(changeSet));
  }

  public static Positioned at(long position, ChangeSet changeSet) {
    return new Positioned(new Position(position), LogRecord.of(changeSet));
  }

  public static GrantRow grant(long resource, long principal) {
    return grant(resource, principal, 1);
  }

  public static GrantRow grant(long resource, long principal, int role) {
    return new GrantRow(
        new Uid(resource),
        new Uid(principal),
        List.of(
            new Grant(
                role,
                0,
                false,
                false,
                0,
                Micros.NEVER,
                Grant.Origin.DIRECT,
                Uid.NONE,
                Micros.of(T0),
                "",
                "")));
  }

  public static MemberRow member(long group, long member) {
    return new MemberRow(new Uid(group), new Uid(member), Uid.NONE, Micros.of(T0));
  }

  public static ResourceRow resource(String path) {
    return new ResourceRow(path, new Uid(77), ResourceRow.Attributes.NONE, 1, 1, 1);
  }

  public static SuspensionRow suspension(long uid) {
    return new SuspensionRow(
        SuspensionRow.Target.PRINCIPAL,
        new Uid(uid),
        1,
        Uid.NONE,
        "lost laptop",
        SuspensionRow.Authority.SYSTEM);
  }
}
