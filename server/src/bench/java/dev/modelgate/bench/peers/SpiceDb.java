package dev.modelgate.bench.peers;

import io.grpc.Channel;
import io.grpc.stub.ClientCalls;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * SpiceDB with its store in memory, asked with its default consistency: it answers from its caches
 * as of a revision that may be some seconds old. One relationship for each grant, on a unix socket.
 */
final class SpiceDb implements Peer {
  private static final String TOKEN = "bench";
  private static final String SCHEMA =
      """
      definition user {}
      definition model {
        relation predictor: user
        permission predict = predictor
      }
      """;
  private static final long TOUCH = 2;
  private static final long HAS_PERMISSION = 2;
  private static final int RELATIONSHIPS = 500;

  private final Path directory;

  SpiceDb(Path directory) {
    this.directory = directory;
  }

  @Override
  public String script() {
    return "spicedb";
  }

  @Override
  public String target() {
    return "unix:" + directory.resolve("spicedb.sock");
  }

  @Override
  public List<String> command(Path executable) {
    return List.of(
        executable.toString(),
        "serve",
        "--grpc-network=unix",
        "--grpc-addr=" + directory.resolve("spicedb.sock"),
        "--grpc-preshared-key=" + TOKEN,
        "--grpc-max-conn-age=24h",
        "--datastore-engine=memory",
        "--http-enabled=false",
        "--metrics-enabled=false",
        "--telemetry-endpoint=",
        "--skip-release-check",
        "--log-level=error");
  }

  @Override
  public RawQuestions fill(Channel channel, HotSet hot) {
    call(channel, "authzed.api.v1.SchemaService/WriteSchema", new Wire().text(1, SCHEMA));
    List<HotSet.Pair> grants = hot.allowed();
    for (int from = 0; from < grants.size(); from += RELATIONSHIPS) {
      Wire updates = new Wire();
      for (HotSet.Pair grant :
          grants.subList(from, Math.min(from + RELATIONSHIPS, grants.size()))) {
        Wire relationship =
            new Wire()
                .message(1, object("model", grant.model()))
                .text(2, "predictor")
                .message(3, new Wire().message(1, object("user", grant.user())));
        updates.message(1, new Wire().number(1, TOUCH).message(2, relationship));
      }
      call(channel, "authzed.api.v1.PermissionsService/WriteRelationships", updates);
    }
    List<byte[]> requests = new ArrayList<>();
    for (HotSet.Pair pair : hot.pairs()) {
      requests.add(
          new Wire()
              .message(2, object("model", pair.model()))
              .text(3, "predict")
              .message(4, new Wire().message(1, object("user", pair.user())))
              .bytes());
    }
    return new RawQuestions(
        "authzed.api.v1.PermissionsService/CheckPermission",
        TOKEN,
        List.of(2), // permissionship
        HAS_PERMISSION,
        requests);
  }

  /** {@code ObjectReference}; an identifier has no dot, colon or at sign there. */
  private static Wire object(String type, String name) {
    return new Wire().text(1, type).text(2, name.replaceAll("[.:@]", "_"));
  }

  private static void call(Channel channel, String method, Wire request) {
    var unused =
        ClientCalls.blockingUnaryCall(
            channel,
            RawQuestions.unary(method),
            RawQuestions.options(TOKEN).withWaitForReady(),
            request.bytes());
  }
}
