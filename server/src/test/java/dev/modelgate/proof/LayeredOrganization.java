package dev.modelgate.proof;

import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Uid;
import dev.modelgate.model.UnitName;
import dev.modelgate.model.profile.Depth;
import dev.modelgate.model.profile.Effect;
import dev.modelgate.model.profile.ProfileDocument;
import dev.modelgate.model.profile.Vocabulary;
import dev.modelgate.store.ChangeSet;
import dev.modelgate.store.Changes;
import dev.modelgate.store.MemoryReplica;
import dev.modelgate.store.Micros;
import dev.modelgate.store.Mutation;
import dev.modelgate.store.OrgHead;
import dev.modelgate.store.Replica;
import dev.modelgate.store.row.DenyRuleRow;
import dev.modelgate.store.row.Grant;
import dev.modelgate.store.row.GrantRow;
import dev.modelgate.store.row.MemberRow;
import dev.modelgate.store.row.OrganizationRow;
import dev.modelgate.store.row.PrincipalRow;
import dev.modelgate.store.row.PrincipalUidRow;
import dev.modelgate.store.row.ProfileRow;
import dev.modelgate.store.row.ResourceRow;
import dev.modelgate.store.row.ResourceUidRow;
import dev.modelgate.store.row.Row;
import dev.modelgate.store.row.Rows;
import dev.modelgate.store.row.SettingsRow;
import dev.modelgate.store.row.TypeRightRow;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;

/**
 * A random organization with everything that decides beside grants: type rights with depths and
 * effects, units, deny rules with exceptions, conditions, state flags and features. Written as
 * rows, so that whatever rows say is decided, also what no command would write.
 */
final class LayeredOrganization {
  static final List<String> CALLERS =
      List.of(
          "user:u0@acme.com",
          "user:u1@acme.com",
          "user:u2@acme.com",
          "user:u3@other.org",
          "serviceAccount:s0",
          "user:nobody@acme.com",
          "anonymous",
          "user:gone@acme.com");
  static final List<String> PATHS =
      List.of(
          "",
          "environments/prod",
          "environments/prod/models/m0",
          "environments/prod/models/m1",
          "environments/prod/models/m2",
          "environments/prod/models/m0/versions/v1",
          "environments/prod/applications/a0",
          "environments/prod/datasets/d0",
          "environments/prod/models/none");

  /** Texts that a language of tests decides by themselves. */
  private static final List<String> PLAIN_CONDITIONS =
      List.of("", "", "true", "false", "error", "x", "y");

  private static final List<String> UNITS = List.of("", "emea", "emea/sales", "apac");
  private static final List<String> KINDS =
      List.of("model", "model", "version", "application", "dataset", "environment");

  private final Random random;
  private final List<String> conditions;
  private final ProfileDocument document = document();
  private final Vocabulary vocabulary = document.extended(Vocabulary.EMPTY);
  private final Map<String, Uid> principals = new LinkedHashMap<>();
  private final Map<String, Uid> resources = new LinkedHashMap<>();
  private final Map<String, Set<String>> groupsOf = new LinkedHashMap<>();
  private final List<Row> rows = new ArrayList<>();
  private int made;

  private LayeredOrganization(long seed, List<String> conditions) {
    this.random = new Random(seed);
    this.conditions = conditions;
  }

  /** A replica that holds one of that seed, {@code acme}. */
  static Replica replica(long seed) {
    return replica(seed, PLAIN_CONDITIONS);
  }

  /** The same with conditions of these texts, of which the empty one is none. */
  static Replica replica(long seed, List<String> conditions) {
    MemoryReplica replica = new MemoryReplica(Rows::check);
    Uid acme = Uid.of(1, 0, false);
    OrganizationRow registered = new OrganizationRow("acme", acme, 1);
    ChangeSet system = Changes.next(OrgHead.empty(Uid.SYSTEM), registered.put());
    replica.apply(List.of(Changes.at(1, system)));
    LayeredOrganization made = new LayeredOrganization(seed, conditions);
    made.make();
    Mutation[] rows = made.rows.stream().map(Row::put).toArray(Mutation[]::new);
    replica.apply(List.of(Changes.at(2, Changes.next(OrgHead.empty(acme), rows))));
    return replica;
  }

  /** Of each member the groups that hold it directly. */
  static Map<String, Set<String>> groupsOf(long seed) {
    LayeredOrganization made = new LayeredOrganization(seed, PLAIN_CONDITIONS);
    made.make();
    return made.groupsOf;
  }

  /** For each set somebody who is in it, and of whom no more is known. */
  static Map<String, String> plainMembers() {
    Map<String, String> members = new LinkedHashMap<>();
    members.put("organization:acme", "user:plain@plain.example");
    members.put("allAuthenticatedUsers", "user:nobody@acme.com");
    members.put("allUsers", "anonymous");
    members.put("group:g0", "user:plain0@plain.example");
    members.put("group:g1", "user:plain1@plain.example");
    members.put("group:g2", "user:plain2@plain.example");
    members.put("domain:acme.com", "user:plain@acme.com");
    return members;
  }

  /** The paths of the resources that have a record. */
  static List<String> registered() {
    return PATHS.stream().limit(8).filter(path -> !path.contains("versions")).toList();
  }

  /** The actions that its profile knows. */
  static Set<String> actions() {
    ProfileDocument document = document();
    return document.compile(document.extended(Vocabulary.EMPTY)).verbs().keySet();
  }

  private void make() {
    rows.add(new ProfileRow(1, document.name(), 1, document.text()));
    Map<String, Boolean> features =
        random.nextInt(3) == 0 ? Map.of("tricky_models", false) : Map.of();
    rows.add(new SettingsRow("acme", "", "layers", 1, vocabulary, features, 1, 1, 1));
    CALLERS.stream().limit(5).forEach(this::principal);
    for (String set : List.of("group:g0", "group:g1", "group:g2", "domain:acme.com")) {
      principal(set);
    }
    registered().forEach(this::resource);
    for (String[] edge : new String[][] {{"g0", "g1"}, {"g1", "g2"}}) {
      member("group:" + edge[0], "group:" + edge[1]);
    }
    CALLERS.stream().limit(5).forEach(name -> member("group:g" + random.nextInt(3), name));
    gone(PrincipalName.parse("user:gone@acme.com"));
    principals.put("organization", Uid.ORGANIZATION);
    principals.put("allAuthenticatedUsers", Uid.ALL_AUTHENTICATED_USERS);
    principals.put("allUsers", Uid.ALL_USERS);
    grants();
    typeRights();
    denyRules();
    plainMembers()
        .forEach(
            (set, member) -> {
              if (member.startsWith("user:plain")) {
                principal(member, UnitName.ROOT);
              }
              if (set.startsWith("group:")) {
                member(set, member);
              }
            });
  }

  private void principal(String text) {
    principal(text, new UnitName(one(UNITS)));
  }

  private void principal(String text, UnitName unit) {
    PrincipalName name = PrincipalName.parse(text);
    Uid uid = Uid.of(1, ++made, name.kind().isSet());
    principals.put(text, uid);
    PrincipalRow.GroupType type =
        text.startsWith("group:") ? PrincipalRow.GroupType.ACCESS : PrincipalRow.GroupType.NONE;
    rows.add(new PrincipalRow(name, uid, PrincipalRow.State.ACTIVE, type, "", unit, 1, 1, 1));
    rows.add(new PrincipalUidRow(uid, name, 0));
  }

  /** A deleted one, who was in a group, had a grant on everything and is not swept. */
  private void gone(PrincipalName name) {
    Uid uid = Uid.of(1, ++made, false);
    rows.add(new PrincipalUidRow(uid, name, 1));
    principals.put(name.toString(), uid);
    member("group:g0", name.toString());
  }

  private void resource(String path) {
    Uid uid = Uid.of(1, ++made, false);
    resources.put(path, uid);
    Set<String> flags = new LinkedHashSet<>();
    if (random.nextBoolean()) {
      flags.add(path.contains("applications") ? "active" : "published");
    }
    ResourceRow.Attributes attributes =
        new ResourceRow.Attributes(
            "",
            Map.of(),
            random.nextBoolean() ? "plain" : "tricky",
            new UnitName(one(UNITS)),
            path.contains("models/") || path.contains("applications/") ? flags : Set.of());
    rows.add(new ResourceRow(path, uid, attributes, 1, 1, 1));
    rows.add(new ResourceUidRow(uid, path, 0));
  }

  private void member(String group, String member) {
    groupsOf.computeIfAbsent(member, name -> new LinkedHashSet<>()).add(group);
    rows.add(new MemberRow(uid(principals, group), uid(principals, member), Uid.NONE, 1));
  }

  private void grants() {
    Map<String, GrantRow> made = new LinkedHashMap<>();
    for (int i = 0; i < 14; i++) {
      Uid resource = one(List.copyOf(resources.values()));
      Uid principal = one(List.copyOf(principals.values()));
      int role = random.nextInt(4) - 1;
      long mask = role < 0 ? random.nextInt(1 << 11) : 0;
      boolean owner = role == 0;
      Grant grant =
          new Grant(
              role,
              mask,
              random.nextBoolean(),
              random.nextBoolean(),
              0,
              Micros.NEVER,
              Grant.Origin.DIRECT,
              Uid.NONE,
              1,
              "",
              owner ? "" : one(conditions));
      made.put(resource + " " + principal, new GrantRow(resource, principal, List.of(grant)));
    }
    rows.addAll(made.values());
  }

  private void typeRights() {
    Map<String, TypeRightRow> made = new LinkedHashMap<>();
    for (int i = 0; i < 8; i++) {
      Uid principal = one(List.copyOf(principals.values()));
      String kind = one(KINDS);
      Set<Effect> effects = EnumSet.of(one(List.of(Effect.values())));
      if (random.nextBoolean()) {
        effects.add(one(List.of(Effect.values())));
      }
      TypeRightRow.Right right =
          new TypeRightRow.Right(
              random.nextInt(4) == 0 ? ~0L >>> 1 : random.nextInt(1 << 11),
              one(List.of(Depth.values())),
              effects,
              Uid.NONE,
              1);
      made.put(principal + kind, new TypeRightRow(principal, kind, List.of(right)));
    }
    rows.addAll(made.values());
  }

  private void denyRules() {
    for (int i = 0; i < random.nextInt(3); i++) {
      rows.add(
          new DenyRuleRow(
              "r" + i,
              "",
              List.of(one(List.copyOf(principals.values())), one(List.copyOf(principals.values()))),
              random.nextBoolean() ? List.of(one(List.copyOf(principals.values()))) : List.of(),
              random.nextInt(1 << 11),
              one(List.copyOf(resources.values())),
              one(conditions),
              1,
              1));
    }
  }

  private static Uid uid(Map<String, Uid> uids, String name) {
    return Objects.requireNonNull(uids.get(name), name);
  }

  private <T> T one(List<T> things) {
    return things.get(random.nextInt(things.size()));
  }

  private static ProfileDocument document() {
    return ProfileDocument.parse(documentText());
  }

  /** Its profile. */
  static String documentText() {
    try (InputStream in = LayeredOrganization.class.getResourceAsStream("layers.yaml")) {
      byte[] bytes = Objects.requireNonNull(in, "layers.yaml").readAllBytes();
      return new String(bytes, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
