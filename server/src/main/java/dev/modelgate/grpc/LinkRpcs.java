package dev.modelgate.grpc;

import com.google.protobuf.ByteString;
import dev.modelgate.app.LinkSecret;
import dev.modelgate.app.commit.Outcome;
import dev.modelgate.app.query.LinkView;
import dev.modelgate.app.query.Links;
import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Command.PutExternalLink;
import dev.modelgate.model.ResourceName;
import dev.modelgate.store.Micros;
import dev.modelgate.store.Table;
import dev.modelgate.store.row.GrantRow;
import dev.modelgate.store.row.LinkRow;
import dev.modelgate.v1.DeleteExternalLinkRequest;
import dev.modelgate.v1.DeleteExternalLinkResponse;
import dev.modelgate.v1.ExternalLink;
import dev.modelgate.v1.ImportExternalLink;
import dev.modelgate.v1.PutExternalLinkRequest;
import dev.modelgate.v1.PutExternalLinkResponse;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Optional;

/**
 * Reads and answers the requests about external links.
 *
 * <p>A secret is made for every request and goes into the command as its hash. The answer shows it
 * only if that hash is the one in the change set: a repeated request is answered with the change
 * set of the first one, which has another hash, and nothing that is stored could show the secret
 * again (hazard 32).
 */
final class LinkRpcs {
  private final SecureRandom random = new SecureRandom();
  private final Links links;

  LinkRpcs(Links links) {
    this.links = links;
  }

  Mutation<PutExternalLinkResponse> put(PutExternalLinkRequest request) {
    LinkSecret secret = LinkSecret.of(random);
    PutExternalLink command = command(request, secret.hash());
    return new Mutation<>(
        command.resource().organizationId(),
        command,
        outcome -> answer(command.resource(), command.id(), secret, outcome));
  }

  /** The command of a request, with that hash of a secret. */
  static PutExternalLink command(PutExternalLinkRequest request, byte[] secretHash) {
    return new PutExternalLink(
        Fields.resource("resource", request.getResource()),
        Fields.shortId("id", request.getId()),
        request.getRole(),
        expiresAt(request),
        request.getRotateSecret(),
        secretHash,
        Fields.etag("etag", request.getEtag()));
  }

  Mutation<DeleteExternalLinkResponse> delete(DeleteExternalLinkRequest request) {
    ResourceName resource = Fields.resource("resource", request.getResource());
    return new Mutation<>(
        resource.organizationId(),
        new Command.DeleteExternalLink(
            resource,
            Fields.shortId("id", request.getId()),
            Fields.etag("etag", request.getEtag())),
        outcome ->
            DeleteExternalLinkResponse.newBuilder()
                .setRevision(outcome.revision().token())
                .build());
  }

  /** The link in a record of an import, to a resource that is read already. */
  static PutExternalLink put(String prefix, ImportExternalLink record, ResourceName resource) {
    byte[] hash = record.getSecretSha256().toByteArray();
    if (hash.length != LinkRow.HASH_BYTES) {
      throw Fields.invalid(
          prefix + "secret_sha256", hash.length + " bytes", LinkRow.HASH_BYTES + " bytes");
    }
    return new PutExternalLink(
        resource,
        Fields.shortId(prefix + "id", record.getId()),
        record.getRole(),
        Optional.of(
            record.hasExpiresAt()
                ? Fields.micros(prefix + "expires_at", record.getExpiresAt())
                : Micros.NEVER),
        true,
        hash,
        "");
  }

  static ImportExternalLink record(LinkView view, byte[] secretHash) {
    ImportExternalLink.Builder message =
        ImportExternalLink.newBuilder()
            .setResource(view.resource().relativePath())
            .setId(view.id())
            .setRole(view.role())
            .setSecretSha256(ByteString.copyFrom(secretHash));
    if (view.expiresAtMicros() != Micros.NEVER) {
      message.setExpiresAt(AdminMessages.timestamp(view.expiresAtMicros()));
    }
    return message.build();
  }

  static ExternalLink link(LinkView view) {
    ExternalLink.Builder message =
        ExternalLink.newBuilder()
            .setResource(view.resource().text())
            .setId(view.id())
            .setPrincipal("link:" + view.id())
            .setRole(view.role())
            .setEtag(view.etag())
            .setUpdateTime(AdminMessages.timestamp(view.changedAt()));
    if (view.expiresAtMicros() != Micros.NEVER) {
      message.setExpiresAt(AdminMessages.timestamp(view.expiresAtMicros()));
    }
    return message.build();
  }

  private PutExternalLinkResponse answer(
      ResourceName resource, String id, LinkSecret secret, Outcome outcome) {
    Optional<LinkRow> written = Written.only(outcome, Table.LINKS, LinkRow::decode);
    Optional<GrantRow> grants =
        written.flatMap(
            row ->
                Written.row(
                    outcome,
                    Table.GRANTS,
                    GrantRow.key(row.resource(), row.uid()),
                    value -> GrantRow.decode(GrantRow.key(row.resource(), row.uid()), value)));
    boolean isNew =
        written.filter(row -> MessageDigest.isEqual(row.secretHash(), secret.hash())).isPresent();
    return PutExternalLinkResponse.newBuilder()
        .setRevision(outcome.revision().token())
        .setLink(link(links.changed(resource.organizationId(), id, written, grants)))
        .setSecret(isNew ? secret.text() : "")
        .build();
  }

  /** For ever where nothing is said, but for a rotation, which changes the secret alone. */
  private static Optional<Long> expiresAt(PutExternalLinkRequest request) {
    if (request.hasExpiresAt()) {
      return Optional.of(Fields.micros("expires_at", request.getExpiresAt()));
    }
    return request.getRotateSecret() ? Optional.empty() : Optional.of(Micros.NEVER);
  }
}
