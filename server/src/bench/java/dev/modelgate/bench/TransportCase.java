package dev.modelgate.bench;

import dev.modelgate.app.check.CheckOptions;
import dev.modelgate.tls.TestAuthority;
import io.grpc.TlsServerCredentials;
import java.io.IOException;
import java.nio.file.Path;

/** The hot pairs over each of the ways to a server, beside the echo over the same way. */
final class TransportCase implements Case {
  @Override
  public String name() {
    return "transports";
  }

  @Override
  public String summary() {
    return "hot pairs over unix socket, TCP and TLS; 64 and 1 in flight";
  }

  @Override
  public Form form() {
    return Form.FULL;
  }

  @Override
  public void run(Stage stage) throws IOException {
    Path directory = stage.directory("tls");
    Path certificate = directory.resolve("server.pem");
    Path key = directory.resolve("server.key");
    Path authorityFile = directory.resolve("ca.pem");
    TestAuthority authority = TestAuthority.create("bench");
    authority.server("dns:localhost").write(certificate, key);
    Path unused = authority.write(authorityFile);
    try (BenchServer server =
        new BenchServer(
            directory,
            new Crowd(0),
            CheckOptions.DEFAULT,
            TlsServerCredentials.create(certificate.toFile(), key.toFile()))) {
      rows(stage, "TLS", server.overTls(authorityFile));
    }
    BenchServer crowd = stage.crowd();
    rows(stage, "TCP", crowd.overTcp());
    rows(stage, "unix socket", crowd.subject(CallKinds.CHECK, Questions.HOT));
    Subject socket = crowd.subject(CallKinds.CHECK, Questions.HOT);
    Pairs ways = stage.pairs(crowd.overTcp(), socket, 1);
    stage.add(ways.row("unix socket against TCP", Figure.P50, Target.NONE));
  }

  private static void rows(Stage stage, String way, Subject check) throws IOException {
    Pairs many = stage.pairs(check.echo(), check, 64);
    stage.add(many.row("hot over " + way, Figure.CPU, Target.NONE));
    stage.add(many.row("hot over " + way, Figure.RATE, Target.NONE));
    Pairs one = stage.pairs(check.echo(), check, 1);
    stage.add(one.row("hot over " + way, Figure.P50, Target.NONE));
  }
}
