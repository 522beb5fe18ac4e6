package dev.modelgate.grpc;

import com.google.common.util.concurrent.ListenableFuture;
import dev.modelgate.v1.AdminServiceGrpc;
import dev.modelgate.v1.AdminServiceGrpc.AdminServiceBlockingStub;
import dev.modelgate.v1.AuthorizationServiceGrpc;
import dev.modelgate.v1.AuthorizationServiceGrpc.AuthorizationServiceFutureStub;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.GetResourceRequest;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * What asks an {@link OverloadedServer}, in a process of its own: a while at ease, then one
 * caller's misses at three times what it does, with the hits of another caller and an administrator
 * beside. Says what it measured in one line.
 */
final class OverloadLoad {
  private static final double CAPACITY =
      OverloadedServer.MISS_THREADS * 1_000.0 / OverloadedServer.MISS_MS;
  private static final int OVERLOAD = 3;
  private static final int EASE_CHECKS = 30;
  private static final int WARM_SECONDS = 3;
  private static final int SECONDS = 8;
  private static final long DEADLINE_SECONDS = 30;

  private final ManagedChannel storming;
  private final ManagedChannel calm;
  private final ManagedChannel administering;
  private int asked;

  private OverloadLoad(int dataPort, int adminPort) {
    storming = channel(dataPort);
    calm = channel(dataPort);
    administering = channel(adminPort);
  }

  /** Asks; the ports are the arguments. */
  @SuppressWarnings("SystemOut") // It is what the other process reads.
  public static void main(String[] arguments) throws InterruptedException {
    OverloadLoad load =
        new OverloadLoad(Integer.parseInt(arguments[0]), Integer.parseInt(arguments[1]));
    System.out.println(load.run());
    System.exit(0);
  }

  private String run() throws InterruptedException {
    List<Long> hitsAtEase = new ArrayList<>();
    List<Long> missesAtEase = new ArrayList<>();
    List<Long> administrationAtEase = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      hitsAtEase.add(hit());
      administrationAtEase.add(administer());
    }
    hitsAtEase.subList(0, 150).clear(); // Cold code.
    administrationAtEase.subList(0, 150).clear();
    for (int i = 0; i < EASE_CHECKS; i++) {
      missesAtEase.add(blocking(storming, "user:ease" + i + "@acme.com"));
    }
    Storm storm = new Storm();
    Thread thread = new Thread(storm);
    thread.start();
    List<Long> hits = new ArrayList<>();
    List<Long> administration = new ArrayList<>();
    storm.warm.await();
    while (thread.isAlive()) {
      hits.add(hit());
      if (hits.size() % 10 == 0) {
        administration.add(administer());
      }
      LockSupport.parkNanos(5_000_000);
    }
    storm.done.await();
    return String.format(
        Locale.ROOT,
        "missAtEase %.1f %.1f accepted %.1f %d refused %d other %d hitAtEase %.1f %.1f hit %.1f %d"
            + " adminAtEase %.1f admin %.1f %d",
        percentile(missesAtEase, 50),
        percentile(missesAtEase, 99),
        percentile(storm.accepted, 99),
        storm.accepted.size(),
        storm.refused.get(),
        storm.failed.get(),
        percentile(hitsAtEase, 50),
        percentile(hitsAtEase, 99),
        percentile(hits, 99),
        hits.size(),
        percentile(administrationAtEase, 95),
        percentile(administration, 95),
        administration.size());
  }

  /** Misses of one connection, each when its time has come, whatever became of those before. */
  private final class Storm implements Runnable {
    private final CountDownLatch warm = new CountDownLatch(1);
    private final CountDownLatch done = new CountDownLatch(1);
    private final List<Long> accepted = new ArrayList<>();
    private final AtomicInteger refused = new AtomicInteger();
    private final AtomicInteger failed = new AtomicInteger();
    private final AtomicInteger open = new AtomicInteger(1);

    @Override
    public void run() {
      AuthorizationServiceFutureStub stub = AuthorizationServiceGrpc.newFutureStub(storming);
      long begin = System.nanoTime();
      long count = (long) (CAPACITY * OVERLOAD * (WARM_SECONDS + SECONDS));
      long warming = (long) (CAPACITY * OVERLOAD * WARM_SECONDS);
      for (long i = 0; i < count; i++) {
        long due = begin + (long) (i * 1e9 / (CAPACITY * OVERLOAD));
        for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
          LockSupport.parkNanos(left);
        }
        boolean counts = i >= warming;
        if (i == warming) {
          warm.countDown();
        }
        open.incrementAndGet();
        var check =
            stub.withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
                .check(question("user:storm" + i + "@acme.com"));
        check.addListener(() -> ended(check, due, counts), Runnable::run);
      }
      end();
    }

    private void ended(ListenableFuture<?> check, long due, boolean counts) {
      long now = System.nanoTime();
      try {
        check.get();
        synchronized (accepted) {
          if (counts) {
            accepted.add(now - due);
          }
        }
      } catch (Exception e) {
        boolean shed = Status.fromThrowable(e).getCode() == Status.Code.RESOURCE_EXHAUSTED;
        (shed ? refused : failed).incrementAndGet();
      }
      end();
    }

    private void end() {
      if (open.decrementAndGet() == 0) {
        done.countDown();
      }
    }
  }

  private long hit() {
    return blocking(calm, AdminPlane.ANA);
  }

  private long blocking(ManagedChannel channel, String principal) {
    long begin = System.nanoTime();
    asked++;
    if (!AuthorizationServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
        .check(question(principal))
        .isInitialized()) {
      throw new IllegalStateException("check " + asked);
    }
    return System.nanoTime() - begin;
  }

  private long administer() {
    Metadata headers = new Metadata();
    headers.put(Authentication.AUTHORIZATION, "Bearer one");
    AdminServiceBlockingStub admin =
        AdminServiceGrpc.newBlockingStub(administering)
            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
            .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
    long begin = System.nanoTime();
    if (admin
        .getResource(GetResourceRequest.newBuilder().setName(AdminPlane.FRAUD).build())
        .getResource()
        .getName()
        .isEmpty()) {
      throw new IllegalStateException("no resource");
    }
    return System.nanoTime() - begin;
  }

  private static CheckRequest question(String principal) {
    return CheckRequest.newBuilder()
        .setPrincipal(principal)
        .setModel(AdminPlane.FRAUD)
        .setAction("predict")
        .build();
  }

  private static ManagedChannel channel(int port) {
    return NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
  }

  /** In milliseconds; the largest of few. */
  private static double percentile(List<Long> nanos, int percent) {
    List<Long> sorted = nanos.stream().sorted().toList();
    int at = (int) Math.ceil(sorted.size() * percent / 100.0) - 1;
    return sorted.isEmpty() ? Double.NaN : sorted.get(Math.max(0, at)) / 1e6;
  }
}
