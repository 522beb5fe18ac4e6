package dev.modelgate.proof.growth;

import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.Uid;
import dev.modelgate.model.profile.BuiltInProfiles;
import dev.modelgate.model.profile.ProfileDocument;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * What a search is about: a profile, and names in it that meet often.
 *
 * @param profile the document
 * @param resources the paths of the resources that are there, parents first
 * @param unregistered the paths of such as need no record and have none
 * @param permissions those that are given and watched
 */
record GrowthSetting(
    String name,
    String profile,
    List<String> resources,
    List<String> unregistered,
    List<String> permissions) {
  static final String ID = "acme";
  static final Uid ORGANIZATION = new Uid(1 << 20);

  /** The administrator, who takes no part in it. */
  static final PrincipalName ADMIN = PrincipalName.parse("user:ana@acme.com");

  /** They act as they like, and for each other. */
  static final List<PrincipalName> ACCOMPLICES =
      names("user:steve@acme.com", "user:eve@acme.com", "serviceAccount:bot");

  /** Nobody knows him where the directory is strict; elsewhere everybody may share with him. */
  static final PrincipalName STRANGER = PrincipalName.parse("user:mallory@evil.com");

  static final PrincipalName BYSTANDER = PrincipalName.parse("user:ben@acme.com");
  static final List<PrincipalName> GROUPS =
      names("group:team", "group:owners", "group:named", "group:inner");
  static final List<PrincipalName> LINKS = names("link:l0", "link:l1", "link:foreign");

  GrowthSetting {
    resources = List.copyOf(resources);
    unregistered = List.copyOf(unregistered);
    permissions = List.copyOf(permissions);
  }

  static GrowthSetting modelgate() {
    return new GrowthSetting(
        "modelgate",
        builtIn("modelgate"),
        List.of(
            "environments/prod",
            "environments/prod/models/fraud",
            "environments/prod/models/churn",
            "environments/prod/datasets/claims",
            "environments/prod/applications/report"),
        List.of("environments/prod/models/fraud/versions/3"),
        List.of("get", "predict", "update", "delete", "grants.write", "data.read", "create"));
  }

  /** Everything that a type layer can have. */
  static GrowthSetting typed() {
    return new GrowthSetting(
        "typed",
        // One kind that inherits nothing.
        resource("/dev/modelgate/grpc/typed.yaml")
            .replace("    links: true\n", "    links: true\n    inherits: false\n"),
        List.of(
            "environments/prod",
            "environments/prod/models/fraud",
            "environments/prod/models/churn",
            "environments/prod/datasets/claims",
            "environments/prod/tables/results",
            "environments/prod/applications/report"),
        List.of("environments/prod/models/fraud/versions/3"),
        List.of(
            "get",
            "predict",
            "delete",
            "transfer",
            "grants.write",
            "data.read",
            "launch",
            "rights.write",
            "publish"));
  }

  static GrowthSetting aiBuilder() {
    return new GrowthSetting(
        "ai-builder",
        builtIn("ai-builder"),
        List.of(
            "environments/prod",
            "environments/prod/models/fraud",
            "environments/prod/models/churn",
            "environments/prod/datasets/claims",
            "environments/prod/tables/results",
            "environments/prod/applications/report"),
        List.of("environments/prod/models/fraud/versions/3"),
        List.of("get_use", "predict", "delete", "share", "assign", "data.read", "write"));
  }

  static GrowthSetting dataRobot() {
    return new GrowthSetting(
        "datarobot",
        builtIn("datarobot"),
        List.of(
            "useCases/claims",
            "projects/claims",
            "datasets/claims",
            "deployments/fraud",
            "applications/report",
            "calendars/days"),
        List.of("projects/claims/models/m"),
        List.of("view", "predict", "share", "transfer", "delete", "use_data", "edit", "launch"));
  }

  static GrowthSetting google() {
    return new GrowthSetting(
        "google-ai-platform",
        builtIn("google-ai-platform"),
        List.of(
            "projects/p",
            "projects/p/models/fraud",
            "projects/p/models/churn",
            "projects/p/jobs/j"),
        List.of("projects/p/models/fraud/versions/3"),
        List.of(
            "ml.models.get",
            "ml.models.predict",
            "ml.versions.predict",
            "ml.models.setIamPolicy",
            "ml.models.delete",
            "ml.jobs.cancel"));
  }

  /** Everything that is watched: the organization, what is there, what needs not be. */
  List<ResourceName> watched() {
    List<ResourceName> all = new ArrayList<>(List.of(path("")));
    resources.forEach(path -> all.add(path(path)));
    unregistered.forEach(path -> all.add(path(path)));
    return all;
  }

  /** The resource at a path below the organization. */
  static ResourceName path(String path) {
    ResourceName root = ResourceName.ofOrganization(ID);
    return path.isEmpty() ? root : ResourceName.parse(root + "/" + path);
  }

  ProfileDocument document() {
    return ProfileDocument.parse(profile);
  }

  static List<PrincipalName> names(String... names) {
    return List.of(names).stream().map(PrincipalName::parse).toList();
  }

  private static String builtIn(String name) {
    return BuiltInProfiles.find(name).orElseThrow().text();
  }

  private static String resource(String name) {
    try (InputStream in = GrowthSetting.class.getResourceAsStream(name)) {
      return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
