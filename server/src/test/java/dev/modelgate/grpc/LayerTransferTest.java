package dev.modelgate.grpc;

import static dev.modelgate.grpc.AdminPlane.ACME;
import static dev.modelgate.grpc.AdminPlane.ANA;
import static dev.modelgate.grpc.AdminPlane.BEN;
import static dev.modelgate.grpc.AdminPlane.PROD;
import static dev.modelgate.grpc.AdminPlane.refused;
import static dev.modelgate.grpc.TypeRightsTest.allows;
import static dev.modelgate.grpc.TypeRightsTest.ceiling;
import static dev.modelgate.grpc.TypeRightsTest.remove;
import static dev.modelgate.grpc.TypeRightsTest.request;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import dev.modelgate.model.Fault;
import dev.modelgate.v1.Change;
import dev.modelgate.v1.ChangeEvent;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.CreateResourceRequest;
import dev.modelgate.v1.DeleteExternalLinkRequest;
import dev.modelgate.v1.DeletePrincipalRequest;
import dev.modelgate.v1.DenyRule;
import dev.modelgate.v1.DenyRuleChange.Operation;
import dev.modelgate.v1.ExternalLink;
import dev.modelgate.v1.GetOrganizationRequest;
import dev.modelgate.v1.GrantChange;
import dev.modelgate.v1.ImportDenyRule;
import dev.modelgate.v1.ImportExternalLink;
import dev.modelgate.v1.ImportHeader;
import dev.modelgate.v1.ImportRecord;
import dev.modelgate.v1.ImportResource;
import dev.modelgate.v1.ImportResponse;
import dev.modelgate.v1.ImportSettings;
import dev.modelgate.v1.ImportTypeRight;
import dev.modelgate.v1.Organization;
import dev.modelgate.v1.Principal;
import dev.modelgate.v1.PutExternalLinkRequest;
import dev.modelgate.v1.PutPrincipalRequest;
import dev.modelgate.v1.TypeRight;
import dev.modelgate.v1.TypeRight.Depth;
import dev.modelgate.v1.TypeRight.Effect;
import dev.modelgate.v1.TypeRightChange.Mode;
import dev.modelgate.v1.UpdateGrantsRequest;
import dev.modelgate.v1.UpdateOrganizationRequest;
import dev.modelgate.v1.WatchChangesRequest;
import dev.modelgate.v1.WatchChangesResponse;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What an organization says beside grants, out of a node, into one, and told as it changes. */
final class LayerTransferTest {
  private static final String APP = PROD + "/applications/report";
  private static final String DATA = PROD + "/datasets/claims";
  private static final String TRICKY = PROD + "/models/tricky";

  private final TypePlane types = new TypePlane();
  private final AdminPlane plane = types.plane;
  private final Transfers transfers = new Transfers(plane);

  @BeforeEach
  void begin() {
    plane.resource(DATA);
    plane.principal(BEN);
  }

  @AfterEach
  void end() {
    types.close();
  }

  @Test
  void export_importedElsewhere_exportsTheSame() {
    String secret = furnish();
    List<ImportRecord> first = transfers.export(ACME).records();
    try (TypePlane copy = new TypePlane()) {
      Transfers into = new Transfers(copy.plane);
      ImportResponse answer = into.importing(header(), first);
      assertEquals(first.size(), answer.getAppliedRecords());
      assertEquals(5, answer.getCounts().getTypeRights());
      assertEquals(1, answer.getCounts().getDenyRules());
      assertEquals(1, answer.getCounts().getSettings());
      assertEquals(1, answer.getCounts().getExternalLinks());
      assertEquals(first, into.export(ACME).records());
      assertEquals("ALLOW", copy.check(BEN, PROD + "/models/fraud", "predict"));
      assertEquals("DENY_RULE", copy.check(BEN, PROD + "/models/fraud", "update"));
      assertEquals("FEATURE_OFF", copy.check(ANA, TRICKY, "get"));
      assertEquals("ALLOW", link(types, secret));
      assertEquals("ALLOW", link(copy, secret));
      assertEquals("PRINCIPAL_UNKNOWN", link(copy, secret + "x"));
      String before = into.importing(header(), first).getRevision();
      assertEquals(first, into.export(ACME).records());
      assertEquals(before, into.importing(header(), first).getRevision());
    }
    assertTrue(first.contains(settings()), "features are exported");
    Set<ImportRecord.RecordCase> cases =
        first.stream().map(ImportRecord::getRecordCase).collect(Collectors.toSet());
    for (ImportRecord.RecordCase layer :
        List.of(
            ImportRecord.RecordCase.TYPE_RIGHT,
            ImportRecord.RecordCase.DENY_RULE,
            ImportRecord.RecordCase.EXTERNAL_LINK,
            ImportRecord.RecordCase.SETTINGS)) {
      assertTrue(cases.contains(layer), cases::toString);
    }
  }

  @Test
  void typeRight_imported_isHeldToTheRulesOfTheCommand() {
    refused(
        Fault.INVALID_FIELD,
        "type_right.effects",
        () -> importing(Effect.EFFECT_UNSPECIFIED, "get"));
    refused(Fault.INVALID_FIELD, "effects", () -> importing(Effect.EFFECT_BOUNDS, "get"));
    refused(Fault.UNKNOWN_PERMISSION, () -> importing(Effect.EFFECT_ALLOWS, "fly"));
    refused(Fault.INVALID_FIELD, "permissions", () -> importing(Effect.EFFECT_ALLOWS));
    importing(Effect.EFFECT_ALLOWS, "get");
    assertEquals("ALLOW", types.check(BEN, PROD + "/models/fraud", "get"));
  }

  @Test
  void typeRights_changed_areToldAsPlainState() {
    Iterator<WatchChangesResponse> watch = watch();
    plane
        .as(ANA)
        .updateTypeRights(
            request(
                    allows(Mode.MODE_MERGE, BEN, "model", "predict"),
                    allows(Mode.MODE_MERGE, BEN, "model", "get").setDepth(Depth.DEPTH_OWN))
                .build());
    List<Change> put = watch.next().getEvent().getChangesList();
    assertEquals(
        TypeRight.newBuilder().setPrincipal(BEN).setKind("model").build(),
        put.get(0).getTypeRightDelete());
    assertEquals(
        Set.of(Depth.DEPTH_ORGANIZATION, Depth.DEPTH_OWN),
        put.stream()
            .filter(Change::hasTypeRightPut)
            .map(change -> change.getTypeRightPut().getDepth())
            .collect(Collectors.toSet()));
    assertEquals(ANA, put.get(1).getTypeRightPut().getGrantedBy());
    plane.as(ANA).updateTypeRights(request(remove(BEN, "model")).build());
    List<Change> gone = watch.next().getEvent().getChangesList();
    assertEquals(1, gone.size());
    assertEquals("model", gone.get(0).getTypeRightDelete().getKind());
  }

  @Test
  void denyRules_changed_areToldAsPlainState() {
    Iterator<WatchChangesResponse> watch = watch();
    plane
        .as(ANA)
        .updateDenyRules(
            DenyRulesTest.request(
                    DenyRulesTest.change(Operation.OPERATION_PUT, rule().setDescription("a")))
                .build());
    DenyRule put =
        watch.next().getEvent().getChangesList().stream()
            .filter(Change::hasDenyRulePut)
            .findFirst()
            .orElseThrow()
            .getDenyRulePut();
    assertEquals(
        rule().setDescription("a").build(), put.toBuilder().clearEtag().clearUpdateTime().build());
    plane
        .as(ANA)
        .updateDenyRules(
            DenyRulesTest.request(DenyRulesTest.change(Operation.OPERATION_DELETE, rule()))
                .build());
    List<Change> gone = watch.next().getEvent().getChangesList();
    assertEquals(DenyRule.newBuilder().setId("no-update").build(), gone.get(0).getDenyRuleDelete());
    assertEquals(1, gone.size());
  }

  /** Told again, an event names whom it named; only the state knows who is gone since. */
  @Test
  void denyRule_toldAgainAfterADeletion_namesTheDeleted() {
    String from = revision();
    plane
        .as(ANA)
        .updateDenyRules(
            DenyRulesTest.request(DenyRulesTest.change(Operation.OPERATION_PUT, rule())).build());
    ChangeEvent first = watch(from).next().getEvent();
    plane
        .admin()
        .deletePrincipal(
            DeletePrincipalRequest.newBuilder().setOrganization(ACME).setPrincipal(BEN).build());
    assertEquals(first, watch(from).next().getEvent());
    types.sweep();
    assertEquals(first, watch(from).next().getEvent());
  }

  @Test
  void denyRule_namingALinkThatHasEnded_isExportedWithoutIt() {
    plane.resource(APP);
    for (String id : List.of("live", "dead")) {
      plane
          .as(ANA)
          .putExternalLink(PutExternalLinkRequest.newBuilder().setResource(APP).setId(id).build());
    }
    plane
        .as(ANA)
        .updateDenyRules(
            DenyRulesTest.request(
                    DenyRulesTest.change(
                        Operation.OPERATION_PUT,
                        rule().addPrincipals("link:live").addPrincipals("link:dead")),
                    DenyRulesTest.change(
                        Operation.OPERATION_PUT,
                        rule().setId("dead").clearPrincipals().addPrincipals("link:dead")))
                .build());
    plane
        .as(ANA)
        .updateGrants(
            UpdateGrantsRequest.newBuilder()
                .setResource(APP)
                .addChanges(
                    GrantChange.newBuilder()
                        .setMode(GrantChange.Mode.MODE_REMOVE)
                        .setPrincipal("link:dead"))
                .build());
    List<ImportRecord> records = transfers.export(ACME).records();
    assertEquals(
        List.of(List.of("link:live", BEN)),
        records.stream()
            .filter(ImportRecord::hasDenyRule)
            .map(record -> List.copyOf(record.getDenyRule().getPrincipalsList()))
            .toList());
    try (TypePlane copy = new TypePlane()) {
      Transfers into = new Transfers(copy.plane);
      into.importing(header(), records);
      assertEquals(records, into.export(ACME).records());
    }
  }

  @Test
  void denyRuleAndAttributes_imported_areHeldToTheRulesOfTheCommands() {
    ImportDenyRule rule =
        ImportDenyRule.newBuilder()
            .setId("a")
            .addPrincipals(BEN)
            .addPermissions("get")
            .setResource("models/none")
            .build();
    refused(Fault.UNKNOWN_KIND, () -> importing(deny(rule)));
    refused(
        Fault.INVALID_FIELD,
        "deny_rule.id",
        () -> importing(deny(rule.toBuilder().clearId().build())));
    refused(
        Fault.INVALID_FIELD,
        "deny_rule.condition",
        () -> importing(deny(rule.toBuilder().setCondition("1").build())));
    importing(deny(rule.toBuilder().clearResource().build()));
    assertEquals("DENY_RULE", types.check(BEN, PROD, "get"));
    var model = ImportResource.newBuilder().setName("environments/prod/models/m").setType("plain");
    importing(ImportRecord.newBuilder().setResource(model).build());
    refused(
        Fault.INVALID_FIELD,
        "type",
        () ->
            importing(
                ImportRecord.newBuilder().setResource(model.clone().setType("tricky")).build()));
    refused(
        Fault.INVALID_FIELD,
        "flags",
        () ->
            importing(
                ImportRecord.newBuilder().setResource(model.clone().addFlags("active")).build()));
    refused(
        Fault.INVALID_FIELD,
        "features",
        () ->
            importing(
                ImportRecord.newBuilder()
                    .setSettings(ImportSettings.newBuilder().putFeatures("flying", true))
                    .build()));
  }

  private void importing(ImportRecord record) {
    transfers.importing(header(), List.of(record));
  }

  private static ImportRecord deny(ImportDenyRule rule) {
    return ImportRecord.newBuilder().setDenyRule(rule).build();
  }

  private static ImportRecord settings() {
    return ImportRecord.newBuilder()
        .setSettings(ImportSettings.newBuilder().putFeatures("tricky_models", false))
        .build();
  }

  private static DenyRule.Builder rule() {
    return DenyRule.newBuilder()
        .setId("no-update")
        .addPrincipals(BEN)
        .addExceptions("app:a")
        .addPermissions("update")
        .setResource(PROD)
        .setCondition("context.outside == true || true");
  }

  @Test
  void links_changed_areToldAsPlainStateWithoutTheirSecret() {
    plane.resource(APP);
    Iterator<WatchChangesResponse> watch = watch();
    String secret =
        plane
            .as(ANA)
            .putExternalLink(
                PutExternalLinkRequest.newBuilder().setResource(APP).setId("l").build())
            .getSecret();
    ChangeEvent made = watch.next().getEvent();
    assertFalse(made.toString().contains(secret));
    ExternalLink put =
        made.getChangesList().stream()
            .filter(Change::hasExternalLinkPut)
            .findFirst()
            .orElseThrow()
            .getExternalLinkPut();
    assertEquals("link:l", put.getPrincipal());
    assertEquals(APP, put.getResource());
    assertTrue(
        made.getChangesList().stream()
            .anyMatch(change -> change.getGrantPut().getPrincipal().equals("link:l")));
    assertTrue(made.getChangesList().stream().noneMatch(Change::hasPrincipalPut));
    plane
        .as(ANA)
        .deleteExternalLink(
            DeleteExternalLinkRequest.newBuilder().setResource(APP).setId("l").build());
    List<Change> gone = watch.next().getEvent().getChangesList();
    assertTrue(
        gone.stream().anyMatch(change -> change.getExternalLinkDelete().getId().equals("l")));
    assertTrue(gone.stream().noneMatch(Change::hasPrincipalDelete));
  }

  @Test
  void link_imported_isHeldToTheRulesOfTheCommand() {
    var link =
        ImportExternalLink.newBuilder()
            .setResource("environments/prod/models/fraud")
            .setId("l")
            .setSecretSha256(ByteString.copyFrom(new byte[32]));
    refused(Fault.KIND_WITHOUT_LINKS, () -> importing(link));
    link.setResource("environments/prod/applications/report");
    refused(Fault.NOT_FOUND, () -> importing(link));
    plane.resource(APP);
    refused(Fault.INVALID_FIELD, "role", () -> importing(link.clone().setRole("owner")));
    refused(
        Fault.INVALID_FIELD,
        "external_link.secret_sha256",
        () -> importing(link.clone().clearSecretSha256()));
    importing(link.clone().setExpiresAt(Timestamp.newBuilder().setSeconds(1_000)));
    assertTrue(types.grants(APP).size() == 1, "one that has ended is skipped");
    importing(link);
    assertEquals(2, types.grants(APP).size());
  }

  private void importing(ImportExternalLink.Builder link) {
    importing(ImportRecord.newBuilder().setExternalLink(link).build());
  }

  private static String link(TypePlane types, String secret) {
    return TypePlane.said(
        types
            .data()
            .check(
                CheckRequest.newBuilder()
                    .setPrincipal("link:report")
                    .setModel(APP)
                    .setAction("launch")
                    .setLinkSecret(secret)
                    .build()));
  }

  private String furnish() {
    plane
        .admin()
        .createResource(
            CreateResourceRequest.newBuilder()
                .setName(TRICKY)
                .setType("tricky")
                .setUnit("emea/sales")
                .addFlags("published")
                .setOwner(ANA)
                .build());
    plane
        .admin()
        .putPrincipal(
            PutPrincipalRequest.newBuilder()
                .setOrganization(ACME)
                .setPrincipal(BEN)
                .setUnit("emea")
                .build());
    plane
        .admin()
        .updateOrganization(
            UpdateOrganizationRequest.newBuilder()
                .setOrganization(
                    Organization.newBuilder().setName(ACME).putFeatures("tricky_models", false))
                .build());
    plane
        .admin()
        .updateDenyRules(
            DenyRulesTest.request(DenyRulesTest.change(Operation.OPERATION_PUT, rule())).build());
    plane.principal("group:risk");
    plane
        .admin()
        .updateTypeRights(
            request(
                    allows(Mode.MODE_MERGE, "organization:acme", "model", "get"),
                    allows(Mode.MODE_MERGE, BEN, "model", "predict"),
                    allows(Mode.MODE_MERGE, BEN, "model", "update").setDepth(Depth.DEPTH_SUBTREE),
                    ceiling("group:risk", "dataset"),
                    allows(Mode.MODE_MERGE, "app:a", "model", "get"))
                .build());
    plane
        .admin()
        .putPrincipal(
            PutPrincipalRequest.newBuilder()
                .setOrganization(ACME)
                .setPrincipal("app:a")
                .setState(Principal.State.STATE_DISABLED)
                .build());
    plane.resource(APP);
    return plane
        .as(ANA)
        .putExternalLink(
            PutExternalLinkRequest.newBuilder()
                .setResource(APP)
                .setId("report")
                .setExpiresAt(Timestamp.newBuilder().setSeconds(4_000_000_000L))
                .build())
        .getSecret();
  }

  private void importing(Effect effect, String... permissions) {
    ImportTypeRight right =
        ImportTypeRight.newBuilder()
            .setPrincipal(BEN)
            .setKind("model")
            .addAllPermissions(new TreeSet<>(List.of(permissions)))
            .setDepth(Depth.DEPTH_ORGANIZATION)
            .addEffects(effect)
            .build();
    transfers.importing(header(), List.of(ImportRecord.newBuilder().setTypeRight(right).build()));
  }

  private Iterator<WatchChangesResponse> watch() {
    return watch("");
  }

  private Iterator<WatchChangesResponse> watch(String from) {
    Iterator<WatchChangesResponse> watch =
        plane
            .admin()
            .watchChanges(
                WatchChangesRequest.newBuilder()
                    .setOrganization(ACME)
                    .setFromRevision(from)
                    .build());
    watch.next();
    return watch;
  }

  private String revision() {
    return plane
        .admin()
        .getOrganization(GetOrganizationRequest.newBuilder().setName(ACME).build())
        .getOrganization()
        .getRevision();
  }

  private static ImportHeader.Builder header() {
    return ImportHeader.newBuilder().setSchema(1).setOrganization(ACME);
  }
}
