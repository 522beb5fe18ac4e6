package dev.modelgate.bench;

import dev.modelgate.bench.peers.AbsentException;
import dev.modelgate.bench.peers.HotSet;
import dev.modelgate.bench.peers.PeerChannel;
import dev.modelgate.bench.peers.PeerProcess;
import dev.modelgate.bench.peers.Peers;
import dev.modelgate.v1.AuthorizationServiceGrpc;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.Decision;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The hot set asked of other decision points, each in rounds that alternate with those of the
 * sidecar, from the same load. The peer is the reference, so a ratio is the sidecar's figure over
 * the peer's. The threads that collect count here: a runtime of Go collects on those that answer.
 */
final class PeerCase implements Case {
  private static final int[] IN_FLIGHT = {64, 8, 1};
  private static final Target RATE = Target.ratio(8, 15);
  private static final Target CPU = Target.ratio(1.0 / 15, 1.0 / 30);

  private final String peer;

  /** Of the process of that name in {@link Peers}. */
  PeerCase(String peer) {
    this.peer = peer;
  }

  @Override
  public String name() {
    return peer.toLowerCase(Locale.ROOT);
  }

  @Override
  public String summary() {
    return "the hot pairs asked of " + peer + ", which it fetches; 64, 8 and 1 in flight";
  }

  @Override
  public Form form() {
    return Form.ALONE;
  }

  @Override
  public void run(Stage stage) throws IOException, InterruptedException {
    BenchServer server = stage.crowd();
    HotSet hot = answered(server);
    Path kept = stage.settings().out().resolveSibling("peers").toAbsolutePath();
    try (PeerProcess process = Peers.start(peer, kept, stage.directory(name()), hot)) {
      compare(stage, server, process);
    } catch (AbsentException e) {
      stage.add(Row.absent("against " + peer, e.why()));
    }
  }

  private void compare(Stage stage, BenchServer server, PeerProcess process) throws IOException {
    Path file = stage.directory(name()).resolve("questions");
    process.questions().write(file);
    long pid = process.handle().pid();
    List<ProcessHandle> processes = List.of(process.handle());
    Subject theirs =
        new Subject(
            process.target(),
            "",
            CallKinds.RAW + file,
            Questions.HOT,
            () -> ServerCpu.withCollector(pid),
            processes);
    Subject sidecar = server.subject(CallKinds.CHECK, Questions.HOT);
    Subject ours =
        new Subject(
            sidecar.target(),
            "",
            sidecar.calls(),
            sidecar.questions(),
            () -> ServerCpu.withCollector(ProcessHandle.current().pid()),
            processes);
    String row = "against " + peer + " " + process.version();
    for (int inFlight : IN_FLIGHT) {
      boolean bound = peer.equals(Peers.CERBOS) && inFlight == 64;
      Pairs pairs = stage.pairs(theirs, ours, inFlight);
      stage.add(pairs.row(row, Figure.RATE, bound ? RATE : Target.NONE));
      stage.add(pairs.row(row, Figure.CPU, bound ? CPU : Target.NONE));
      stage.add(pairs.row(row, Figure.P50, Target.NONE));
      stage.add(pairs.row(row, Figure.P99, Target.NONE));
    }
  }

  /** The hot pairs with the sidecar's own answers, which the peers have to give too. */
  static HotSet answered(BenchServer server) {
    try (PeerChannel to = new PeerChannel("unix:" + server.socket())) {
      var stub = AuthorizationServiceGrpc.newBlockingStub(to.channel());
      Questions questions = Questions.named(Questions.HOT);
      List<HotSet.Pair> pairs = new ArrayList<>();
      for (int i = 0; i < Crowd.HOT_USERS * Crowd.HOT_MODELS; i++) {
        CheckRequest asked = questions.next();
        boolean allowed = stub.check(asked).getDecision() == Decision.DECISION_ALLOW;
        pairs.add(new HotSet.Pair(asked.getPrincipal(), asked.getModel(), allowed));
      }
      return new HotSet(pairs);
    }
  }
}
