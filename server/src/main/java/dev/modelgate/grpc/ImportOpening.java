package dev.modelgate.grpc;

import dev.modelgate.app.ConditionLanguage;
import dev.modelgate.app.commit.Committer;
import dev.modelgate.app.commit.ImportCounts;
import dev.modelgate.app.commit.ImportRun;
import dev.modelgate.app.commit.ImportTarget;
import dev.modelgate.app.commit.Order;
import dev.modelgate.app.commit.OrganizationCreation;
import dev.modelgate.app.commit.OrganizationLoad;
import dev.modelgate.app.query.OrganizationView;
import dev.modelgate.app.query.Organizations;
import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.model.Fault;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.RefusedException;
import dev.modelgate.store.Revision;
import dev.modelgate.v1.ImportHeader;
import dev.modelgate.v1.ImportResponse;
import dev.modelgate.v1.RecordCounts;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;

/** Begins and ends imports: what their headers ask for, and what they answer. Blocks. */
final class ImportOpening {
  /** The most records of one message. */
  static final int RECORDS_MAX = 1_000;

  private final Committer committer;
  private final OrganizationCreation creation;
  private final Organizations organizations;
  private final ConditionLanguage conditions;

  /** An import that has begun. */
  record Opened(ImportRun run, RecordReader reader) {}

  ImportOpening(
      Committer committer,
      OrganizationCreation creation,
      Organizations organizations,
      ConditionLanguage conditions) {
    this.committer = committer;
    this.creation = creation;
    this.organizations = organizations;
    this.conditions = conditions;
  }

  /**
   * Reads a header and creates the organization when it asks for that.
   *
   * @throws RefusedException SCHEMA_UNSUPPORTED, INVALID_FIELD and LIMIT_EXCEEDED for its fields,
   *     NOT_FOUND, NOT_PERMITTED, ALREADY_EXISTS, and as a commit
   */
  Opened open(ImportHeader header, Requester requester) {
    if (header.getSchema() != ExportCall.SCHEMA) {
      String schema = String.valueOf(header.getSchema());
      String supported = String.valueOf(ExportCall.SCHEMA);
      throw new Refusal(
              Fault.SCHEMA_UNSUPPORTED,
              "schema: `" + schema + "` (expected: " + supported + ")",
              "header.schema",
              Map.of("schema", schema, "supported", supported))
          .asException();
    }
    String id = Fields.organizationId("header.organization", header.getOrganization());
    if (header.getSkipRecords() < 0) {
      throw Fields.invalid(
          "header.skip_records",
          Long.toUnsignedString(header.getSkipRecords()),
          "0.." + Long.MAX_VALUE);
    }
    Order order = Orders.of("Import", identifying(header), requester);
    ImportTarget target = ImportTarget.existing(committer);
    if (header.getCreateOrganization()) {
      target = create(id, header, order);
    } else {
      requireProfile(header, organizations.get(id, requester));
    }
    return new Opened(
        new ImportRun(target, id, order, header.getSkipRecords()),
        new RecordReader(id, header.getReason(), conditions));
  }

  /**
   * Waits for all records and answers.
   *
   * @throws RefusedException as {@link ImportRun#add}
   */
  ImportResponse answer(ImportRun run, Requester requester, long skipped) {
    Optional<Revision> last = run.finish();
    ImportCounts counts = run.counts();
    return ImportResponse.newBuilder()
        .setRevision(
            last.map(Revision::token)
                .orElseGet(() -> organizations.get(run.organizationId(), requester).revision()))
        .setSkippedRecords(skipped)
        .setAppliedRecords(counts.total())
        .setCounts(
            RecordCounts.newBuilder()
                .setPrincipals(
                    counts.of(Command.ImportPrincipal.class)
                        + counts.of(Command.ImportDeletedPrincipal.class))
                .setMemberships(counts.of(Command.ImportMembership.class))
                .setResources(counts.of(Command.ImportResource.class))
                .setGrants(counts.of(Command.ImportGrant.class))
                .setSuspensions(counts.of(Command.ImportSuspension.class))
                .setTypeRights(counts.of(Command.ImportTypeRight.class))
                .setDenyRules(counts.of(Command.ImportDenyRule.class))
                .setExternalLinks(counts.of(Command.ImportExternalLink.class))
                .setSettings(counts.of(Command.ImportSettings.class)))
        .build();
  }

  /** The header without what may differ between an import and its going on. */
  private static ImportHeader identifying(ImportHeader header) {
    return header.toBuilder()
        .clearSkipRecords()
        .clearSourceRevision()
        .clearSourceTime()
        .clearEstimatedRecords()
        .build();
  }

  /** Creates it, or what has become of it, and says where its records go. */
  private ImportTarget create(String id, ImportHeader header, Order order) {
    var command =
        OrganizationRpcs.creation(
            "header.organization",
            id,
            header.getDisplayName(),
            header.getProfile(),
            ProfileRpcs.document("header.profile_document", header.getProfileDocument()),
            Optional.empty());
    if (header.getSkipRecords() == 0 && order.baseRevision().isEmpty()) {
      Optional<OrganizationLoad> load = creation.load(command, order);
      if (load.isPresent()) {
        return load.get();
      }
    }
    create(command, header, order);
    return ImportTarget.existing(committer);
  }

  private void create(Command.InitializeOrganization command, ImportHeader header, Order order) {
    try {
      creation.create(command, order).toCompletableFuture().join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RefusedException refused
          && refused.refusal().fault() == Fault.ALREADY_EXISTS
          && header.getSkipRecords() > 0) {
        return;
      }
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

  private static void requireProfile(ImportHeader header, OrganizationView organization) {
    boolean fits =
        header.getProfile().isEmpty() || header.getProfile().equals(organization.profile());
    if (!fits) {
      throw Fields.invalid(
          "header.profile", header.getProfile(), "empty, or `" + organization.profile() + "`");
    }
  }
}
