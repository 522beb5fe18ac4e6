package dev.modelgate.main;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * What is shipped for parties that no test can start: what its parts name of each other is there.
 */
final class DeployManifestTest {
  private static final Path DEPLOY = Path.of("..", "deploy");

  /** A place in a document. */
  private record At(Object value) {
    At at(String... keys) {
      Object found = value;
      for (String key : keys) {
        Object next =
            found instanceof List<?> list
                ? list.get(Integer.parseInt(key))
                : ((Map<?, ?>) found).get(key);
        assertTrue(next != null, () -> String.join(".", keys) + " of " + value);
        found = next;
      }
      return new At(found);
    }

    boolean has(String key) {
      return ((Map<?, ?>) value).containsKey(key);
    }

    String text() {
      return String.valueOf(value);
    }

    List<At> all() {
      return ((List<?>) value).stream().map(each -> new At(each)).toList();
    }
  }

  private static List<At> read(String file) throws IOException {
    List<At> documents = new ArrayList<>();
    new Load(LoadSettings.builder().build())
        .loadAllFromString(Files.readString(DEPLOY.resolve(file)))
        .forEach(document -> documents.add(new At(document)));
    return documents;
  }

  private static At ofKind(List<At> documents, String kind) {
    return documents.stream()
        .filter(document -> document.at("kind").text().equals(kind))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + kind));
  }

  private static Set<String> names(At list) {
    Set<String> names = new TreeSet<>();
    list.all().forEach(each -> names.add(each.at("name").text()));
    return names;
  }

  @Test
  void kubernetes_partsFindEachOther() throws IOException {
    List<At> documents = read("kubernetes/sidecar.yaml");
    At set = ofKind(documents, "StatefulSet").at("spec");
    At labels = set.at("template", "metadata", "labels");
    assertEquals(set.at("selector", "matchLabels"), labels);
    At pod = set.at("template", "spec");
    Set<String> volumes = names(pod.at("volumes"));
    set.at("volumeClaimTemplates")
        .all()
        .forEach(claim -> volumes.add(claim.at("metadata", "name").text()));
    Set<String> used = new TreeSet<>();
    for (At container : pod.at("containers").all()) {
      used.addAll(names(container.at("volumeMounts")));
      assertFalse(
          Boolean.parseBoolean(container.at("securityContext", "allowPrivilegeEscalation").text()));
    }
    assertEquals(volumes, used);
    At sidecar = pod.at("containers", "0");
    Set<String> ports = names(sidecar.at("ports"));
    for (String probe : List.of("startupProbe", "livenessProbe", "readinessProbe")) {
      assertTrue(ports.contains(sidecar.at(probe, "httpGet", "port").text()), probe);
    }
    assertTrue(ofKind(documents, "ConfigMap").at("data").has("protect.yaml"));
  }

  /** The two containers share the socket and its group, and nothing else. */
  @Test
  void kubernetes_modelServer_reachesTheSocket_andNoData() throws IOException {
    At pod = ofKind(read("kubernetes/sidecar.yaml"), "StatefulSet").at("spec", "template", "spec");
    At server = pod.at("containers", "1");
    assertEquals(Set.of("socket"), names(server.at("volumeMounts")));
    assertEquals(pod.at("securityContext", "fsGroup"), server.at("securityContext", "runAsGroup"));
  }

  @Test
  void istio_asksTheProviderThatItDefines() throws IOException {
    List<At> documents = read("istio/modelgate.yaml");
    At provider =
        ofKind(documents, "IstioOperator").at("spec", "meshConfig", "extensionProviders", "0");
    At policy = ofKind(documents, "AuthorizationPolicy").at("spec");
    assertEquals("CUSTOM", policy.at("action").text());
    assertEquals(provider.at("name"), policy.at("provider", "name"));
    assertEquals(new At(List.of(Map.of())), policy.at("rules"), "every request");
    At entry = ofKind(documents, "ServiceEntry").at("spec");
    At asked = provider.at("envoyExtAuthzGrpc");
    assertEquals(asked.at("service"), entry.at("hosts", "0"));
    assertEquals(asked.at("port"), entry.at("ports", "0", "number"));
    assertEquals(
        policy.at("selector"), ofKind(documents, "PeerAuthentication").at("spec", "selector"));
  }

  @Test
  void traefik_everyRouteAsksFirst() throws IOException {
    At http = read("traefik/dynamic.yaml").get(0).at("http");
    At entryPoints = read("traefik/traefik.yaml").get(0).at("entryPoints");
    for (Object name : ((Map<?, ?>) http.at("routers").value()).keySet()) {
      At router = http.at("routers", String.valueOf(name));
      List<String> before = router.at("middlewares").all().stream().map(At::text).toList();
      assertTrue(
          before.stream().anyMatch(each -> http.at("middlewares", each).has("forwardAuth")),
          router::text);
      http.at("services", router.at("service").text());
      router.at("entryPoints").all().forEach(each -> entryPoints.at(each.text()));
    }
    assertEquals(
        "false", http.at("middlewares", "modelgate", "forwardAuth", "trustForwardHeader").text());
  }
}
