package dev.modelgate.bench.peers;

import io.grpc.Channel;
import io.grpc.stub.ClientCalls;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * OpenFGA with its store in memory and its cache of checks on: it answers from the cache for ten
 * seconds, whatever is revoked meanwhile. One tuple for each grant, a relation without rewriting.
 */
final class OpenFga implements Peer {
  private static final String SERVICE = "openfga.v1.OpenFGAService/";

  /** As many tuples as one {@code Write} takes. */
  private static final int TUPLES = 100;

  private final int port;

  OpenFga(int port) {
    this.port = port;
  }

  @Override
  public String script() {
    return "openfga";
  }

  @Override
  public String target() {
    return "tcp:127.0.0.1:" + port;
  }

  @Override
  public List<String> command(Path executable) {
    return List.of(
        executable.toString(),
        "run",
        "--datastore-engine=memory",
        "--grpc-addr=127.0.0.1:" + port,
        "--http-enabled=false",
        "--playground-enabled=false",
        "--metrics-enabled=false",
        "--check-query-cache-enabled=true",
        "--check-query-cache-ttl=10s",
        "--log-level=error");
  }

  @Override
  public RawQuestions fill(Channel channel, HotSet hot) throws IOException {
    String store = Wire.text(call(channel, "CreateStore", new Wire().text(1, "bench")), 1);
    String model =
        Wire.text(call(channel, "WriteAuthorizationModel", authorizationModel(store)), 1);
    List<HotSet.Pair> grants = hot.allowed();
    for (int from = 0; from < grants.size(); from += TUPLES) {
      Wire tuples = new Wire();
      for (HotSet.Pair grant : grants.subList(from, Math.min(from + TUPLES, grants.size()))) {
        tuples.message(1, tuple(grant));
      }
      var unused =
          call(channel, "Write", new Wire().text(1, store).message(2, tuples).text(4, model));
    }
    List<byte[]> requests = new ArrayList<>();
    for (HotSet.Pair pair : hot.pairs()) {
      requests.add(new Wire().text(1, store).message(2, tuple(pair)).text(4, model).bytes());
    }
    return new RawQuestions(SERVICE + "Check", "", List.of(1), 1, requests);
  }

  private static Wire tuple(HotSet.Pair pair) {
    return new Wire().text(1, pair.user()).text(2, "predict").text(3, "model:" + pair.model());
  }

  /** {@code type user; type model relations define predict: [user]}. */
  private static Wire authorizationModel(String store) {
    Wire itself = new Wire().message(1, new Wire());
    Wire users = new Wire().message(1, new Wire().text(1, "user"));
    Wire model =
        new Wire()
            .text(1, "model")
            .message(2, new Wire().text(1, "predict").message(2, itself))
            .message(3, new Wire().message(1, new Wire().text(1, "predict").message(2, users)));
    return new Wire()
        .text(1, store)
        .message(2, new Wire().text(1, "user"))
        .message(2, model)
        .text(3, "1.1");
  }

  private static byte[] call(Channel channel, String method, Wire request) {
    return ClientCalls.blockingUnaryCall(
        channel,
        RawQuestions.unary(SERVICE + method),
        RawQuestions.options("").withWaitForReady(),
        request.bytes());
  }
}
