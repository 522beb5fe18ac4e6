package dev.modelgate.bench.peers;

import io.grpc.Channel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Cerbos: policies in files, facts in the request. It keeps no grants, so who may use a model comes
 * with the question, as the attribute {@code allowed}. {@code CheckResources} with one resource, on
 * a unix socket.
 */
final class Cerbos implements Peer {
  private static final long EFFECT_ALLOW = 1;
  private static final String POLICY =
      """
      apiVersion: api.cerbos.dev/v1
      resourcePolicy:
        version: default
        resource: model
        rules:
          - actions: [predict]
            effect: EFFECT_ALLOW
            roles: [user]
            condition:
              match:
                expr: P.id in R.attr.allowed
      """;
  private static final String CONFIGURATION =
      """
      server:
        grpcListenAddr: "unix:%1$s/cerbos.sock"
        httpListenAddr: "127.0.0.1:0"
      storage:
        driver: disk
        disk:
          directory: "%1$s/policies"
          watchForChanges: false
      audit:
        enabled: false
      telemetry:
        disabled: true
      """;

  private final Path directory;

  Cerbos(Path directory) {
    this.directory = directory;
  }

  @Override
  public String script() {
    return "cerbos";
  }

  @Override
  public String target() {
    return "unix:" + directory.resolve("cerbos.sock");
  }

  @Override
  public List<String> command(Path executable) throws IOException {
    Path policies = Files.createDirectories(directory.resolve("policies"));
    Files.writeString(policies.resolve("model.yaml"), POLICY);
    Path configuration = directory.resolve("cerbos.yaml");
    Files.writeString(configuration, CONFIGURATION.formatted(directory));
    return List.of(
        executable.toString(), "server", "--config=" + configuration, "--log-level=error");
  }

  @Override
  public RawQuestions fill(Channel channel, HotSet hot) {
    List<byte[]> requests = new ArrayList<>();
    List<HotSet.Pair> pairs = hot.pairs();
    for (int i = 0; i < pairs.size(); i++) {
      requests.add(question(pairs.get(i), i).bytes());
    }
    return new RawQuestions(
        "cerbos.svc.v1.CerbosService/CheckResources",
        "",
        List.of(2, 2, 2), // results[0].actions[0].value
        EFFECT_ALLOW,
        requests);
  }

  /** {@code CheckResourcesRequest}: 3 principal, 4 resources. */
  private static Wire question(HotSet.Pair pair, int number) {
    Wire principal = new Wire().text(1, pair.user()).text(3, "user");
    Wire users = new Wire();
    for (String user : pair.listed(number)) {
      users.message(1, new Wire().text(3, user));
    }
    Wire attribute =
        new Wire()
            .text(1, "allowed")
            .message(2, new Wire().message(6, users)); // google.protobuf.Value
    Wire resource = new Wire().text(1, "model").text(3, pair.model()).message(4, attribute);
    return new Wire()
        .message(3, principal)
        .message(4, new Wire().text(1, "predict").message(2, resource));
  }
}
