package dev.modelgate.main;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.v1.AdminServiceGrpc;
import dev.modelgate.v1.AuthorizationServiceGrpc;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.CheckResponse;
import dev.modelgate.v1.CreateOrganizationRequest;
import dev.modelgate.v1.Decision;
import dev.modelgate.v1.ListPrincipalsRequest;
import dev.modelgate.v1.PutPrincipalRequest;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A stop while calls come in: what was taken is answered, what is acknowledged is kept. */
final class StopIT {
  private static final int CHECKERS = 4;

  @TempDir Path directory;

  private final AtomicInteger checks = new AtomicInteger();
  private final Queue<String> acknowledged = new ConcurrentLinkedQueue<>();
  private final Queue<Status> failures = new ConcurrentLinkedQueue<>();
  private volatile boolean over;

  @Test
  void stop_underLoad_drainsAndKeepsWhatWasAcknowledged() throws Exception {
    Path data = directory.resolve("data");
    try (JarProcess jar = JarProcess.serve(List.of(), data, "--drain-seconds", "5")) {
      ManagedChannel checking = channel(jar.port("data"));
      ManagedChannel administering = channel(jar.port("admin"));
      admin(administering, data)
          .createOrganization(
              CreateOrganizationRequest.newBuilder().setOrganizationId("acme").build());
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < CHECKERS; i++) {
        threads.add(new Thread(() -> check(checking)));
      }
      threads.add(new Thread(() -> change(admin(administering, data))));
      threads.forEach(Thread::start);
      awaitAtLeast(2_000, 50);
      long begin = System.nanoTime();
      jar.stop();
      String said = jar.rest();
      assertTrue(jar.process().waitFor(30, TimeUnit.SECONDS), said);
      long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begin);
      assertTrue(seconds < 15, "stopping took " + seconds + " s");
      assertEquals(143, jar.process().exitValue(), said); // 128 + SIGTERM, as for any process.
      assertFalse(said.contains("ERROR"), said);
      over = true;
      for (Thread thread : threads) {
        thread.join(TimeUnit.SECONDS.toMillis(20));
      }
      checking.shutdownNow();
      administering.shutdownNow();
    }
    for (Status failure : failures) {
      assertEquals(Status.Code.UNAVAILABLE, failure.getCode(), failure::toString);
    }
    assertAllThere(data);
  }

  private void assertAllThere(Path data) throws IOException {
    try (JarProcess again = JarProcess.serve(List.of(), data)) {
      ManagedChannel administering = channel(again.port("admin"));
      List<String> there = new ArrayList<>();
      String page = "";
      do {
        var listed =
            admin(administering, data)
                .listPrincipals(
                    ListPrincipalsRequest.newBuilder()
                        .setOrganization("organizations/acme")
                        .setPageSize(1_000)
                        .setPageToken(page)
                        .build());
        listed.getPrincipalsList().forEach(principal -> there.add(principal.getPrincipal()));
        page = listed.getNextPageToken();
      } while (!page.isEmpty());
      assertTrue(there.containsAll(acknowledged), "an acknowledged change is lost");
      System.out.printf(
          "stop under load: %d checks, %d changes, %d refused%n",
          checks.get(), acknowledged.size(), failures.size());
      administering.shutdownNow();
    }
  }

  private void check(ManagedChannel channel) {
    var stub = AuthorizationServiceGrpc.newBlockingStub(channel);
    CheckRequest question =
        CheckRequest.newBuilder()
            .setPrincipal("user:ana@acme.com")
            .setModel("organizations/acme/models/none")
            .setAction("predict")
            .build();
    while (!over) {
      try {
        CheckResponse answer = stub.check(question);
        assertEquals(Decision.DECISION_DENY, answer.getDecision());
        checks.incrementAndGet();
      } catch (StatusRuntimeException e) {
        failures.add(e.getStatus());
        return;
      }
    }
  }

  private void change(AdminServiceGrpc.AdminServiceBlockingStub admin) {
    for (int i = 0; !over; i++) {
      String name = "user:n" + i + "@acme.com";
      try {
        var unused =
            admin.putPrincipal(
                PutPrincipalRequest.newBuilder()
                    .setOrganization("organizations/acme")
                    .setPrincipal(name)
                    .build());
        acknowledged.add(name);
      } catch (StatusRuntimeException e) {
        failures.add(e.getStatus());
        return;
      }
    }
  }

  private void awaitAtLeast(int checksSeen, int changesSeen) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while ((checks.get() < checksSeen || acknowledged.size() < changesSeen)
        && System.nanoTime() < end) {
      TimeUnit.MILLISECONDS.sleep(5);
    }
    assertTrue(checks.get() >= checksSeen && acknowledged.size() >= changesSeen, "no load");
  }

  static AdminServiceGrpc.AdminServiceBlockingStub admin(ManagedChannel channel, Path data) {
    Metadata headers = new Metadata();
    try {
      headers.put(
          Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER),
          "Bearer " + Files.readString(data.resolve("admin.token")).strip());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return AdminServiceGrpc.newBlockingStub(channel)
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  static ManagedChannel channel(int port) {
    return NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
  }
}
